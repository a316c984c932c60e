"""How templates put packages into words; each filter leans on package_wording.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from kairo.errors import FieldError
from kairo.interfaces.web import package_wording as said
from kairo.stages.content.contracts import ChannelCount, CountedPart, PackageStatus, VariantStatus
from kairo.stages.opportunities.contracts import OpportunityDTO

register = template.Library()


@register.filter
def package_status_words(status: PackageStatus) -> str:
    return _(said.PACKAGE_STATUS_WORDS[status])


@register.filter
def variant_status_words(status: VariantStatus) -> str:
    return _(said.VARIANT_STATUS_WORDS[status])


@register.filter
def band_words(band: str) -> str:
    return _(said.BAND_WORDS[band])


@register.filter
def counted_words(part: CountedPart) -> str:
    return _(said.COUNT_WORDS[part])


@register.filter
def count_words(count: ChannelCount) -> str:
    return said.count_words(count)


@register.filter
def finding_words(found: FieldError) -> str:
    return said.finding_words(found)


@register.filter
def author_words(saved_by: str) -> str:
    return said.author_words(saved_by)


@register.filter
def writer_words(name: str) -> str:
    return said.writer_words(name)


@register.filter
def id_for(known: Mapping[UUID, UUID] | None, wanted: UUID) -> UUID | None:
    """Return the id that belongs to another, if there is one."""
    return known.get(wanted) if known else None


@register.filter
def on_board(found: Sequence[OpportunityDTO]) -> list[OpportunityDTO]:
    """Return what is still to be decided on, the pinned first."""
    return sorted((one for one in found if not _is_put_aside(one)), key=lambda one: not one.is_pinned)


@register.filter
def put_aside(found: Sequence[OpportunityDTO]) -> list[OpportunityDTO]:
    """Return what somebody dismissed, or snoozed for a while."""
    return [one for one in found if _is_put_aside(one)]


def _is_put_aside(one: OpportunityDTO) -> bool:
    return one.is_dismissed or one.is_snoozed
