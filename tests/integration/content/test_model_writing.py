"""Packages and texts written by a model, over real connections: what is stored, what it costs, what failures leave."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, connections
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.claims import release_stale
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.jobs.runner import run_job_by_id
from kairo.platform.llm.contracts import Outcome
from kairo.platform.llm.operations import set_caps
from kairo.platform.llm.queries import calls_of_run, command_budget
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import ClaimStatus, ContentPackageDTO, VariantDTO
from kairo.stages.content.models import ContentPackage, Variant, VariantVersion
from kairo.stages.opportunities.contracts import Channel
from tests.factories.board_jobs import run
from tests.factories.boards import NOON, make_brand, make_item, make_opportunity
from tests.factories.packages import package_made, variants_made
from tests.fakes.content_models import Document, Question, Writer, honest
from tests.fakes.model_servers import anthropic_says, failure, gemini_says
from tests.integration.outbound.servers import Site

ASKED = "How do I descale my machine?"
ANSWERED = "Citric acid, 20 minutes, two rinses, done."
CHANNELS = [Channel.INSTAGRAM, Channel.LINKEDIN, Channel.X]


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


@pytest.fixture
def opportunity_id(tenant: UUID, brand_id: UUID) -> UUID:
    asked = make_item(tenant, brand_id=brand_id, text=ASKED, author_ref="ana")
    answered = make_item(tenant, brand_id=brand_id, text=ANSWERED, author_ref="ben")
    cites = [(asked, ASKED), (answered, ANSWERED)]
    return make_opportunity(tenant, brand_id=brand_id, cites=cites, suggested_channels=[Channel.LINKEDIN, Channel.X])


@contextlib.contextmanager
def served_by(writer: Writer, settings: Settings, *, provider: str = "OPENAI") -> Iterator[Site]:
    """Have the installation ask a provider that is played by `writer`."""
    settings.LLM_DISABLED = False
    with Site(writer) as site:
        path = "/v1" if provider == "OPENAI" else ""
        setattr(settings, f"{provider}_API_KEY", "sk-test")
        setattr(settings, f"{provider}_BASE_URL", site.url(path))
        yield site


def packaged(tenant: UUID, opportunity_id: UUID, brand_id: UUID) -> JobDTO:
    with tenant_transaction(tenant):
        asked = operations.request_package(brand_id=brand_id, opportunity_id=opportunity_id, at=NOON)
    assert asked.job is not None
    return run(tenant_id=tenant, job_id=asked.job.id)


def written(tenant: UUID, package: ContentPackageDTO) -> JobDTO:
    with tenant_transaction(tenant):
        asked = operations.request_variants(package_id=package.id)
    return run(tenant_id=tenant, job_id=asked.id)


def texts_of(tenant: UUID, package: ContentPackageDTO) -> list[VariantDTO]:
    with tenant_transaction(tenant):
        return queries.variants(package.id).variants


WIRES = {
    "OPENAI": (None, "openai:gpt-4o"),
    "ANTHROPIC": (anthropic_says, "anthropic:claude-sonnet-4-5"),
    "GEMINI": (lambda answer: gemini_says(json.dumps(answer)), "gemini:gemini-2.5-pro"),
}


@pytest.mark.parametrize("provider", WIRES)
def test_a_model_writes_and_each_statement_says_what_it_stands_on(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID, settings: Settings, provider: str
) -> None:
    wire, model = WIRES[provider]
    writer = Writer(wire=wire) if wire else Writer()
    with served_by(writer, settings, provider=provider):
        package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)
        variants = variants_made(tenant, package_id=package.id)

    assert (package.generator, package.thesis) == ("model", f"Somebody asked: “{ASKED}”")
    assert [one.channel for one in variants] == CHANNELS
    assert {one.generated_by_model for one in variants} == {model}
    first, second = variants[0].claims
    assert (first.status, first.evidence_ids) == (ClaimStatus.CITED, package.evidence_ids[:1])
    assert (second.text, second.status) == ("Scale is quiet for instagram.", ClaimStatus.TO_CHECK)
    assert [question.channel for question in writer.asked] == ["", *CHANNELS]


def bent(question: Question) -> Document:
    """Return an answer that invents, until it was told."""
    answer = honest(question)
    if question.channel and not question.complaint:
        return {**answer, "body": f"{answer['body']} “Nobody said this” and 47 do. {'long ' * 60}"}
    return answer


def test_what_is_wrong_is_told_once_and_the_mended_text_is_taken(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID, settings: Settings
) -> None:
    writer = Writer(says=bent)
    with served_by(writer, settings):
        package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)
        variants = variants_made(tenant, package_id=package.id)

    assert len(variants) == 3
    assert all("Nobody said this" not in one.body for one in variants)
    told = [question.complaint for question in writer.asked if question.complaint]
    assert len(told) == 3
    assert all("“Nobody said this” stands in nothing that was given" in one for one in told)
    assert "too_long: too long, in characters" in told[-1]


def test_a_model_that_cannot_be_used_fails_the_work_loudly_once_and_leaves_nothing(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID, settings: Settings
) -> None:
    def lies(question: Question) -> Document:
        answer = honest(question)
        return {**answer, "body": "They say “buy now”."} if question.channel == "x" else answer

    writer = Writer(says=lies)
    with served_by(writer, settings):
        package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)
        ended = written(tenant, package)

    assert (ended.state, ended.attempts) == (JobState.FAILED, 1)
    assert "No model answered variants" in (ended.error or "")
    assert "“buy now” stands in nothing that was given" in (ended.error or "")
    assert texts_of(tenant, package) == []
    assert [question.channel for question in writer.asked] == ["", "instagram", "linkedin", "x", "x"]
    with tenant_transaction(tenant):
        assert VariantVersion.objects.count() == 0
        assert [call.outcome for call in calls_of_run(ended.run_id)][-1] is Outcome.WRONG_SHAPE


def test_after_a_failure_only_what_is_missing_is_paid(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID, settings: Settings
) -> None:
    broken = {"x"}

    def says(question: Question) -> Document:
        return {} if question.channel in broken else honest(question)

    writer = Writer(says=says)
    with served_by(writer, settings):
        package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)
        assert written(tenant, package).state is JobState.FAILED
        broken.clear()
        before = len(writer.asked)
        assert written(tenant, package).state is JobState.SUCCEEDED

    assert [question.channel for question in writer.asked[before:]] == ["x"]
    assert len(texts_of(tenant, package)) == 3


def test_a_package_that_no_model_can_plan_is_not_made(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID, settings: Settings
) -> None:
    writer = Writer(wire=lambda _: failure(500))
    with served_by(writer, settings):
        ended = packaged(tenant, opportunity_id, brand_id)

    assert ended.state is JobState.FAILED
    assert "No model answered packages" in (ended.error or "")
    with tenant_transaction(tenant):
        assert ContentPackage.objects.count() == 0


def test_a_budget_that_is_used_up_stops_before_the_first_word(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID, settings: Settings
) -> None:
    writer = Writer()
    with tenant_transaction(tenant):
        set_caps({"command": 0}, at=NOON)
    with served_by(writer, settings):
        ended = packaged(tenant, opportunity_id, brand_id)

    assert (ended.state, writer.asked) == (JobState.FAILED, [])
    assert "The budget does not allow" in (ended.error or "")


def test_without_a_model_the_local_writer_serves_and_says_so(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID, settings: Settings
) -> None:
    writer = Writer()
    with served_by(writer, settings):
        settings.LLM_DISABLED = True
        package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)
        variants = variants_made(tenant, package_id=package.id)

    assert (package.generator, writer.asked) == ("local", [])
    assert {one.generated_by_model for one in variants} == {None}


@pytest.fixture(params=["job_step", "content_variant_version"])
def killing(request: pytest.FixtureRequest, database: str) -> Iterator[psycopg.Connection]:
    """A database that ends the session which keeps the second step, or the one that stores the texts."""
    second = "WHEN (NEW.key = 'variant:linkedin')" if request.param == "job_step" else ""
    with psycopg.connect(database, autocommit=True) as server:
        server.execute(
            "CREATE FUNCTION kill_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
            " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'"
        )
        server.execute(
            f"CREATE TRIGGER kill BEFORE INSERT ON {request.param} FOR EACH ROW {second}"
            " EXECUTE FUNCTION kill_session()"
        )
        try:
            yield server
        finally:
            server.execute("DROP FUNCTION IF EXISTS kill_session() CASCADE")


def test_a_worker_that_dies_between_paid_calls_pays_none_of_them_twice(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID, settings: Settings, killing: psycopg.Connection
) -> None:
    writer = Writer()
    with served_by(writer, settings):
        package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)
        with tenant_transaction(tenant):
            asked = operations.request_variants(package_id=package.id)
        with contextlib.suppress(OperationalError):
            run_job_by_id(asked.id)
        connections.close_all()
        with tenant_transaction(tenant):
            assert Variant.objects.count() == VariantVersion.objects.count() == 0
        killing.execute("DROP FUNCTION kill_session() CASCADE")
        killing.execute(
            "UPDATE job SET heartbeat_at = now() - interval '1 hour', locked_at = now() - interval '1 hour',"
            " available_at = now() - interval '1 second' WHERE state IN ('pending', 'running')"
        )
        release_stale()
        ended = run(tenant_id=tenant, job_id=asked.id)

    assert ended.state is JobState.SUCCEEDED
    assert [question.channel for question in writer.asked] == ["", *CHANNELS]
    assert len(texts_of(tenant, package)) == 3
    with tenant_transaction(tenant):
        paid = [call.cost_microdollars for call in calls_of_run(ended.run_id) if not call.from_cache]
        assert command_budget(ended.run_id).spent_microdollars == sum(paid)
    assert (len(paid), len(set(paid))) == (3, 1)
