"""Changes of ads over HTTP: wanted, approved, taken back; their history, their bounds and the kill switch."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Query, Router, Status
from pydantic import BaseModel, Discriminator, Tag

from kairo.interfaces.api.actors import actor, role_of
from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.interfaces.api.paging import Limit, Page
from kairo.platform.database.clock import now
from kairo.stages.ads import operations, queries
from kairo.stages.ads.contracts.changes import (
    AdChangeDTO,
    AdSafetySettings,
    ChangeBatch,
    ChangeDraft,
    ChangeHistoryDTO,
    ChangeSource,
    ChangeStatus,
    KillSwitchDTO,
    KillSwitchInput,
    NewAdsDraft,
    ProposedChanges,
    RejectInput,
    RollbackInput,
)

router = Router(tags=["ads"])


def _kind(sent: object) -> str:
    """Tell by its members which of the three ways of proposing is meant, so that mistakes in that one are named."""
    members = sent if isinstance(sent, dict) else dict(sent) if isinstance(sent, BaseModel) else {}
    return "batch" if "changes" in members else "new_ads" if "variant_ids" in members else "change"


Proposal = Annotated[
    Annotated[ChangeBatch, Tag("batch")]
    | Annotated[NewAdsDraft, Tag("new_ads")]
    | Annotated[ChangeDraft, Tag("change")],
    Discriminator(_kind),
]
Statuses = Annotated[list[ChangeStatus], Query(max_length=len(ChangeStatus))]
EntityId = Annotated[str | None, Query(min_length=1, max_length=200)]


@router.get("/ads/changes", response={200: Page[AdChangeDTO], **PROBLEMS})
def list_changes(
    request: HttpRequest,
    status: Statuses = [],  # noqa: B006
    ad_entity_id: EntityId = None,
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> Page[AdChangeDTO]:
    """List changes of ads, the newest first; `status` may be given often."""
    entities = [] if ad_entity_id is None else [ad_entity_id]
    found = queries.changes(statuses=status, ad_entity_ids=entities, before=cursor, limit=limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=following)


@router.post(
    "/ads/changes",
    response={200: AdChangeDTO | ProposedChanges, 201: AdChangeDTO, 404: Problem, 409: Problem, **PROBLEMS},
)
def propose_changes(
    request: HttpRequest, body: Annotated[Proposal, Body()]
) -> Status[AdChangeDTO] | Status[ProposedChanges]:
    """Propose a change, up to 500 under `changes`, or new ads from approved variants under `variant_ids`.

    The same idempotency key gives the change that was proposed first.
    """
    by, source, at = actor(request), ChangeSource.PERSON, now()
    if isinstance(body, ChangeBatch):
        return Status(200, operations.propose_changes(drafts=body.changes, source=source, by=by, at=at))
    if isinstance(body, NewAdsDraft):
        return Status(200, operations.propose_ads(draft=body, source=source, by=by, at=at))
    change, created = operations.propose_change(draft=body, source=source, by=by, at=at)
    return Status(201 if created else 200, change)


@router.get("/ads/changes/{change_id}", response={200: AdChangeDTO, **PROBLEMS})
def get_change(request: HttpRequest, change_id: UUID) -> AdChangeDTO:
    """Return a change of an ad."""
    return queries.change(change_id)


@router.post("/ads/changes/{change_id}/approve", response={200: AdChangeDTO, 409: Problem, **PROBLEMS})
def approve_change(request: HttpRequest, change_id: UUID) -> AdChangeDTO:
    """Approve a change: it is carried out as soon as all checks let it."""
    return operations.approve_change(change_id=change_id, by=actor(request), role=role_of(request), at=now())


@router.post("/ads/changes/{change_id}/reject", response={200: AdChangeDTO, 409: Problem, **PROBLEMS})
def reject_change(
    request: HttpRequest, change_id: UUID, body: Annotated[RejectInput | None, Body()] = None
) -> AdChangeDTO:
    """Reject a change that nobody has begun to carry out."""
    reason = (body or RejectInput()).reason
    return operations.reject_change(
        change_id=change_id, reason=reason, by=actor(request), role=role_of(request), at=now()
    )


@router.post("/ads/changes/{change_id}/rollback", response={200: AdChangeDTO, 409: Problem, **PROBLEMS})
def roll_back_change(
    request: HttpRequest, change_id: UUID, body: Annotated[RollbackInput | None, Body()] = None
) -> AdChangeDTO:
    """Take a change back: the answer is the new change that restores just what was there."""
    reason = (body or RollbackInput()).reason
    return operations.roll_back_change(
        change_id=change_id, reason=reason, by=actor(request), role=role_of(request), at=now()
    )


@router.get("/ads/history", response={200: Page[ChangeHistoryDTO], **PROBLEMS})
def list_history(
    request: HttpRequest,
    change_id: UUID | None = None,
    ad_entity_id: EntityId = None,
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> Page[ChangeHistoryDTO]:
    """List what has happened to changes, the newest first: before, after, who, why, the checks, the answer."""
    found = queries.change_history(change_id=change_id, ad_entity_id=ad_entity_id, before=cursor, limit=limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=following)


@router.get("/ads/kill-switch", response={200: KillSwitchDTO, **PROBLEMS})
def get_kill_switch(request: HttpRequest) -> KillSwitchDTO:
    """Tell whether all changes are stopped, and why."""
    return queries.kill_switch()


@router.post("/ads/kill-switch", response={200: KillSwitchDTO, **PROBLEMS})
def turn_kill_switch(request: HttpRequest, body: KillSwitchInput) -> KillSwitchDTO:
    """Stop all changes of the account, or let them go on."""
    return operations.turn_kill_switch(order=body, by=actor(request), role=role_of(request), at=now())


@router.get("/settings/ad-safety", response={200: AdSafetySettings, **PROBLEMS})
def get_safety_settings(request: HttpRequest) -> AdSafetySettings:
    """Return within which bounds ads are changed."""
    return queries.safety_settings()


@router.put("/settings/ad-safety", response={200: AdSafetySettings, **PROBLEMS})
def put_safety_settings(request: HttpRequest, body: AdSafetySettings) -> AdSafetySettings:
    """Set within which bounds ads are changed; an owner may. What is left out takes its default."""
    return operations.set_safety_settings(settings=body, by=actor(request), role=role_of(request), at=now())
