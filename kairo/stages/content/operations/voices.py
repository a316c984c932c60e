"""Handing approved texts down to the stage that measures the brand's voice, and taking them back."""

from __future__ import annotations

from datetime import datetime

from kairo.stages.content.contracts import VariantStatus
from kairo.stages.content.models import Variant
from kairo.stages.content.rules.channels import published_text
from kairo.stages.knowledge import operations as knowledge
from kairo.stages.knowledge.contracts.profiles import ApprovedText

_APPROVED = frozenset({VariantStatus.APPROVED, VariantStatus.SCHEDULED, VariantStatus.MISSED, VariantStatus.PUBLISHED})


def hand_down(row: Variant, *, before: VariantStatus, at: datetime) -> None:
    """Hand a variant's text down once it is approved, and again when it changes; take back what is so no more.

    In the caller's transaction. What was published and then archived stays: the brand has said it.
    """
    now = VariantStatus(row.status)
    if now in _APPROVED:
        text = published_text(row.body, row.call_to_action)
        approved = ApprovedText(source=_source(row), channel=row.channel, text=text, approved_at=at)
        knowledge.take_approved_texts(brand_id=row.brand_id, texts=[approved])
    elif before in _APPROVED - {VariantStatus.PUBLISHED}:
        knowledge.withdraw_approved_texts(sources=[_source(row)])


def erase_voice_of(row: Variant) -> None:
    """Take a text back that is erased, and with it every voice that was measured on it."""
    knowledge.withdraw_approved_texts(sources=[_source(row)], erase=True)


def _source(row: Variant) -> str:
    return f"variant:{row.id}"
