"""`kairo models promote|rollback`, and the learned part of `kairo models list`: the registry of what was learned."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.lookups import tenant_by_slug
from kairo.stages.learning import operations, queries
from kairo.stages.learning.contracts import LearnedModelDTO, ModelKind
from kairo.stages.learning.contracts.registry import ModelSummary

OPERATOR = "operator"

Tenant = Annotated[str, typer.Option("--tenant", help="The account's slug.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for whoever asks later.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def learned_models(tenant: str, kind: ModelKind | None = None) -> list[ModelSummary]:
    """Return the newest versions of what was learned for an account."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        return queries.registered_models(kind=kind, limit=200)


def print_learned(found: list[ModelSummary]) -> None:
    """Print versions as a table."""
    if not found:
        typer.echo("Nothing was learned yet for this account.")
        return
    lines = [
        (
            str(one.id),
            one.kind.value,
            one.subject or (f"brand {one.brand_id}" if one.brand_id else "account"),
            one.version,
            one.status.value,
            f"{one.created_at:%Y-%m-%d %H:%M}",
            one.comparison.says if one.comparison else "",
        )
        for one in found
    ]
    print_table(["id", "kind", "of", "version", "status", "learned", "compared"], lines)


def learn_command(tenant: Tenant, as_json: Json = False) -> None:
    """Learn delay curves and the trend baseline where they are due, as is done each midnight."""
    with database():
        tenant_id, at = tenant_by_slug(tenant).id, now()
        with tenant_transaction(tenant_id):
            curves = operations.learn_delay_curves(at=at)
            baseline = operations.learn_trend_baseline(at=at)
    if as_json:
        print_json({"delay_curves": curves, "trend_baseline": baseline})
    else:
        typer.echo(f"Newly in use: {curves} delay curves, {int(baseline)} trend baselines. See models list --learned.")


def promote_command(
    model: Annotated[UUID, typer.Argument(help="The challenger, by the id that `kairo models list --learned` shows.")],
    tenant: Tenant,
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Put a challenger in use that has beaten the champion on the same held-out examples."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        moved = operations.promote_model(model_id=model, by=OPERATOR, reason=reason, at=now())
    _print_moved(moved, as_json=as_json)


def rollback_command(
    model: Annotated[UUID, typer.Argument(help="The champion to leave, or the earlier champion to go back to.")],
    tenant: Tenant,
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Go back to the version that was in use before."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        moved = operations.roll_back_model(model_id=model, by=OPERATOR, reason=reason, at=now())
    _print_moved(moved, as_json=as_json)


def _print_moved(moved: LearnedModelDTO, *, as_json: bool) -> None:
    if as_json:
        print_json(moved)
    else:
        typer.echo(f"In use: {moved.kind.value} version {moved.version} ({moved.id}).")
