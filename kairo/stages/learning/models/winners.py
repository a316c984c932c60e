"""Ads that won, each with the vector by which it is found again."""

from __future__ import annotations

from django.db import models
from pgvector.django import VectorField

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.learning.contracts.winners import WinnerDTO, WinnerOrigin


class Winner(TenantRow):
    """An ad that won. Vectors are kept whole: with half floats, ads that are nearly as near would change places."""

    ad_id = models.TextField()
    variant_id = models.UUIDField(null=True)
    text = models.TextField()
    embedder = models.TextField()
    is_given = models.BooleanField(default=False)
    dimension = models.PositiveSmallIntegerField()
    embedding = VectorField()
    origin = models.TextField()
    metrics = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)
    why = models.TextField()
    added_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "ad_winner"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "ad_id"], name="ad_winner_once"),
            models.CheckConstraint(condition=models.Q(origin__in=list(WinnerOrigin)), name="ad_winner_origin_known"),
        ]

    def to_contract(self) -> WinnerDTO:
        return WinnerDTO(
            id=self.id,
            ad_id=self.ad_id,
            text=self.text,
            origin=WinnerOrigin(self.origin),
            outcome=self.metrics,
            metadata=self.metadata,
            why=self.why,
            added_at=self.added_at,
            updated_at=self.updated_at,
        )
