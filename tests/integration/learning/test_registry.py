"""The registry: what is kept, what may come into use, what is written down of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict
from uuid import UUID

import numpy as np
import psycopg
import pytest
from typer.testing import CliRunner

from kairo.interfaces.cli.commands import app
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.learning import operations
from kairo.stages.learning import queries as learning
from kairo.stages.learning.contracts import LearnedModelDTO, ModelKind, ModelStatus
from kairo.stages.learning.contracts.registry import NotBetter, NothingBefore, PromotionAction, ServedElsewhere
from kairo.stages.learning.operations import registry
from kairo.stages.learning.operations.registry import Learned, Slot
from kairo.stages.learning.queries import registry as queries
from kairo.stages.revenue import queries as revenue
from kairo.stages.revenue.models.deals import StageModel
from kairo.stages.revenue.models.tracking import LearnedWeights
from kairo.stages.revenue.rules.weights import DEFAULTS
from tests.factories.boards import NOON, make_brand, make_item, make_opportunity
from tests.factories.callers import caller
from tests.factories.deals import make_deals
from tests.integration.learning.test_learning import QUOTE, decided

CURVE = Slot(ModelKind.DELAY_CURVE)


def learned(number: int = 1) -> Learned:
    return Learned(artifact={"median_days": number}, trained_until=NOON, metrics={"ads": 3})


class Losses(TypedDict):
    champion_losses: list[float]
    challenger_losses: list[float]


def losses(gain: float, *, pairs: int = 600) -> Losses:
    """Make paired losses of which the challenger saves a share."""
    generator = np.random.default_rng(3)
    champion = generator.uniform(0.5, 1.5, pairs)
    challenger = champion * (1 - gain) + generator.normal(0, 0.05, pairs)
    return {"champion_losses": champion.tolist(), "challenger_losses": challenger.tolist()}


def two_versions(tenant: UUID, gain: float) -> tuple[LearnedModelDTO, LearnedModelDTO]:
    with tenant_transaction(tenant):
        first = registry.propose(slot=CURVE, learned=learned(1), at=NOON)
        second = registry.propose(slot=CURVE, learned=learned(2), **losses(gain), at=NOON)
    return first, second


def test_the_first_version_serves_and_a_better_one_replaces_it(tenant: UUID) -> None:
    first, second = two_versions(tenant, 0.2)
    with tenant_transaction(tenant):
        champion = queries.champion(ModelKind.DELAY_CURVE)
        statuses = {one.version: one.status for one in queries.registered_models()}
        newest, oldest = queries.promotions()
    assert champion == second
    assert statuses == {1: ModelStatus.RETIRED, 2: ModelStatus.CHAMPION}
    assert (oldest.action, oldest.replaced_id) == (PromotionAction.INSTALLED, None)
    assert (newest.action, newest.replaced_id) == (PromotionAction.PROMOTED, first.id)
    assert newest.evidence["verdict"] == "better"


@pytest.mark.parametrize(("gain", "status"), [(0.0, ModelStatus.RETIRED), (-0.2, ModelStatus.RETIRED)])
def test_one_that_is_no_better_does_not(tenant: UUID, gain: float, status: ModelStatus) -> None:
    first, second = two_versions(tenant, gain)
    with tenant_transaction(tenant):
        assert queries.champion(ModelKind.DELAY_CURVE) == first
        with pytest.raises(NotBetter):
            registry.promote(model_id=second.id, by="ana", at=NOON)
    assert second.status == status


def test_one_with_too_few_examples_waits_and_may_be_judged_again(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        registry.propose(slot=CURVE, learned=learned(1), at=NOON)
        waiting = registry.propose(slot=CURVE, learned=learned(2), **losses(0.2, pairs=50), at=NOON)
        judged = registry.judge(model_id=waiting.id, **losses(0.2), at=NOON)
    assert (waiting.status, judged.status) == (ModelStatus.CHALLENGER, ModelStatus.CHAMPION)


def test_one_that_was_never_compared_cannot_be_promoted(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        registry.propose(slot=CURVE, learned=learned(1), at=NOON)
        challenger = registry.propose(slot=CURVE, learned=learned(2), at=NOON)
    answer = caller(tenant).post(f"/api/models/{challenger.id}/promote", "", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_better")
    assert "never compared" in answer.json()["detail"]


def test_a_rollback_goes_back_one_and_forth_to_the_one_that_is_named(tenant: UUID) -> None:
    first, second = two_versions(tenant, 0.2)
    client = caller(tenant)
    back = client.post(f"/api/models/{second.id}/rollback", {"reason": "odd"}, content_type="application/json").json()
    forth = client.post(f"/api/models/{second.id}/rollback", "", content_type="application/json").json()
    with tenant_transaction(tenant):
        lines = [(line.action, line.version) for line in queries.promotions()]
        reasons = [line.reason for line in queries.promotions()]
        never = registry.propose(slot=CURVE, learned=learned(3), at=NOON)
        with pytest.raises(NothingBefore):
            registry.roll_back(model_id=never.id, by="ana", at=NOON)
    assert (back["id"], forth["id"]) == (str(first.id), str(second.id))
    assert lines[:2] == [(PromotionAction.ROLLED_BACK, 2), (PromotionAction.ROLLED_BACK, 1)]
    assert reasons[1] == "odd"


def test_what_was_written_down_never_changes(tenant: UUID, database: str) -> None:
    two_versions(tenant, 0.2)
    for statement in ("UPDATE model_promotion SET by = 'x'", "DELETE FROM model_promotion"):
        with psycopg.connect(database) as server, pytest.raises(psycopg.errors.RestrictViolation):
            server.execute(statement)


def test_what_revenue_learned_is_told_once_and_may_be_gone_back_to(tenant: UUID) -> None:
    make_deals(tenant, at=NOON)
    with tenant_transaction(tenant):
        first = StageModel.objects.get()
        later = {**first.artifact, "closed": first.artifact["closed"] + 9}
        StageModel.objects.create(
            pipeline=first.pipeline, version=2, artifact=later, trained_until=NOON, created_at=NOON
        )
        told = [operations.mirror_models(at=NOON) for _ in range(2)]
        newest, oldest = queries.registered_models(kind=ModelKind.STAGE_PROBABILITIES)
        with pytest.raises(ServedElsewhere):
            registry.promote(model_id=oldest.id, by="ana", at=NOON)
        again = registry.roll_back(model_id=newest.id, by="ana", reason="odd", at=NOON)
        line = queries.promotions()[0]
        served = StageModel.objects.order_by("-version")[0]
    assert told == [2, 0]
    assert (again.version, again.status, again.subject) == (3, ModelStatus.CHAMPION, "default")
    assert (line.action, line.by, line.reason, line.replaced_id) == ("rolled_back", "ana", "odd", newest.id)
    assert (served.version, served.artifact["closed"]) == (3, later["closed"])
    assert served.artifact["stages"] == first.artifact["stages"]


def test_match_weights_may_be_gone_back_to(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        for version in (1, 2):
            artifact = DEFAULTS.model_copy(update={"version": version}).model_dump(mode="json")
            LearnedWeights.objects.create(version=version, artifact=artifact, trained_until=NOON, created_at=NOON)
        operations.mirror_models(at=NOON)
        newest = queries.champion(ModelKind.MATCH_WEIGHTS)
        assert newest is not None
        registry.roll_back(model_id=newest.id, by="ana", at=NOON)
        _, weights = revenue.settings_and_weights()
    assert weights.version == 3


def test_the_command_shows_promotes_and_goes_back(tenant: UUID) -> None:
    _, second = two_versions(tenant, 0.2)
    listed = CliRunner().invoke(app, ["models", "list", "--learned", "--tenant", "acme"])
    both = CliRunner().invoke(app, ["models", "list", "--tenant", "acme"])
    back = CliRunner().invoke(app, ["models", "rollback", str(second.id), "--tenant", "acme"])
    assert "delay_curve" in listed.output
    assert "Learned:" in both.output
    assert "In use: delay_curve version 1" in back.output


def test_another_account_sees_and_moves_nothing(tenant: UUID, stranger: UUID) -> None:
    _, second = two_versions(tenant, 0.2)
    client = caller(stranger)
    assert client.get("/api/models").json()["items"] == []
    assert client.post(f"/api/models/{second.id}/rollback", "", content_type="application/json").status_code == 404


def test_pages_of_versions(tenant: UUID) -> None:
    two_versions(tenant, 0.2)
    client = caller(tenant)
    first = client.get("/api/models?limit=1&kind=delay_curve").json()
    rest = client.get(f"/api/models?limit=1&cursor={first['next_cursor']}").json()
    assert [one["version"] for one in first["items"] + rest["items"]] == [2, 1]
    assert first["items"][0]["comparison"]["gain"] > 0.15


def test_score_effects_that_were_gone_back_to_hold_until_something_new_is_learned(tenant: UUID) -> None:
    brand_id = make_brand(tenant).id
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    for hours in range(2):
        decision_id = decided(tenant, make_opportunity(tenant, brand_id=brand_id, cites=[(item_id, QUOTE)]))
        with tenant_transaction(tenant):
            operations.note_decision(decision_id=decision_id, at=NOON + timedelta(hours=hours))
            operations.update_effects(brand_id=brand_id, at=NOON + timedelta(hours=hours))
    with tenant_transaction(tenant):
        champion = queries.champion(ModelKind.SCORE_EFFECTS, brand_id=brand_id)
        assert champion is not None
        again = registry.roll_back(model_id=champion.id, by="ana", at=NOON + timedelta(hours=2))
        held = operations.update_effects(brand_id=brand_id, at=NOON + timedelta(days=1))
        summary = learning.learning_summary(brand_id, at=NOON + timedelta(days=1))
    assert (champion.version, again.version, held) == (2, 3, None)
    assert summary.version == 3
    assert again.artifact["effects"] != champion.artifact["effects"]
