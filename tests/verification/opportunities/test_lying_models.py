"""A model that lies in every way that we know never puts a word of it on a board."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.llm import operations as llm
from kairo.platform.llm.asking import Models
from kairo.platform.llm.contracts import Caps, Usage
from kairo.platform.llm.ports import ModelReply, ModelRequest
from kairo.stages.evidence.queries import items_by_id
from kairo.stages.opportunities.models import Opportunity, OpportunityCitation
from tests.factories.brands import stored_brand
from tests.factories.model_boards import board_by
from tests.factories.posts import import_posts, posts
from tests.fakes.board_lies import EVIDENCE_LIES, WORD_LIES, Draft
from tests.fakes.board_models import honest_drafts, ratings, read_texts
from tests.fakes.model_calls import ROUTES

Said = tuple[str, str, str, str]
MARK = " Told plainly, without a lesson."
"""Stands in the drafts that are spoilt, so that none of them says the same as an honest one."""


@dataclass
class Liar:
    """A provider whose model spoils all of its drafts but a few with lies, and does not mend them when told."""

    seed: int
    honest_ones: int = 0
    lied: set[Said] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def answer(self, request: ModelRequest, *, within_s: float) -> ModelReply:
        asked = read_texts([turn.text for turn in request.turns])
        written = ratings(asked) if asked.is_scoring else self._drafts(asked.posts)
        return ModelReply(text=written, usage=Usage(tokens_in=10, tokens_out=10))

    def _drafts(self, given: dict[str, str]) -> str:
        dice = random.Random(self.seed)
        drafts = honest_drafts(given, most=12)
        dice.shuffle(drafts)
        for draft in drafts[self.honest_ones :]:
            draft["angle"] += MARK
            told = [dice.choice(EVIDENCE_LIES), dice.choice(WORD_LIES)]
            for lie in dice.choice([told, told[:1], told[1:]]):
                lie(draft, given)
                self.used.add(lie.__name__)
            self.lied.add(said(draft))
        return json.dumps({"drafts": drafts})


def said(draft: Draft) -> Said:
    quotes = json.dumps([quote["text"] for quote in draft["quotes"]])
    return draft["title"], draft["angle"], draft["why_now"], quotes


@pytest.fixture
def brand_id(tenant: UUID, tmp_path: Path) -> UUID:
    pillar = {"name": "Routine", "keywords": ["cleanser", "moisturiser", "sunscreen"]}
    brand = stored_brand(tenant, pillars=[pillar], brand__taboos=["miracle"])
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=now)
    with tenant_transaction(tenant):
        # Every run asks anew, and there is money for all of them.
        llm.set_keep_days(0, at=now)
        llm.set_caps(dict.fromkeys(Caps.model_fields, 1000000), at=now)
    return brand.id


@pytest.mark.parametrize("runs", [8, pytest.param(200, marks=pytest.mark.long)])
def test_invented_evidence_never_reaches_a_board(runs: int, tenant: UUID, brand_id: UUID) -> None:
    lied: set[Said] = set()
    used: set[str] = set()
    generators: list[str | None] = []
    for seed in range(runs):
        liar = Liar(seed=seed, honest_ones=seed % 5)
        board = board_by(Models(providers={"openai": liar}, routes=ROUTES), tenant_id=tenant, brand_id=brand_id)
        generators.append(board.meta.generator)
        lied |= liar.lied
        used |= liar.used

    with tenant_transaction(tenant):
        citations = list(OpportunityCitation.objects.order_by("opportunity_id", "position"))
        known = items_by_id(list({citation.item_id for citation in citations}))
        quotes: dict[UUID, list[str]] = {}
        for citation in citations:
            quotes.setdefault(citation.opportunity_id, []).append(citation.quote)
        stored = {(row.title, row.angle, row.why_now, json.dumps(quotes[row.id])) for row in Opportunity.objects.all()}

    unsupported = [citation.quote for citation in citations if citation.quote not in known[citation.item_id].text]
    print(f"{runs} runs, {len(lied)} lies of {len(used)} kinds, {len(citations)} citations, {set(generators)}")
    assert unsupported == []
    assert stored & lied == set()
    assert all(MARK not in angle for _, angle, _, _ in stored)
    assert {"model", "extractive"} <= set(generators)
