"""Baselines of trends as versions: what was learned has to beat what is built in, and looks go by the champion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.insights import queries as insights
from kairo.stages.insights.contracts.baselines import BUILT_IN, ServingBaseline
from kairo.stages.learning import operations, queries
from kairo.stages.learning.contracts import ModelKind, ModelStatus
from kairo.stages.learning.contracts.registry import ModelSummary, PromotionAction
from tests.factories.callers import caller
from tests.factories.topics import make_topics

NOW = datetime(2026, 5, 20, tzinfo=UTC)
UNEVEN = 3.0


def learn(tenant: UUID, at: datetime = NOW) -> bool:
    with tenant_transaction(tenant):
        return operations.learn_trend_baseline(at=at)


def serving(tenant: UUID) -> ServingBaseline | None:
    with tenant_transaction(tenant):
        return insights.serving_baseline()


def versions(tenant: UUID) -> list[ModelSummary]:
    with tenant_transaction(tenant):
        return queries.registered_models(kind=ModelKind.TREND_BASELINE)


def test_too_short_a_past_and_too_few_topics_teach_nothing(tenant: UUID, stranger: UUID, database: str) -> None:
    make_topics(database, tenant, until=NOW, days=30, unevenness=UNEVEN)
    make_topics(database, stranger, until=NOW, days=70, topics=40, unevenness=UNEVEN)
    assert (learn(tenant), learn(stranger)) == (False, False)
    assert (versions(tenant), versions(stranger)) == ([], [])
    assert serving(tenant) is None


def test_uneven_topics_bring_a_baseline_into_use_and_a_rollback_takes_it_away(tenant: UUID, database: str) -> None:
    make_topics(database, tenant, until=NOW, days=70, unevenness=UNEVEN)

    assert learn(tenant)

    [newest, first] = versions(tenant)
    served = serving(tenant)
    assert (newest.status, first.status) == (ModelStatus.CHAMPION, ModelStatus.RETIRED)
    assert first.metrics == {"built_in": True}
    assert newest.comparison is not None
    assert newest.comparison.pairs >= 100
    assert served is not None
    assert (served.version, served.learned_until) == (2, NOW - timedelta(days=14))
    assert served.baseline.dispersion > 1
    assert served.baseline.weight > 0

    back = caller(tenant).post(f"/api/models/{newest.id}/rollback", {"reason": "odd"}, content_type="application/json")

    again = serving(tenant)
    assert (back.status_code, back.json()["version"]) == (200, 1)
    assert again is not None
    assert (again.version, again.baseline) == (1, BUILT_IN)
    with tenant_transaction(tenant):
        lines = [(line.action, line.version, line.replaced_id) for line in queries.promotions()]
    assert lines == [
        (PromotionAction.ROLLED_BACK, 1, newest.id),
        (PromotionAction.PROMOTED, 2, first.id),
        (PromotionAction.INSTALLED, 1, None),
    ]
    assert not learn(tenant, NOW + timedelta(days=1))
    assert serving(tenant) == again


def test_topics_that_chance_alone_moves_bring_no_other_baseline_into_use(tenant: UUID, database: str) -> None:
    make_topics(database, tenant, until=NOW, days=70, unevenness=0)

    assert not learn(tenant)

    found = serving(tenant)
    assert found is None or found.baseline == BUILT_IN
    assert [one.version for one in versions(tenant) if one.status is ModelStatus.CHAMPION] in ([], [1])


def test_one_that_waits_is_compared_on_each_fortnight_that_has_passed(tenant: UUID, database: str) -> None:
    make_topics(database, tenant, until=NOW, days=100, unevenness=1.0, seed=3)
    learn(tenant, NOW - timedelta(days=14))
    [before, *_] = versions(tenant)

    learn(tenant, NOW)

    after = next(one for one in versions(tenant) if one.id == before.id)
    assert before.status is ModelStatus.CHALLENGER
    assert before.comparison is not None
    assert after.comparison is not None
    assert after.comparison.pairs > 1.5 * before.comparison.pairs


def test_what_one_account_learned_serves_no_other(tenant: UUID, stranger: UUID, database: str) -> None:
    make_topics(database, tenant, until=NOW, days=70, unevenness=UNEVEN)
    assert learn(tenant)
    assert (serving(stranger), versions(stranger)) == (None, [])
