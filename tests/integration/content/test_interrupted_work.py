"""Work on content that is interrupted, overdue or robbed of its evidence: whole, told, or taken away, never half."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, connections
from django.utils import timezone
from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.claims import release_stale
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.runner import run_job_by_id
from kairo.platform.outbound import operations as outbound
from kairo.platform.outbound.models import WebhookDelivery
from kairo.stages.brands.models import Brand
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import ClaimStatus, PackageStatus, VariantStatus
from kairo.stages.content.models import Variant, VariantCitation, VariantVersion
from kairo.stages.evidence import operations as evidence
from kairo.stages.evidence import queries as evidence_queries
from kairo.stages.opportunities.contracts import Channel
from kairo.stages.opportunities.models import Opportunity
from tests.factories.board_jobs import run
from tests.factories.boards import make_brand, make_item, make_opportunity
from tests.factories.packages import make_package, make_variant, package_made, variants_made

QUOTE = "How do I descale my machine?"
ANSWER = "Citric acid, twenty minutes, two rinses, done."


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def opportunity(tenant: UUID, brand_id: UUID) -> UUID:
    asked = make_item(tenant, brand_id=brand_id, text=QUOTE, author_ref="ana")
    answered = make_item(tenant, brand_id=brand_id, text=ANSWER, author_ref="ben")
    return make_opportunity(
        tenant,
        brand_id=brand_id,
        cites=[(asked, QUOTE), (answered, ANSWER)],
        suggested_channels=[Channel.LINKEDIN, Channel.BLOG],
    )


def test_a_writer_that_is_stopped_by_policy_leaves_nothing(tenant: UUID, brand_id: UUID) -> None:
    package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity(tenant, brand_id))
    with tenant_transaction(tenant):
        Brand.objects.filter(id=brand_id).update(taboos=["descale"])
        asked = operations.request_variants(package_id=package.id)

    ended = run(tenant_id=tenant, job_id=asked.id)

    assert ended.state is JobState.FAILED
    assert "taboo: descale" in (ended.error or "")
    with tenant_transaction(tenant):
        assert queries.variants(package.id).count == 0
        assert VariantVersion.objects.count() == 0
        Brand.objects.filter(id=brand_id).update(taboos=[])
    assert [one.channel for one in variants_made(tenant, package_id=package.id)] == ["instagram", "linkedin", "blog"]


@pytest.fixture
def deadly(database: str) -> Iterator[psycopg.Connection]:
    """A database that ends the session of whoever stores a version, in the middle of his transaction."""
    with psycopg.connect(database, autocommit=True) as server:
        server.execute(
            "CREATE FUNCTION kill_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
            " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'"
        )
        server.execute(
            "CREATE TRIGGER kill BEFORE INSERT ON content_variant_version"
            " FOR EACH STATEMENT EXECUTE FUNCTION kill_session()"
        )
        try:
            yield server
        finally:
            server.execute("DROP FUNCTION kill_session() CASCADE")


def test_a_session_that_dies_between_two_tables_leaves_nothing_and_the_work_is_done_once(
    tenant: UUID, brand_id: UUID, deadly: psycopg.Connection
) -> None:
    package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity(tenant, brand_id))
    with tenant_transaction(tenant):
        asked = operations.request_variants(package_id=package.id)

    with contextlib.suppress(OperationalError):
        run_job_by_id(asked.id)
    connections.close_all()
    with tenant_transaction(tenant):
        assert Variant.objects.count() == VariantVersion.objects.count() == VariantCitation.objects.count() == 0
        assert operations.request_variants(package_id=package.id).id == asked.id

    deadly.execute("DROP TRIGGER kill ON content_variant_version")
    deadly.execute(
        "UPDATE job SET heartbeat_at = now() - interval '1 hour', locked_at = now() - interval '1 hour',"
        " available_at = now() - interval '1 second' WHERE state IN ('pending', 'running')"
    )
    release_stale()
    assert run(tenant_id=tenant, job_id=asked.id).state is JobState.SUCCEEDED
    with tenant_transaction(tenant):
        assert queries.variants(package.id).count == VariantVersion.objects.count() == 3


def test_what_is_overdue_is_missed_once_and_announced(tenant: UUID, brand_id: UUID) -> None:
    at = timezone.now()
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
    variant_id = make_variant(
        tenant,
        brand_id=brand_id,
        package_id=package_id,
        item_id=item_id,
        status=VariantStatus.SCHEDULED,
        scheduled_publish_at=at,
    )
    with tenant_transaction(tenant):
        outbound.add_endpoint(url="https://hooks.example.com/kairo", events=["variant.missed"], at=at)

        early = operations.mark_missed(at=at + timedelta(minutes=29))
        due = operations.mark_missed(at=at + timedelta(minutes=31))
        again = operations.mark_missed(at=at + timedelta(minutes=40))

        assert (early, due, again) == (0, 1, 0)
        assert queries.variant(variant_id).status is VariantStatus.MISSED
        [delivery] = WebhookDelivery.objects.all()
    assert json.loads(delivery.payload)["data"]["variant_id"] == str(variant_id)


def erase(tenant: UUID, author: str) -> None:
    with tenant_transaction(tenant):
        found = evidence_queries.author("instagram", author)
        asked = evidence.request_erasure(author=found, tenant_id=tenant, at=timezone.now())
    assert run(tenant_id=tenant, job_id=asked.job_id).state is JobState.SUCCEEDED


def test_erased_words_go_from_every_text_and_version(tenant: UUID, brand_id: UUID) -> None:
    package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity(tenant, brand_id))
    variants_made(tenant, package_id=package.id)

    erase(tenant, "ben")

    with tenant_transaction(tenant):
        kept = [*queries.variants(package.id).variants]
        stored = [
            *Variant.objects.values_list("body", flat=True),
            *VariantVersion.objects.values_list("body", flat=True),
        ]
        assert all(ANSWER not in body for body in stored)
        assert {one.status for one in kept if one.body.startswith("Withdrawn")} == {VariantStatus.ARCHIVED}
        assert len(queries.package(package.id).evidence_ids) == 1
        assert queries.package(package.id).origin_opportunity_id is not None


def test_a_package_outlives_its_opportunity_without_its_words(tenant: UUID, brand_id: UUID) -> None:
    package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity(tenant, brand_id))
    variants_made(tenant, package_id=package.id)

    erase(tenant, "ana")
    erase(tenant, "ben")

    with tenant_transaction(tenant):
        shown = queries.package(package.id)
        assert Opportunity.objects.count() == VariantCitation.objects.count() == 0
        assert (shown.status, shown.origin_opportunity_id, shown.thesis) == (PackageStatus.ARCHIVED, None, None)


def test_a_claim_that_loses_its_evidence_is_to_be_checked(tenant: UUID, brand_id: UUID) -> None:
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE, author_ref="ana")
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
    claim: dict[str, JsonValue] = {"text": "People do ask.", "evidence_ids": [str(item_id)], "status": "cited"}
    variant_id = make_variant(
        tenant, brand_id=brand_id, package_id=package_id, item_id=item_id, body="People do ask.", claims=[claim]
    )

    erase(tenant, "ana")

    with tenant_transaction(tenant):
        [left] = queries.variant(variant_id).claims
    assert (left.evidence_ids, left.status) == ([], ClaimStatus.TO_CHECK)
