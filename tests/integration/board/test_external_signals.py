"""Signals from outside: the role of a surface decides where its posts go, and a failure leaves a board without them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence import queries
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.insights.contracts.trends import ClusterKeyType, TrendCandidateDTO, TrendStatus
from kairo.stages.opportunities.operations.signalling import external_signals
from kairo.stages.opportunities.rules.external_signals import signals_from_evidence
from tests.factories.brands import stored_brand
from tests.factories.surfaces import captured, entry, feed, stored_surface
from tests.integration.outbound.servers import Site, page

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def _captured_in_each_role(tenant: UUID, brand_id: UUID) -> list[EvidenceItemDTO]:
    for number, role in enumerate(("own", "competitor", "mention", "market")):
        entries = [entry(number, guid=f"https://{role}.example/1", title=f"From {role}", author=role)]
        with Site(page(feed(entries), headers={"content-type": "application/rss+xml"})) as site:
            captured(tenant, stored_surface(tenant, brand_id, site.url("/feed.xml"), role=role))
    with tenant_transaction(tenant):
        return queries.items(brand_id)


def _trend(*item_ids: UUID, label: str) -> TrendCandidateDTO:
    return TrendCandidateDTO(
        id=uuid4(),
        label=label,
        cluster_key_type=ClusterKeyType.KEYPHRASE,
        status=TrendStatus.EMERGING,
        trend_score=70,
        velocity=1,
        acceleration=0,
        surprise=9,
        breadth=0.5,
        novelty=0.5,
        authors=4,
        platforms=["rss"],
        item_ids=list(item_ids),
        detected_at=NOON - timedelta(days=2),
        series=[],
        cluster_id=uuid4(),
        engagement=0.5,
    )


def test_a_surfaces_role_decides_where_its_posts_go(tenant: UUID, brand_id: UUID) -> None:
    items = {item.author: item for item in _captured_in_each_role(tenant, brand_id)}
    trends = [_trend(items["market"].id, label="calm skin"), _trend(items["own"].id, label="our launch")]
    bundle = signals_from_evidence(list(items.values()), brand_id=brand_id, as_of=NOON, trends=trends)

    assert [post.competitor_name for post in bundle.competitor_posts] == ["competitor"]
    assert [mention.id for mention in bundle.web_mentions] == [items["mention"].id]
    assert [moment.id for moment in bundle.social_moments] == [items["market"].id]
    assert [(trend.topic, trend.relevance_score, trend.recency_days) for trend in bundle.trends] == [
        ("calm skin", 70, 2.0)
    ]


def test_signals_come_from_evidence_by_default(tenant: UUID, brand_id: UUID) -> None:
    items = _captured_in_each_role(tenant, brand_id)
    bundle, notes = external_signals(tenant_id=tenant, brand_id=brand_id, items=items, as_of=NOON)

    assert notes == []
    assert (len(bundle.competitor_posts), len(bundle.web_mentions), len(bundle.social_moments)) == (1, 1, 1)


def test_an_evaluation_brings_its_signals_in_a_file(
    tenant: UUID, brand_id: UUID, tmp_path: Path, settings: Settings
) -> None:
    settings.EXTERNAL_SIGNALS_MODE, settings.EXTERNAL_SIGNALS_DIR = "fixtures", tmp_path
    trend = {"id": str(uuid4()), "topic": "glass skin", "source": "fixture", "relevance_score": 80, "recency_days": 1}
    (tmp_path / "glow").mkdir()
    (tmp_path / "glow" / "signals.json").write_text(json.dumps({"trends": [trend]}))

    bundle, notes = external_signals(tenant_id=tenant, brand_id=brand_id, items=[], as_of=NOON)

    assert (bundle.brand_id, [trend.topic for trend in bundle.trends], notes) == (brand_id, ["glass skin"], [])


@pytest.mark.parametrize("written", [None, "{broken", "[]", '{"trends": [{"topic": "no id"}]}'])
def test_signals_that_cannot_be_read_leave_an_empty_bundle_and_a_note(
    tenant: UUID, brand_id: UUID, tmp_path: Path, settings: Settings, written: str | None
) -> None:
    settings.EXTERNAL_SIGNALS_MODE, settings.EXTERNAL_SIGNALS_DIR = "fixtures", tmp_path
    (tmp_path / "glow").mkdir()
    if written is not None:
        (tmp_path / "glow" / "signals.json").write_text(written)

    bundle, notes = external_signals(tenant_id=tenant, brand_id=brand_id, items=[], as_of=NOON)

    assert (bundle.trends, bundle.web_mentions, bundle.competitor_posts, bundle.social_moments) == ([], [], [], [])
    assert notes == ["External signals could not be read; the board was made without them."]
