"""Decisions over HTTP, on opportunities, packages and variants."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from kairo.interfaces.api.actors import actor
from kairo.interfaces.api.errors import PROBLEMS, Problem
from kairo.platform.database.clock import now
from kairo.stages.content import operations as content
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities.contracts import DecisionRequestDTO, DecisionResponseDTO

router = Router(tags=["decisions"])


@router.post("/opportunities/{opportunity_id}/decision", response={200: DecisionResponseDTO, **PROBLEMS})
def decide_on_opportunity(request: HttpRequest, opportunity_id: UUID, body: DecisionRequestDTO) -> DecisionResponseDTO:
    """Pin, unpin, snooze (`metadata.until`, else a week), dismiss, restore, approve or reject an opportunity."""
    return opportunities.decide_on_opportunity(opportunity_id=opportunity_id, request=body, by=actor(request), at=now())


@router.post("/packages/{package_id}/decision", response={200: DecisionResponseDTO, 409: Problem, **PROBLEMS})
def decide_on_package(request: HttpRequest, package_id: UUID, body: DecisionRequestDTO) -> DecisionResponseDTO:
    """Approve, reject, edit, schedule, publish or archive a package, or take it back to a draft (restore).

    An edit names what changes in `metadata`: title, notes, planned_publish_start, planned_publish_end, or `status`
    in_review, which hands a draft in.
    """
    return content.decide_on_package(package_id=package_id, request=body, by=actor(request), at=now())


@router.post("/variants/{variant_id}/decision", response={200: DecisionResponseDTO, 409: Problem, **PROBLEMS})
def decide_on_variant(request: HttpRequest, variant_id: UUID, body: DecisionRequestDTO) -> DecisionResponseDTO:
    """Approve, reject, edit, schedule (`metadata.publish_at`), publish or archive a variant, or restore a rejected one.

    Before scheduling, a time that is taken on the channel and a text that is out or planned already are refused.
    """
    return content.decide_on_variant(variant_id=variant_id, request=body, by=actor(request), at=now())
