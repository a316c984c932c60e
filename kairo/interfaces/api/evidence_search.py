"""Search of a brand's evidence over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from kairo.interfaces.api.errors import PROBLEMS
from kairo.platform.database.clock import now
from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import MAX_QUERY_CHARACTERS, MAX_SEARCH_RESULTS, SearchAnswer, SearchMode

router = Router(tags=["evidence"])

Several = Annotated[list[str], Query(max_length=20)]


@router.get("/brands/{brand_id}/evidence/search", response={200: SearchAnswer, **PROBLEMS})
def search_evidence(
    request: HttpRequest,
    brand_id: UUID,
    q: Annotated[
        str, Query(max_length=MAX_QUERY_CHARACTERS, description="Words of any language; no sign in it is an operator")
    ],
    k: Annotated[int, Query(ge=1, le=MAX_SEARCH_RESULTS, description="How many items at most")] = 20,
    window: Annotated[str | None, Query(max_length=20, description="24h, 3d, 1w, 1m or 1y before now")] = None,
    lang: Several = [],  # noqa: B006 - read as a default of the document, and never changed
    platform: Several = [],  # noqa: B006 - the same
    mode: SearchMode = SearchMode.HYBRID,
) -> SearchAnswer:
    """Search a brand's items by words, by meaning or by both, the best first, near-duplicates folded into one.

    `lang` and `platform` may be given several times. Items without a date are found where no window is given.
    """
    return operations.search(brand_id, q, at=now(), window=window, languages=lang, platforms=platform, k=k, mode=mode)
