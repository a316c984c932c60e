"""Ads that won: taken in from the stage that judges them, and read when a board is made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Q

from kairo.errors import KairoError
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.embeddings import default_embedder
from kairo.platform.telemetry.context import logger
from kairo.stages.opportunities import queries
from kairo.stages.opportunities.contracts import KnownWinnerDTO
from kairo.stages.opportunities.models import BoardRecord, KnownWinner

log = logger(__name__)

WITHOUT_WINNERS = "Ads that won could not be read; the board was scored without them."


def take_winners(*, winners: Sequence[KnownWinnerDTO], are_all: bool = False) -> None:
    """Keep ads that won, or what is new of them; boards made from now on are scored by them.

    `are_all`: whoever is not among them has won no more.
    """
    if are_all:
        KnownWinner.objects.exclude(ad_id__in=[winner.ad_id for winner in winners]).delete()
    KnownWinner.objects.bulk_create(
        [
            KnownWinner(
                ad_id=winner.ad_id,
                brand_id=winner.brand_id,
                told=winner.model_dump(mode="json"),
                embedder=winner.embedder,
                won_at=winner.won_at,
            )
            for winner in winners
        ],
        update_conflicts=True,
        unique_fields=["tenant", "ad_id"],
        update_fields=["brand_id", "told", "embedder", "won_at"],
        batch_size=500,
    )


def withdraw_winners(*, ad_ids: Collection[str], erase: bool = False) -> None:
    """Forget ads that are no winners any more.

    `erase`: nothing that was worked out of their texts stays, so boards that they took part in cannot be replayed.
    """
    if not ad_ids:
        return
    KnownWinner.objects.filter(ad_id__in=list(ad_ids)).delete()
    if erase:
        named = [Q(document__winners__contains=[{"ad_id": ad_id}]) for ad_id in ad_ids]
        BoardRecord.objects.filter(reduce(or_, named)).delete()


def winners_for_board(*, tenant_id: UUID, brand_id: UUID, as_of: datetime) -> tuple[list[KnownWinnerDTO], list[str]]:
    """Return the ads that had won by a moment and speak for a brand, and a note where they could not be read."""
    try:
        with tenant_transaction(tenant_id):
            return queries.known_winners(brand_id, embedder=default_embedder().name, at=as_of), []
    except (KairoError, DatabaseError, ValueError) as error:
        log.warning("winners_not_read", brand_id=str(brand_id), error=str(error)[:500])
        return [], [WITHOUT_WINNERS]
