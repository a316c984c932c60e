"""Taking in the texts that people approved, from the stage that writes them, and letting go of them again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.stages.knowledge.contracts.profiles import ApprovedText
from kairo.stages.knowledge.models.profiles import ApprovedTextRow, BrandProfile
from kairo.stages.knowledge.operations.compiling import request_compile


def take_approved_texts(*, brand_id: UUID, texts: Sequence[ApprovedText]) -> int:
    """Keep approved texts of a brand by their sources; return how many were new or changed.

    In the caller's transaction. The same text again changes nothing; what changes asks for a new profile.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    given = {text.source: text for text in texts}
    known = {row.source: row for row in ApprovedTextRow.objects.filter(brand_id=brand_id, source__in=given)}
    changed = [text for source, text in given.items() if source not in known or _differs(known[source], text)]
    if not changed:
        return 0
    ApprovedTextRow.objects.bulk_create(
        [
            ApprovedTextRow(
                brand_id=brand_id,
                source=text.source,
                channel=text.channel,
                text=text.text,
                approved_at=text.approved_at,
            )
            for text in changed
        ],
        update_conflicts=True,
        unique_fields=["tenant", "brand", "source"],
        update_fields=["channel", "text", "approved_at"],
    )
    request_compile(brand_id=brand_id)
    return len(changed)


def withdraw_approved_texts(*, sources: Sequence[str], erase: bool = False) -> int:
    """Let go of texts whose approval was taken back, in the caller's transaction; return how many there were.

    With `erase` the voices that were measured on them go too, at once and from every version: they may hold words of
    the erased texts. Boards never look at a voice, so that each can still be made again.
    """
    rows = ApprovedTextRow.objects.filter(source__in=list(sources))
    brand_ids = set(rows.values_list("brand_id", flat=True))
    deleted, _ = rows.delete()
    if erase:
        BrandProfile.objects.filter(brand_id__in=brand_ids).update(voice=None, voice_erased=True)
    for brand_id in sorted(brand_ids):
        request_compile(brand_id=brand_id)
    return deleted


def _differs(row: ApprovedTextRow, text: ApprovedText) -> bool:
    return (row.channel, row.text) != (text.channel, text.text)
