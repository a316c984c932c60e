"""What a brand sets for itself: the thresholds of its gates, how far it looks back, what it may spend, who answers."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from kairo.interfaces.api.errors import PROBLEMS
from kairo.platform.database.clock import now
from kairo.stages.brands import operations, queries
from kairo.stages.brands.contracts import BrandSettings, BrandSettingsDTO

router = Router(tags=["settings"])


@router.get("/settings/brands/{brand_id}", response={200: BrandSettingsDTO, **PROBLEMS})
def get_brand_settings(request: HttpRequest, brand_id: UUID) -> BrandSettingsDTO:
    """Return a brand's settings as they hold, with the defaults and the names of those that were changed."""
    return queries.settings_of(brand_id)


@router.patch("/settings/brands/{brand_id}", response={200: BrandSettingsDTO, **PROBLEMS})
def change_brand_settings(request: HttpRequest, brand_id: UUID, body: BrandSettings) -> BrandSettingsDTO:
    """Change the settings that are given; the others stay. Setting a default takes a change back."""
    return operations.change_settings(brand_id=brand_id, change=body.model_dump(exclude_unset=True), at=now())
