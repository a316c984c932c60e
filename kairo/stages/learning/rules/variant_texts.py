"""What an ad says, as one text: the winner index compares these."""

from __future__ import annotations

from kairo.stages.content.contracts import VariantDTO


def text_of(variant: VariantDTO) -> str:
    """Return a variant's title, body and call to action, those that it has."""
    return "\n\n".join(part for part in (variant.title, variant.body, variant.call_to_action) if part)
