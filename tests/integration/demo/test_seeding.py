from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kairo.interfaces.cli.demo import seed_demo_brand
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands import queries as brands
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.evidence.operations import import_file
from kairo.stages.evidence.queries import EvidenceWindow
from kairo.stages.knowledge import queries as knowledge
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.contracts import BoardState

START = datetime(2026, 11, 21, 9, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
POSTS = 106
DOCUMENTS = ["The range and where it is sold", "Fernway: who we are"]

pytestmark = pytest.mark.usefixtures("database")


def _demo() -> tuple[UUID, UUID]:
    return brands.locate_brand("fernway", tenant_slug="demo")


def _items(at: datetime) -> list[EvidenceItemDTO]:
    tenant_id, brand_id = _demo()
    with tenant_transaction(tenant_id):
        return evidence.brand_evidence(brand_id, EvidenceWindow(as_of=at, days=1000, max_items=2000)).items


def test_the_first_start_shows_a_synthetic_brand_with_all_its_posts_and_a_board_under_way() -> None:
    seed_demo_brand(at=START)

    tenant_id, brand_id = _demo()
    with tenant_transaction(tenant_id):
        assert brands.brand(brand_id).is_synthetic
        assert opportunities.look_at_today(brand_id, at=START).to_contract().meta.state is BoardState.GENERATING
        assert [document.title for document in knowledge.documents(brand_id)] == DOCUMENTS
    assert len(_items(START)) == POSTS


def test_a_restart_adds_nothing() -> None:
    seed_demo_brand(at=START)

    seed_demo_brand(at=START + timedelta(minutes=7))

    assert len(_items(START + DAY)) == POSTS
    tenant_id, brand_id = _demo()
    with tenant_transaction(tenant_id):
        assert len(knowledge.documents(brand_id)) == len(DOCUMENTS)


def test_a_newer_post_that_a_person_imported_does_not_make_the_demo_start_over(tmp_path: Path) -> None:
    seed_demo_brand(at=START)
    tenant_id, brand_id = _demo()
    own = {"platform": "tiktok", "platform_item_id": "77", "text": "our own clip", "published_at": START.isoformat()}
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(own))
    import_file(tenant_id=tenant_id, brand_id=brand_id, path=path, at=START)

    seed_demo_brand(at=START + 9 * DAY)

    due_since = len(_items(START + 9 * DAY)) - POSTS - 1
    assert 8 <= due_since < POSTS


def test_the_gates_let_the_demo_through_at_the_start_and_months_later() -> None:
    for days in (0, 9, 20, 31, 75, 200):
        at = START + days * DAY
        seed_demo_brand(at=at)

        tenant_id, brand_id = _demo()
        with tenant_transaction(tenant_id):
            report = evidence.gate_report(brand_id, evidence.evidence_window(brand_id, as_of=at))

        assert report.can_proceed, (days, report.shortfall.failures)
