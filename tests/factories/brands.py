"""The least valid brand; the value under test is written in the test."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands import operations
from kairo.stages.brands.contracts import BrandDTO, BrandFile

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def brand_file(**changes: object) -> BrandFile:
    """Build a brand file; `brand` fields may be given as brand__name."""
    head: dict[str, object] = {"slug": "glow", "name": "Glow", "platforms": []}
    head |= {name.removeprefix("brand__"): value for name, value in changes.items() if name.startswith("brand__")}
    parts = {name: value for name, value in changes.items() if not name.startswith("brand__")}
    return BrandFile.model_validate({"brand": head, **parts})


def stored_brand(tenant_id: UUID, **changes: object) -> BrandDTO:
    """Store a brand for a tenant."""
    with tenant_transaction(tenant_id):
        brand, _, _ = operations.import_brand(file=brand_file(**changes), at=NOON)
    return brand
