"""The outside world's signals for a brand: from its evidence and the trends in it, or from a file for evaluations.

Whatever fails here leaves a note and an empty bundle: a board without signals is still a board.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from pydantic import ValidationError

from kairo.errors import KairoError
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.telemetry.context import logger
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.insights import queries as insights
from kairo.stages.insights.contracts.trends import TrendWindow
from kairo.stages.opportunities.contracts import ExternalSignalBundleDTO
from kairo.stages.opportunities.rules.external_signals import signals_from_evidence

log = logger(__name__)

FIXTURES = "fixtures"
SIGNALS_FILE = "signals.json"
WITHOUT_SIGNALS = "External signals could not be read; the board was made without them."
WITHOUT_TRENDS = "Trends could not be read; the board was made without them."


def external_signals(
    *,
    tenant_id: UUID,
    brand_id: UUID,
    items: Sequence[EvidenceItemDTO],
    as_of: datetime,
    given: ExternalSignalBundleDTO | None = None,
) -> tuple[ExternalSignalBundleDTO, list[str]]:
    """Return a brand's signals as of a moment, and notes on what could not be read; `given` ones stand as they are."""
    if given is not None:
        return given.model_copy(update={"brand_id": brand_id, "fetched_at": as_of}), []
    if settings.EXTERNAL_SIGNALS_MODE == FIXTURES:
        return _from_file(tenant_id, brand_id, as_of)
    try:
        with tenant_transaction(tenant_id):
            trends = insights.trends(brand_id, TrendWindow.WEEK, as_of)
    except (KairoError, DatabaseError) as error:
        log.warning("trends_not_read", brand_id=str(brand_id), error=str(error))
        return signals_from_evidence(items, brand_id=brand_id, as_of=as_of), [WITHOUT_TRENDS]
    return signals_from_evidence(items, brand_id=brand_id, as_of=as_of, trends=trends), []


def _from_file(tenant_id: UUID, brand_id: UUID, as_of: datetime) -> tuple[ExternalSignalBundleDTO, list[str]]:
    """Read the bundle that lies in the folder named after the brand; what it says of brand and time does not count."""
    head = {"brand_id": brand_id, "fetched_at": as_of}
    try:
        with tenant_transaction(tenant_id):
            slug = brands.brand(brand_id).slug
        path = Path(settings.EXTERNAL_SIGNALS_DIR) / slug / SIGNALS_FILE
        written = json.loads(path.read_text(encoding="utf-8"))
        return ExternalSignalBundleDTO.model_validate({**written, **head}), []
    except (OSError, ValueError, TypeError, ValidationError) as error:
        log.warning("signals_not_read", brand_id=str(brand_id), error=str(error)[:500])
        return ExternalSignalBundleDTO.model_validate(head), [WITHOUT_SIGNALS]
