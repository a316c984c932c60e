"""Compiled profiles of brands, version after version, and the approved texts that their voice is measured on."""

from __future__ import annotations

import numpy as np
from django.db import models

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.knowledge.contracts.profiles import BrandIR, CompiledProfile


class BrandProfile(TenantRow):
    """One version of a brand's profile; a trigger keeps all but its voice as it is.

    The voice stands apart because it holds words of approved texts, which may have to be erased.
    """

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    version = models.PositiveIntegerField()
    content_sha256 = models.TextField()
    inputs_sha256 = models.TextField()
    document = models.JSONField()
    vectors = models.BinaryField()
    voice = models.JSONField(null=True)
    voice_erased = models.BooleanField(default=False)
    compiled_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "brand_profile"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "brand", "version"], name="brand_profile_version_once")
        ]

    @classmethod
    def of(cls, profile: CompiledProfile) -> BrandProfile:
        """Return the row of a compiled profile."""
        ir = profile.ir
        told = ir.model_dump(mode="json")
        return cls(
            id=ir.id,
            brand_id=ir.brand_id,
            version=ir.version,
            content_sha256=ir.content_sha256,
            inputs_sha256=ir.inputs_sha256,
            document={name: value for name, value in told.items() if name not in _OWN_COLUMNS},
            vectors=np.ascontiguousarray(profile.vectors, dtype="<f4").tobytes(),
            voice=told["voice"],
            compiled_at=ir.compiled_at,
        )

    def to_contract(self) -> BrandIR:
        own = {name: getattr(self, name) for name in _OWN_COLUMNS}
        return BrandIR.model_validate({**self.document, **own})

    def compiled(self) -> CompiledProfile:
        """Return the profile with its vectors."""
        ir = self.to_contract()
        vectors = np.frombuffer(bytes(self.vectors), dtype="<f4").astype(np.float32)
        return CompiledProfile(ir, vectors.reshape(-1, ir.dimension))


_OWN_COLUMNS = (
    "id", "brand_id", "version", "content_sha256", "inputs_sha256", "voice", "voice_erased", "compiled_at",
)  # fmt: skip


class ApprovedTextRow(TenantRow):
    """A text that people approved, as the content stage handed it down; taken back when the approval is."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    source = models.TextField()
    channel = models.TextField()
    text = models.TextField()
    approved_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "approved_text"
        constraints = [models.UniqueConstraint(fields=["tenant", "brand", "source"], name="approved_text_once")]
        indexes = [
            models.Index(fields=["tenant", "brand", "-approved_at", "source"], name="approved_text_newest"),
            models.Index(fields=["tenant", "source"], name="approved_text_of_source"),
        ]
