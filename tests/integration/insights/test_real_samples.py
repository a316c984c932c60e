"""Answers over real posts: each command, every line cited and quoted, within its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags import operations as flag_operations
from kairo.platform.flags.contracts import Flag
from kairo.platform.policy.pii import find_pii
from kairo.stages.evidence import operations as evidence_operations
from kairo.stages.evidence import queries as evidence_queries
from kairo.stages.insights import operations
from kairo.stages.insights.contracts.answers import AnalysisMode, AnalysisState, AnswerErrorCode, InsightResponse
from kairo.stages.insights.operations.local_sources import LOCAL_SOURCES
from kairo.stages.insights.ports import Limits
from tests.factories.brands import stored_brand
from tests.integration.insights.answering import made
from tests.shared_data import shared

SAMPLES = {
    "skincare": (
        "evidence/reddit-top-2013/SkincareAddiction.csv",
        datetime(2013, 8, 16, 23, 59, tzinfo=UTC),
        "sunscreen",
    ),
    "headphones": ("evidence/reddit-top-2013/headphones.csv", datetime(2013, 8, 16, 23, 59, tzinfo=UTC), "sound"),
    "producthunt": ("evidence/producthunt-daily/posts.jsonl", datetime(2026, 8, 2, 23, 59, tzinfo=UTC), "AI"),
}
PATIENT = replace(LOCAL_SOURCES, limits=Limits(simple_s=60, others_s=60))
"""The local agents on a machine that is busy with other tests."""


@pytest.mark.parametrize("name", ["skincare", pytest.param("headphones", marks=pytest.mark.long), "producthunt"])
def test_every_line_of_every_command_is_covered_by_stored_posts(tenant: UUID, name: str) -> None:
    file, as_of, query = SAMPLES[name]
    brand_id = stored_brand(tenant).id
    evidence_operations.import_file(tenant_id=tenant, brand_id=brand_id, path=shared(file), at=as_of)
    operations.aggregate(tenant_id=tenant)
    with tenant_transaction(tenant):
        flag_operations.set_flag(name=Flag.ENABLE_TRENDS_ENHANCED, percentage=100, at=as_of)

    for mode in AnalysisMode:
        for asked in (None, query) if mode is not AnalysisMode.TRENDS else (None,):
            analysis = made(tenant, brand_id, PATIENT, at=as_of, mode=mode, query=asked, window="1m", as_of=as_of)

            if name == "producthunt" and mode is AnalysisMode.SENTIMENT and analysis.error is not None:
                assert analysis.error.code is AnswerErrorCode.NO_DATA, "In Chinese nothing is said of feelings."
                continue
            assert analysis.state is AnalysisState.READY, analysis.error
            assert analysis.response is not None
            assert analysis.evidence_coverage == 1
            check_quotes(tenant, analysis.response)
            assert not analysis.response.meta.degraded


def check_quotes(tenant: UUID, response: InsightResponse) -> None:
    with tenant_transaction(tenant):
        stored = evidence_queries.items_by_id([entry.id for entry in response.evidence])
    for entry in response.evidence:
        text = stored[entry.id].text or stored[entry.id].transcript or ""
        assert find_pii(entry.snippet) == ()
        assert entry.snippet in text or find_pii(text)
