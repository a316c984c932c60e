"""A board asked from a real model that is far too small for it: whatever it says, the board ends honestly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.llm.asking import Models
from kairo.platform.llm.queries import calls_of_run
from kairo.platform.llm.routes import RoutesFile
from kairo.stages.evidence.queries import items_by_id
from kairo.stages.opportunities.contracts import BoardState
from tests.factories.brands import stored_brand
from tests.factories.model_boards import board_by
from tests.factories.posts import import_posts, posts
from tests.fakes.model_calls import provider_at
from tests.servers.local_model import local_model, missing

OWN = {"models": ["local:smollm2"], "max_output_tokens": 160}
ROUTES = RoutesFile.model_validate(
    {
        # Patience for a busy machine: the model itself takes seconds.
        "defaults": {"timeout_s": 240, "deadline_s": 480, "max_output_tokens": 160, "cache_hours": 0},
        "models": {},
        "tasks": {"synthesis": OWN, "scoring": OWN},
        "prices": {"local:*": {"input": 0, "output": 0}},
    }
)


@pytest.fixture
def address() -> Iterator[str]:
    if reason := missing():
        pytest.skip(reason)
    with local_model() as url:
        yield url


def test_a_small_model_is_asked_in_earnest_and_the_board_says_who_wrote_it(
    address: str, tenant: UUID, tmp_path: Path
) -> None:
    brand = stored_brand(tenant, pillars=[{"name": "Routine", "keywords": ["cleanser", "moisturiser", "sunscreen"]}])
    now = timezone.now()
    import_posts(posts(8, at=now), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=now)
    models = Models(providers={"local": provider_at(address)}, routes=ROUTES)

    board = board_by(models, tenant_id=tenant, brand_id=brand.id)

    with tenant_transaction(tenant):
        calls = calls_of_run(board.meta.run_id or UUID(int=0))
        cited = [evidence for opportunity in board.opportunities for evidence in opportunity.evidence]
        known = items_by_id([evidence.id for evidence in cited])
    assert board.meta.state is BoardState.READY
    assert (board.meta.generator, board.meta.degraded) in {("model", False), ("model", True), ("extractive", True)}
    assert bool(board.meta.reason) is board.meta.degraded
    assert cited
    assert all(evidence.quote in known[evidence.id].text for evidence in cited)
    assert calls
    assert {call.model for call in calls} == {"local:smollm2"}
    assert any(call.tokens_in > 500 and call.tokens_out > 0 for call in calls)
    assert {call.cost_microdollars for call in calls} == {0}
