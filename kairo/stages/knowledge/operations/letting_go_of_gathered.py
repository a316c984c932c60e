"""Taking away gathered items whose evidence is erased: their words are the erased person's."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.stages.knowledge.contracts.graph import SourceType
from kairo.stages.knowledge.models import GatheredCitation, GatheredItem
from kairo.stages.knowledge.operations.graph import drop_nodes_of


def let_go_of_gathered(*, item_ids: Sequence[UUID]) -> int:
    """Delete every gathered item that cites one of these evidence items, and return how many.

    What such an item had superseded holds again.
    """
    found = GatheredCitation.objects.filter(evidence_id__in=item_ids)
    gone = sorted(set(found.values_list("item_id", flat=True)))
    if not gone:
        return 0
    GatheredItem.objects.filter(superseded_by__in=gone).update(superseded_by=None)
    GatheredCitation.objects.filter(item_id__in=gone).delete()
    drop_nodes_of(SourceType.GATHER_ITEM, [str(item_id) for item_id in gone])
    GatheredItem.objects.filter(id__in=gone).delete()
    return len(gone)
