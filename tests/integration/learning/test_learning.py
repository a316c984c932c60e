"""What is learned from, once each; by whom; and what happens when it cannot be read."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from typer.testing import CliRunner

from kairo.interfaces.cli.commands import app
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.queries import jobs as listed_jobs
from kairo.stages.brands.contracts import BrandNotFound
from kairo.stages.brands.models import ContentPillar, PatternTemplate, Persona
from kairo.stages.brands.operations import take_snapshot
from kairo.stages.content import operations as content
from kairo.stages.content.contracts import ExecutionEventBatch, ExecutionEventInput, ExecutionEventType
from kairo.stages.content.models import ContentPackage, Variant
from kairo.stages.learning import operations, queries
from kairo.stages.learning.contracts import LearningSignalType, ModelStatus
from kairo.stages.learning.queries import NOTHING_YET
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities import queries as opportunity_queries
from kairo.stages.opportunities.contracts import DecisionRequestDTO, DecisionType
from kairo.stages.opportunities.operations.score_effects import WITHOUT_LEARNING, learning_for_board
from tests.factories.boards import NOON, make_brand, make_item, make_opportunity
from tests.factories.packages import make_package, make_variant

QUOTE = "How do I descale my machine?"


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


@pytest.fixture
def opportunity_id(tenant: UUID, brand_id: UUID) -> UUID:
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    return make_opportunity(tenant, brand_id=brand_id, cites=[(item_id, QUOTE)])


def decided(tenant: UUID, opportunity_id: UUID, decision: DecisionType = DecisionType.APPROVE) -> UUID:
    """Decide on an opportunity and return the decision's id."""
    with tenant_transaction(tenant):
        request = DecisionRequestDTO(decision_type=decision, reason="Because Ana said so")
        opportunities.decide_on_opportunity(opportunity_id=opportunity_id, request=request, by="ana", at=NOON)
        return opportunity_queries.decisions(object_id=opportunity_id)[0].id


def views(count: int, *, likes: int) -> ExecutionEventBatch:
    return ExecutionEventBatch(
        events=[
            ExecutionEventInput(event_type=ExecutionEventType.VIEW, occurred_at=NOON, count=count),
            ExecutionEventInput(event_type=ExecutionEventType.LIKE, occurred_at=NOON, count=likes),
        ]
    )


def test_the_same_decision_twice_is_one_event_and_one_version(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    decision_id = decided(tenant, opportunity_id)

    with tenant_transaction(tenant):
        versions = []
        for _ in range(2):
            operations.note_decision(decision_id=decision_id, at=NOON)
            versions.append(operations.update_effects(brand_id=brand_id, at=NOON))
        [event] = queries.learning_events(brand_id)

    assert versions == [1, None]
    assert (event.signal_type, event.opportunity_id) == (LearningSignalType.DECISION, opportunity_id)
    assert event.derived_from == [decision_id]


def test_an_event_holds_no_texts(tenant: UUID, brand_id: UUID, opportunity_id: UUID) -> None:
    decision_id = decided(tenant, opportunity_id)

    with tenant_transaction(tenant):
        operations.note_decision(decision_id=decision_id, at=NOON)
        [event] = queries.learning_events(brand_id)
        pillar, persona = ContentPillar.objects.get(brand_id=brand_id), Persona.objects.get(brand_id=brand_id)

    assert event.payload["levels"] == {
        "pillar": str(pillar.id),
        "persona": str(persona.id),
        "type": "trend",
        "channel": "instagram",
        "platform": {"instagram": 1.0},
    }
    assert "Ana" not in event.model_dump_json()
    assert "descale" not in event.model_dump_json()


def test_a_decision_is_announced_in_its_own_transaction(tenant: UUID, opportunity_id: UUID) -> None:
    with tenant_transaction(tenant):
        request = DecisionRequestDTO(decision_type=DecisionType.PIN)
        opportunities.decide_on_opportunity(opportunity_id=opportunity_id, request=request, by="ana", at=NOON)
        transaction.set_rollback(True)
    with tenant_transaction(tenant):
        assert listed_jobs(kind=opportunities.DECIDED)[0] == []

    decided(tenant, opportunity_id)

    with tenant_transaction(tenant):
        assert len(listed_jobs(kind=opportunities.DECIDED)[0]) == 1


def test_a_forgotten_decision_teaches_nothing(tenant: UUID, brand_id: UUID, opportunity_id: UUID) -> None:
    decision_id = decided(tenant, opportunity_id)

    with tenant_transaction(tenant):
        opportunities.forget_decisions(object_ids=[opportunity_id])
        noted = operations.note_decision(decision_id=decision_id, at=NOON)
        assert (noted, queries.learning_events(brand_id)) == (False, [])


def test_each_version_retires_the_one_before_and_a_day_makes_one(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    decision_id = decided(tenant, opportunity_id)

    with tenant_transaction(tenant):
        operations.note_decision(decision_id=decision_id, at=NOON)
        operations.update_effects(brand_id=brand_id, at=NOON)
        changed = operations.update_all_effects(at=NOON + timedelta(days=30))
        models = queries.learned_models(brand_id)

    assert changed == 1
    assert [(model.version, model.status) for model in models] == [(2, ModelStatus.CHAMPION), (1, ModelStatus.RETIRED)]


def test_a_board_of_an_earlier_moment_takes_what_was_learned_by_then(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    decision_id = decided(tenant, opportunity_id)
    with tenant_transaction(tenant):
        operations.note_decision(decision_id=decision_id, at=NOON)
        operations.update_effects(brand_id=brand_id, at=NOON)
        snapshot = take_snapshot(brand_id=brand_id, at=NOON)

    before, notes = learning_for_board(tenant_id=tenant, brand=snapshot, as_of=NOON - timedelta(seconds=1))
    after, _ = learning_for_board(tenant_id=tenant, brand=snapshot, as_of=NOON)

    assert (before.version, before.pillar_performance, notes) == (None, {}, [])
    assert after.version == 1
    assert after.pillar_performance["Brewing"] > 0


def test_what_cannot_be_read_is_left_out_with_a_note(tenant: UUID, brand_id: UUID) -> None:
    with tenant_transaction(tenant):
        snapshot = take_snapshot(brand_id=brand_id, at=NOON)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO score_effects (id, tenant_id, brand_id, version, effects, probability_shift, learned_at)"
                " VALUES (gen_random_uuid(), %s, %s, 1, '[{\"effect\": 7}]', 0, %s)",
                [tenant, brand_id, NOON],
            )

    learning, notes = learning_for_board(tenant_id=tenant, brand=snapshot, as_of=NOON)

    assert (learning.version, learning.pillar_performance, notes) == (None, {}, [WITHOUT_LEARNING])


def test_audiences_move_the_channels_outcome_and_late_events_are_added(tenant: UUID, brand_id: UUID) -> None:
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    made = []
    for _ in range(2):
        package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
        made.append(make_variant(tenant, brand_id=brand_id, package_id=package_id, item_id=item_id))
    with tenant_transaction(tenant):
        for variant_id, likes in zip(made, (400, 40), strict=True):
            content.take_events(variant_id=variant_id, batch=views(4000, likes=likes), at=NOON)
            operations.note_engagement(variant_id=variant_id, at=NOON)
        content.take_events(variant_id=made[0], batch=views(1000, likes=100), at=NOON)
        operations.note_engagement(variant_id=made[0], at=NOON)
        operations.update_effects(brand_id=brand_id, at=NOON)
        events = queries.learning_events(brand_id)
        summary = queries.learning_summary(brand_id, at=NOON)

    by_variant = {event.variant_id: event for event in events}
    assert len(events) == 2
    assert by_variant[made[0]].payload["counts"] == {"view": 5000, "like": 500}
    assert len(by_variant[made[0]].derived_from) == 4
    assert summary.recent_engagement_score == pytest.approx(540 / 9000, rel=0.01)
    assert [effect.name for effect in summary.effects] == ["linkedin"]


def test_an_untaught_brand_says_so_and_a_stranger_sees_nothing(
    tenant: UUID, stranger: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    with tenant_transaction(tenant):
        assert queries.learning_summary(brand_id, at=NOON).notes == [NOTHING_YET]
    decision_id = decided(tenant, opportunity_id)
    with tenant_transaction(tenant):
        operations.note_decision(decision_id=decision_id, at=NOON)
        operations.update_effects(brand_id=brand_id, at=NOON)

    with tenant_transaction(stranger):
        assert queries.learning_events(brand_id) == []
        assert queries.learned_models(brand_id) == []
        with pytest.raises(BrandNotFound):
            queries.learning_summary(brand_id, at=NOON)
        with pytest.raises(BrandNotFound):
            queries.calibration(brand_id, at=NOON)


def test_the_command_shows_effects_and_says_how_predictions_stand(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    decision_id = decided(tenant, opportunity_id)
    with tenant_transaction(tenant):
        operations.note_decision(decision_id=decision_id, at=NOON)
        operations.update_effects(brand_id=brand_id, at=NOON)

    told = CliRunner().invoke(app, ["brand", "learning", "northwind"], terminal_width=200)
    as_json = CliRunner().invoke(app, ["brand", "learning", "northwind", "--json"])

    assert told.exit_code == 0, told.output
    assert "Brewing" in told.output
    assert "No prediction has been made yet" in told.output
    assert json.loads(as_json.output)["learning"]["version"] == 1


def test_a_decision_on_a_variant_tells_of_its_opportunity_its_channel_and_its_pattern(
    tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
    variant_id = make_variant(tenant, brand_id=brand_id, package_id=package_id, item_id=item_id)
    with tenant_transaction(tenant):
        pattern = PatternTemplate.objects.create(brand_id=brand_id, name="Before and after", category="proof")
        ContentPackage.objects.filter(id=package_id).update(origin_opportunity_id=opportunity_id)
        Variant.objects.filter(id=variant_id).update(pattern_template_id=pattern.id)
        request = DecisionRequestDTO(decision_type=DecisionType.APPROVE)
        content.decide_on_variant(variant_id=variant_id, request=request, by="ana", at=NOON)
        [decision] = opportunity_queries.decisions(object_id=variant_id)
        operations.note_decision(decision_id=decision.id, at=NOON)
        operations.update_effects(brand_id=brand_id, at=NOON)
        [event] = queries.learning_events(brand_id)
        summary = queries.learning_summary(brand_id, at=NOON)

    assert (event.opportunity_id, event.variant_id, event.pattern_id) == (opportunity_id, variant_id, pattern.id)
    assert {effect.name for effect in summary.effects} == {
        "Brewing", "Home barista", "trend", "linkedin", "instagram", "Before and after",
    }  # fmt: skip
    assert [entry["name"] for entry in summary.top_performing_patterns] == ["Before and after"]
