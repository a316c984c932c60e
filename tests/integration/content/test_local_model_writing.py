"""Package and texts asked from a real model that is far too small for them: what is stored stands up, or nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.llm.queries import calls_of_run
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import ClaimStatus
from kairo.stages.opportunities.contracts import Channel, Generator
from tests.factories.board_jobs import run
from tests.factories.boards import NOON, make_brand, make_item, make_opportunity
from tests.servers.local_model import local_model, missing

pytestmark = pytest.mark.long
SAYS = "Citric acid, 20 minutes, two rinses, done."


@pytest.fixture
def small_model(settings: Settings) -> Iterator[None]:
    if reason := missing():
        pytest.skip(reason)
    with local_model() as address:
        settings.LLM_DISABLED = False
        settings.KAIRO_LLM_BASE_URL = address
        settings.KAIRO_LLM_MODEL_FAST = settings.KAIRO_LLM_MODEL_HEAVY = "local:smollm2"
        yield


def test_a_small_model_is_asked_in_earnest_and_nothing_half_written_is_left(small_model: None, tenant: UUID) -> None:
    brand_id = make_brand(tenant).id
    item = make_item(tenant, brand_id=brand_id, text=SAYS, author_ref="ben")
    opportunity_id = make_opportunity(tenant, brand_id=brand_id, cites=[(item, SAYS)], suggested_channels=[Channel.X])

    by_model = _packaged(tenant, brand_id, opportunity_id, Generator.MODEL)
    packaged = by_model if by_model.state is JobState.SUCCEEDED else None
    with tenant_transaction(tenant):
        stored = queries.packages(brand_id, limit=5)
    assert len(stored) == (packaged is not None)
    _asked_in_earnest(tenant, by_model)

    if packaged is None:
        assert by_model.error
        assert _packaged(tenant, brand_id, opportunity_id, Generator.EXTRACTIVE).state is JobState.SUCCEEDED
    with tenant_transaction(tenant):
        [package] = queries.packages(brand_id, limit=5)
        asked = operations.request_variants(package_id=package.id, generator=Generator.MODEL)
    written = run(tenant_id=tenant, job_id=asked.id)
    with tenant_transaction(tenant):
        variants = queries.variants(package.id).variants
    _asked_in_earnest(tenant, written)
    assert (written.state, bool(variants)) in {(JobState.SUCCEEDED, True), (JobState.FAILED, False)}
    assert bool(written.error) is not bool(variants)
    claims = [claim for variant in variants for claim in variant.claims if claim.status is ClaimStatus.CITED]
    assert all(set(claim.evidence_ids) <= {item} for claim in claims)


def _packaged(tenant: UUID, brand_id: UUID, opportunity_id: UUID, generator: Generator) -> JobDTO:
    with tenant_transaction(tenant):
        asked = operations.request_package(
            brand_id=brand_id, opportunity_id=opportunity_id, at=NOON, generator=generator
        )
    assert asked.job is not None
    return run(tenant_id=tenant, job_id=asked.job.id)


def _asked_in_earnest(tenant: UUID, job: JobDTO) -> None:
    with tenant_transaction(tenant):
        calls = calls_of_run(job.run_id)
    assert {call.model for call in calls} == {"local:smollm2"}
    assert any(call.tokens_in > 100 and call.tokens_out > 0 for call in calls)
    assert {call.cost_microdollars for call in calls} == {0}
