"""Predictions of stored opportunities, scored over stored posts once they are due."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence.contracts import CaptureStatus
from kairo.stages.evidence.models import CaptureRun, Surface
from kairo.stages.learning import operations, queries
from kairo.stages.learning.contracts import CalibrationDTO
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.rules.predictions import measure_of
from tests.factories.boards import NOON, make_brand, make_item, make_opportunity

QUOTE = "How do I descale my machine?"
DUE = NOON + timedelta(days=14)
LATER = DUE + timedelta(days=4)


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


@pytest.fixture
def item_id(tenant: UUID, brand_id: UUID) -> UUID:
    return make_item(tenant, brand_id=brand_id, text=QUOTE)


def predict(
    tenant: UUID, brand_id: UUID, item_id: UUID, *, topic: str = "descale machine", due_at: datetime = DUE
) -> UUID:
    """Make an opportunity that bets on two posts on a topic."""
    prediction: dict[str, JsonValue] = {
        "measure": measure_of(topic),
        "statement": "At least 2 posts.",
        "threshold": 2.0,
        "due_at": due_at.isoformat(),
        "probability": 0.7,
    }
    return make_opportunity(tenant, brand_id=brand_id, cites=[(item_id, QUOTE)], prediction=prediction)


def listen(tenant: UUID, brand_id: UUID, *, until: datetime) -> None:
    """Read the brand's surface at a moment."""
    with tenant_transaction(tenant):
        surface = Surface.objects.get(brand_id=brand_id)
        CaptureRun.objects.create(surface=surface, status=CaptureStatus.SUCCEEDED, started_at=until, ended_at=until)


def asked(tenant: UUID, brand_id: UUID, *, days: float) -> None:
    """Have somebody ask about descaling so many days after noon."""
    at = NOON + timedelta(days=days)
    make_item(tenant, brand_id=brand_id, text="My machine wants to be descaled", published_at=at)


def score(tenant: UUID, brand_id: UUID, *, at: datetime = LATER) -> CalibrationDTO:
    operations.score_due_predictions(tenant_id=tenant, at=at)
    with tenant_transaction(tenant):
        return queries.calibration(brand_id, at=at)


def test_posts_within_the_span_decide_and_each_prediction_is_scored_once(
    tenant: UUID, brand_id: UUID, item_id: UUID
) -> None:
    predict(tenant, brand_id, item_id)
    predict(tenant, brand_id, item_id, topic="grinder noise")
    for days in (-2, 1, 5, 15):
        asked(tenant, brand_id, days=days)
    listen(tenant, brand_id, until=LATER)

    first, again = score(tenant, brand_id), score(tenant, brand_id)

    assert (first.predictions, first.due, first.scored, first.void, first.waiting) == (2, 2, 2, 0, 0)
    assert first.came_true == 1
    assert first.brier == pytest.approx((0.3**2 + 0.7**2) / 2)
    assert again == first


def test_without_reading_past_the_due_date_a_prediction_waits_and_then_is_void(
    tenant: UUID, brand_id: UUID, item_id: UUID
) -> None:
    predict(tenant, brand_id, item_id)
    for days in (1, 2):
        asked(tenant, brand_id, days=days)

    waiting = score(tenant, brand_id, at=DUE + timedelta(hours=1))
    void = score(tenant, brand_id, at=LATER)

    assert (waiting.due, waiting.waiting, waiting.void) == (1, 1, 0)
    assert (void.scored, void.void, void.void_reasons) == (0, 1, {"not_listened": 1})
    assert void.says.startswith("No prediction could be scored yet")


def test_the_same_bet_on_boards_of_one_week_counts_once(tenant: UUID, brand_id: UUID, item_id: UUID) -> None:
    predict(tenant, brand_id, item_id)
    predict(tenant, brand_id, item_id, due_at=DUE + timedelta(days=2))
    listen(tenant, brand_id, until=LATER)

    found = score(tenant, brand_id)

    assert (found.scored, found.void_reasons) == (1, {"repeated": 1})


def test_what_was_due_before_it_was_made_is_no_prediction(tenant: UUID, brand_id: UUID, item_id: UUID) -> None:
    predict(tenant, brand_id, item_id, due_at=NOON - timedelta(days=1))
    listen(tenant, brand_id, until=LATER)

    assert score(tenant, brand_id).void_reasons == {"recorded_late": 1}


def test_what_is_not_due_is_left_alone(tenant: UUID, brand_id: UUID, item_id: UUID) -> None:
    predict(tenant, brand_id, item_id, due_at=LATER + timedelta(days=1))

    found = score(tenant, brand_id)

    assert (found.predictions, found.due, found.scored, found.void) == (1, 0, 0, 0)


def test_bets_that_fail_make_the_next_ones_humbler(tenant: UUID, brand_id: UUID, item_id: UUID) -> None:
    for topic in ("grinder noise", "moka pot", "cold brew", "oat milk"):
        predict(tenant, brand_id, item_id, topic=topic)
    listen(tenant, brand_id, until=LATER)

    score(tenant, brand_id)

    with tenant_transaction(tenant):
        learned = opportunities.learned(brand_id, names={}, at=LATER)
    assert -0.7 < learned.probability_shift < -0.2
