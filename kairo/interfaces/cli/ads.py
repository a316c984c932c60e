"""`kairo ads changes|propose|approve|reject|rollback|history|kill-switch|safety|run-due`: changes from the terminal."""

from __future__ import annotations

import json
import os
import socket
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from kairo.errors import Invalid
from kairo.interfaces.cli.attribution import ads_app
from kairo.interfaces.cli.installation import database
from kairo.interfaces.cli.output import print_json, print_table
from kairo.platform.database.clock import now
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.lookups import tenant_by_slug
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts.changes import (
    AdChangeDTO,
    AdSafetySettings,
    ChangeDraft,
    ChangeSource,
    ChangeStatus,
    ChangeType,
    KillSwitchInput,
    NewAdsDraft,
    ProposedChanges,
)
from kairo.stages.ads.contracts.platforms import EntityType

__all__ = ["ads_app"]

Tenant = Annotated[str, typer.Option("--tenant", help="The account's slug.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Change = Annotated[UUID, typer.Argument(help="The id of the change, as `kairo ads changes` shows it.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it stands in the history.")]
Limit = Annotated[int, typer.Option(min=1, max=1_000, help="How many of the newest.")]

# Who can run this command has the database in hand, which is more than any role.
ROLE = Role.OWNER


@ads_app.command("changes", epilog="Example: kairo ads changes --tenant acme --status pending")
def changes_command(
    tenant: Tenant,
    status: Annotated[list[ChangeStatus] | None, typer.Option(help="Only these; may be given often.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List changes of ads, the newest first."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        found = queries.changes(statuses=status or [], limit=limit)
    print_json(found) if as_json else _print_changes(found)


@ads_app.command(
    "propose", epilog="Example: kairo ads propose --tenant acme --ad-set 238 --budget 120.00 --reason ROAS"
)
def propose_command(
    tenant: Tenant,
    reason: Why,
    campaign: Annotated[str | None, typer.Option(help="Of this campaign.")] = None,
    ad_set: Annotated[str | None, typer.Option(help="Of this ad set.")] = None,
    ad: Annotated[str | None, typer.Option(help="Of this ad.")] = None,
    budget: Annotated[str | None, typer.Option(help="The daily budget to set, in the main unit: 120.00.")] = None,
    bid: Annotated[str | None, typer.Option(help="The bid to set, in the main unit.")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Pause it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Let it run.")] = False,
    variant: Annotated[
        list[UUID] | None,
        typer.Option(help="Make a paused ad of this approved variant in --ad-set; may be given often."),
    ] = None,
    link_url: Annotated[str | None, typer.Option(help="Where new ads lead.")] = None,
    key: Annotated[str | None, typer.Option("--idempotency-key", help="The same key is the same change.")] = None,
    as_json: Json = False,
) -> None:
    """Propose a change, or new ads of approved variants; `kairo ads approve` lets it go."""
    entity_type, entity_id = _entity(campaign, ad_set, ad)
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        if variant:
            proposed = _new_ads(variant, ad_set=ad_set, link_url=link_url, reason=reason)
        else:
            change_type, amount = _wanted(budget=budget, bid=bid, pause=pause, resume=resume)
            draft = _draft(
                ad_entity_type=entity_type,
                ad_entity_id=entity_id,
                change_type=change_type,
                requested_value=None if amount is None else _minor(amount, entity_type, entity_id),
                reason=reason,
                idempotency_key=key,
            )
            change, _ = operations.propose_change(draft=draft, source=ChangeSource.PERSON, by=_me(), at=now())
            proposed = ProposedChanges(changes=[change])
    if as_json:
        print_json(proposed)
        return
    _print_changes(proposed.changes)
    for one in proposed.left_out:
        typer.echo(f"Left out {one.id}: {one.message}")


@ads_app.command("approve", epilog="Example: kairo ads approve 0198… --tenant acme")
def approve_command(change: Change, tenant: Tenant, as_json: Json = False) -> None:
    """Approve a change: it is carried out as soon as all checks let it."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        approved = operations.approve_change(change_id=change, by=_me(), role=ROLE, at=now())
    print_json(approved) if as_json else _print_changes([approved])


@ads_app.command("reject", epilog="Example: kairo ads reject 0198… --tenant acme --reason 'Not this week'")
def reject_command(change: Change, tenant: Tenant, reason: Why = "rejected", as_json: Json = False) -> None:
    """Reject a change that nobody has begun to carry out."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        rejected = operations.reject_change(change_id=change, reason=reason, by=_me(), role=ROLE, at=now())
    print_json(rejected) if as_json else _print_changes([rejected])


@ads_app.command("rollback", epilog="Example: kairo ads rollback 0198… --tenant acme")
def rollback_command(change: Change, tenant: Tenant, reason: Why = "rolled back", as_json: Json = False) -> None:
    """Take a change back: a new change restores just what was there, and goes through the checks like any other."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        undo = operations.roll_back_change(change_id=change, reason=reason, by=_me(), role=ROLE, at=now())
    print_json(undo) if as_json else _print_changes([undo])


@ads_app.command("history", epilog="Example: kairo ads history --tenant acme --change 0198… --json")
def history_command(
    tenant: Tenant,
    change: Annotated[UUID | None, typer.Option(help="Of this change alone.")] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """Show what has happened to changes, the newest first; with --json each with its checks and their numbers."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        lines = queries.change_history(change_id=change, limit=limit)
    if as_json:
        print_json(lines)
        return
    print_table(
        ["at", "event", "entity", "before", "after", "who", "why"],
        [
            (
                f"{line.at:%Y-%m-%d %H:%M:%S}", line.event, line.ad_entity_id or "-", line.before_text or "-",
                line.after_text or "-", line.who, line.why,
            )
            for line in lines
        ],
    )  # fmt: skip


@ads_app.command("kill-switch", epilog="Example: kairo ads kill-switch on --tenant acme --reason 'The site is down'")
def kill_switch_command(
    tenant: Tenant,
    to: Annotated[str, typer.Argument(help="on, off, or nothing to see how it stands.")] = "",
    reason: Why = "",
    as_json: Json = False,
) -> None:
    """Stop all changes of ads of an account, or let them go on."""
    if to not in ("", "on", "off"):
        raise Invalid("Say on or off, or nothing to see how the switch stands.")
    if to == "on" and not reason.strip():
        raise Invalid("Say with --reason why everything is to stop.")
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        if to:
            order = KillSwitchInput(on=to == "on", reason=reason)
            operations.turn_kill_switch(order=order, by=_me(), role=ROLE, at=now())
        stands = queries.kill_switch()
    if as_json:
        print_json(stands)
        return
    typer.echo(f"The kill switch is on: {stands.reason}" if stands.on else "The kill switch is off.")


@ads_app.command("safety", epilog="Example: kairo ads safety --tenant acme --set execution=true")
def safety_command(
    tenant: Tenant,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE, the value as JSON; may be given often.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show within which bounds ads are changed, or set some of them."""
    with database(), tenant_transaction(tenant_by_slug(tenant).id):
        settings = queries.safety_settings()
        if setting:
            settings = operations.set_safety_settings(settings=_with(settings, setting), by=_me(), role=ROLE, at=now())
    if as_json:
        print_json(settings)
        return
    print_table(["setting", "value"], sorted(settings.model_dump(mode="json").items()))


@ads_app.command("run-due", epilog="Example: kairo ads run-due --tenant acme")
def run_due_command(
    tenant: Tenant,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="Carry out at most so many.")] = 500,
    as_json: Json = False,
) -> None:
    """Carry out what is due now, as a worker does every minute; a dry run until `execution` is turned on."""
    with database():
        worker = f"cli:{socket.gethostname()}:{os.getpid()}"
        report = operations.run_due(tenant_id=tenant_by_slug(tenant).id, worker=worker, most=most)
    if as_json:
        print_json(report)
        return
    typer.echo(", ".join(f"{count} {event}" for event, count in sorted(report.counts.items())) or "Nothing is due.")


def _me() -> str:
    return f"cli:{os.environ.get('USER') or os.getuid()}"


def _entity(campaign: str | None, ad_set: str | None, ad: str | None) -> tuple[EntityType, str]:
    named = [
        (kind, one)
        for kind, one in ((EntityType.CAMPAIGN, campaign), (EntityType.AD_SET, ad_set), (EntityType.AD, ad))
        if one
    ]
    if len(named) != 1:
        raise Invalid("Name one of --campaign, --ad-set and --ad.")
    return named[0]


def _wanted(*, budget: str | None, bid: str | None, pause: bool, resume: bool) -> tuple[ChangeType, str | None]:
    ways = [
        (change_type, amount)
        for change_type, amount, is_meant in (
            (ChangeType.BUDGET, budget, budget is not None),
            (ChangeType.BID, bid, bid is not None),
            (ChangeType.PAUSE, None, pause),
            (ChangeType.RESUME, None, resume),
        )
        if is_meant
    ]
    if len(ways) != 1:
        raise Invalid("Say one of --budget, --bid, --pause, --resume and --variant.")
    return ways[0]


def _minor(amount: str, entity_type: EntityType, entity_id: str) -> int:
    try:
        value = Decimal(amount)
    except InvalidOperation as error:
        raise Invalid(f"{amount!r} is no amount: write 120.00.") from error
    return queries.in_minor_units(amount=value, ad_entity_type=entity_type, ad_entity_id=entity_id)


def _draft(**values: object) -> ChangeDraft:
    try:
        return ChangeDraft.model_validate(values)
    except ValidationError as error:
        raise Invalid("; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())) from error


def _new_ads(variants: list[UUID], *, ad_set: str | None, link_url: str | None, reason: str) -> ProposedChanges:
    if ad_set is None or link_url is None:
        raise Invalid("New ads need --ad-set and --link-url.")
    try:
        draft = NewAdsDraft(variant_ids=variants, ad_set_id=ad_set, link_url=link_url, reason=reason)
    except ValidationError as error:
        raise Invalid("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())) from error
    return operations.propose_ads(draft=draft, source=ChangeSource.PERSON, by=_me(), at=now())


def _with(settings: AdSafetySettings, given: list[str]) -> AdSafetySettings:
    values = settings.model_dump(mode="json")
    for one in given:
        name, sign, text = one.partition("=")
        if not sign or name not in values:
            raise Invalid(f"--set takes NAME=VALUE; the names are {', '.join(sorted(values))}.")
        try:
            values[name] = json.loads(text)
        except ValueError as error:
            raise Invalid(f"The value of {name} is no JSON: write {name}=true, {name}=12.5 or {name}=null.") from error
    try:
        return AdSafetySettings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid(f"{'.'.join(map(str, first['loc'])) or 'settings'}: {first['msg']}") from error


def _print_changes(changes: list[AdChangeDTO]) -> None:
    print_table(
        ["id", "status", "entity", "change", "from", "to", "due", "says"],
        [
            (
                one.id, one.status, f"{one.ad_entity_type} {one.ad_entity_id}", one.change_type,
                one.current_text or "-", one.requested_text or "-", _due(one), one.says or one.reason,
            )
            for one in changes
        ],
    )  # fmt: skip


def _due(change: AdChangeDTO) -> str:
    if change.not_before is None or change.status is not ChangeStatus.APPROVED:
        return "-"
    seconds = max(change.not_before - now(), timedelta(0)).total_seconds()
    return f"in {seconds:.0f} s"
