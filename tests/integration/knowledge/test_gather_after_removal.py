"""What people removed from a brand's knowledge: a gather whose model says it again does not bring it back."""

from __future__ import annotations

import json
from uuid import UUID

from django.utils import timezone

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.knowledge import operations, queries
from tests.factories.gathers import ask_for_gather, attempt_gather, documented_brand, scripted
from tests.factories.handbook import INTERVIEWS
from tests.fakes.gather_models import Asked, ScriptedModel, honest, honest_items


def always_the_same(asked: Asked) -> str:
    if asked.kind != "generate":
        return honest(asked)
    return json.dumps({"items": honest_items(Asked("generate", asked.passages, [], []), most=5)})


def gathered(tenant: UUID, brand_id: UUID) -> dict[str, UUID]:
    """Gather once with a model that always says the same; return the statements that then count, by what they say."""
    job = ask_for_gather(tenant, brand_id, max_iterations=1, enable_auto_evaluation=False)
    attempt_gather(tenant, job.id, models=scripted(ScriptedModel(always_the_same)))
    with tenant_transaction(tenant):
        return {one.content: one.id for one in queries.statements(brand_id, limit=200)}


def test_a_removed_statement_is_not_brought_back(tenant: UUID) -> None:
    brand_id = documented_brand(tenant, texts=[INTERVIEWS])
    before = gathered(tenant, brand_id)
    removed = next(iter(before))
    with tenant_transaction(tenant):
        operations.remove_statement(brand_id=brand_id, statement_id=before[removed], by=new_id(), at=timezone.now())

    after = gathered(tenant, brand_id)

    assert set(after) == set(before) - {removed}
