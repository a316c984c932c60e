"""`kairo brand learning`: what was learned for a brand, and how often its predictions came true."""

from __future__ import annotations

from typing import Annotated

import typer

from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands import queries as brands
from kairo.stages.learning import queries
from kairo.stages.learning.contracts import BrandLearningDTO, CalibrationDTO


def learning_command(
    brand: Annotated[str, typer.Argument(help="The brand's slug.")],
    tenant: Annotated[str | None, typer.Option("--tenant", help="Whose brand, where the slug is not unique.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Show what decisions and audiences have taught about a brand, and how often its predictions came true."""
    at = now()
    with database():
        tenant_id, brand_id = brands.locate_brand(brand, tenant_slug=tenant)
        with tenant_transaction(tenant_id):
            summary = queries.learning_summary(brand_id, at=at)
            calibration = queries.calibration(brand_id, at=at)
    if as_json:
        print_json({"learning": summary.model_dump(mode="json"), "calibration": calibration.model_dump(mode="json")})
        return
    _print(summary, calibration)


def _print(summary: BrandLearningDTO, calibration: CalibrationDTO) -> None:
    for note in summary.notes:
        typer.echo(note)
    if summary.effects:
        print_table(
            ["what", "name", "effect", "acceptance", "decisions", "outcome", "variants' weight"],
            [
                (
                    effect.dimension,
                    effect.name,
                    f"{effect.effect:+.2f}",
                    f"{effect.acceptance:+.2f} ± {effect.acceptance_sd:.2f}",
                    f"{effect.decisions:.1f}",
                    f"{effect.outcome:+.2f} ± {effect.outcome_sd:.2f}",
                    f"{effect.outcomes:.1f}",
                )
                for effect in summary.effects
            ],
        )
    if summary.replay is not None:
        replay = summary.replay
        typer.echo(
            f"Replayed {replay.boards} boards: {replay.acceptance_with:.0%} of the first five accepted with learning,"
            f" {replay.acceptance_without:.0%} without."
        )
    typer.echo(calibration.says)
