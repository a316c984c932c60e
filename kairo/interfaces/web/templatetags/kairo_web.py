"""How templates put values into words; each filter leans on wording.py, each tag on a small template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from kairo.interfaces.web import wording
from kairo.interfaces.web.told import told
from kairo.platform.jobs.contracts import JobState
from kairo.platform.tenancy.contracts import Role
from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence.contracts import (
    CaptureStatus,
    EvidenceItemDTO,
    GateKind,
    GateResult,
    MediaType,
    SurfaceRole,
    SurfaceType,
)
from kairo.stages.opportunities.contracts import BoardState, OpportunityType, ReadyReason, ScorePart

register = template.Library()


class _Named(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...


@register.inclusion_tag("web/_time.html")
def moment(at: datetime, form: str = "minute") -> Mapping[str, object]:
    """Show a moment in UTC; the script turns it into the reader's zone. `form` is minute or day."""
    return {"at": at.astimezone(UTC), "form": form}


@register.inclusion_tag("web/_prose.html")
def prose(text: str, brand_slug: str = "SLUG") -> Mapping[str, object]:
    """Show a text with its backticked commands as code, ready to be copied for this brand."""
    return {"parts": wording.code_parts(text.replace("--brand SLUG", f"--brand {brand_slug}"))}


@register.inclusion_tag("web/_icon.html")
def icon(name: str) -> Mapping[str, object]:
    """Draw an icon that says nothing to a screen reader: the words stand beside it."""
    return {"name": name}


@register.filter
def state_words(state: BoardState) -> str:
    return _(wording.STATE_WORDS[state])


@register.filter
def outcome_template(state: BoardState) -> str:
    """Name the template that shows a board of this state."""
    return f"opportunities/_{state}.html"


@register.filter
def regenerate_words(state: BoardState) -> str | None:
    return _(wording.REGENERATE_WORDS[state]) if state in wording.REGENERATE_WORDS else None


@register.filter
def empty_board_words(reason: ReadyReason | None) -> str:
    return _(wording.EMPTY_BOARD_WORDS[reason or ReadyReason.GENERATED])


@register.filter
def degraded_words(reason: str | None) -> str:
    return wording.degraded_words(reason)


@register.filter
def generator_words(generator: str) -> str:
    return _(wording.GENERATOR_WORDS[generator]) if generator in wording.GENERATOR_WORDS else generator


@register.filter
def part_words(name: str) -> str:
    return _(wording.PART_WORDS[name]) if name in wording.PART_WORDS else wording.in_words(name)


@register.filter
def type_words(kind: OpportunityType) -> str:
    return _(wording.TYPE_WORDS[kind])


@register.filter
def platform_name(name: str) -> str:
    return wording.platform_name(name)


@register.filter
def language_name(code: str) -> str:
    return wording.language_name(code)


@register.filter
def engagement_words(item: EvidenceItemDTO) -> list[str]:
    return wording.engagement_words(views=item.views, likes=item.likes, comments=item.comments, shares=item.shares)


@register.filter
def surface_type_words(kind: SurfaceType) -> str:
    return _(wording.SURFACE_TYPE_WORDS[kind])


@register.filter
def surface_role_words(role: SurfaceRole) -> str:
    return _(wording.SURFACE_ROLE_WORDS[role])


@register.filter
def role_words(role: Role) -> str:
    return _(wording.ROLE_WORDS[role])


@register.filter
def capture_words(status: CaptureStatus) -> str:
    return _(wording.CAPTURE_WORDS[status])


@register.filter
def job_state_words(state: JobState) -> str:
    return _(wording.JOB_STATE_WORDS[state])


@register.filter
def job_kind_words(kind: str) -> str:
    return wording.job_kind_words(kind)


@register.filter
def media_words(kind: MediaType) -> str:
    return _(wording.MEDIA_WORDS[kind])


@register.filter
def gate_kind_words(kind: GateKind) -> str:
    return _(wording.GATE_KIND_WORDS[kind])


@register.filter
def byte_words(count: int) -> str:
    return wording.byte_words(count)


@register.filter
def cadence_words(minutes: int) -> str:
    return wording.cadence_words(minutes)


@register.filter
def as_sentence(text: str) -> str:
    return wording.as_sentence(text)


@register.filter(name="told")
def told_filter(text: str) -> str:
    return told(text)


@register.filter
def sentences(text: str) -> list[str]:
    return wording.sentences(text)


@register.filter
def largest_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


@register.filter
def weightiest_first(parts: Mapping[str, ScorePart]) -> list[tuple[str, ScorePart]]:
    return sorted(parts.items(), key=lambda entry: (-entry[1].weight, entry[0]))


@register.filter
def gate_line(gate: GateResult) -> wording.GateLine:
    return wording.gate_line(gate)


@register.filter
def duration(elapsed: timedelta) -> str:
    return wording.duration_words(elapsed)


@register.filter
def milliseconds(value: int) -> str:
    return wording.millisecond_words(value)


@register.filter
def percent(share: float) -> str:
    return wording.percent_words(share)


@register.filter
def thousands(count: int) -> str:
    return wording.number_words(count)


@register.filter
def openable_url(url: str | None) -> str | None:
    return wording.openable_url(url)


@register.filter
def pillar_name(snapshot: BrandSnapshotDTO | None, pillar_id: UUID | None) -> str | None:
    return _name_of(snapshot.pillars, pillar_id) if snapshot else None


@register.filter
def persona_name(snapshot: BrandSnapshotDTO | None, persona_id: UUID | None) -> str | None:
    return _name_of(snapshot.personas, persona_id) if snapshot else None


def _name_of(parts: Sequence[_Named], wanted: UUID | None) -> str | None:
    return next((part.name for part in parts if part.id == wanted), None)
