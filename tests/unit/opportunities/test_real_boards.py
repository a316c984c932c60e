"""Boards from real posts in five subjects: full enough, valid, cited letter by letter, never one sentence repeated."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities.contracts import Channel
from kairo.stages.opportunities.rules import Synthesis, rejection_reasons
from tests.growth import grows_like_its_input
from tests.shared_data import shared
from tests.unit.opportunities.boards import (
    AUDIO,
    AUGUST,
    COFFEE,
    LAUNCH_DAY,
    SHOES,
    SKINCARE,
    SOFTWARE,
    board,
    launch_sample,
    reddit_sample,
)

BRANDS = {"SkincareAddiction": SKINCARE, "Coffee": COFFEE, "headphones": AUDIO, "Sneakers": SHOES, "launches": SOFTWARE}
SETS = pytest.mark.parametrize("name", BRANDS)


@cache
def sample(name: str) -> tuple[EvidenceItemDTO, ...]:
    if name == "launches":
        return tuple(launch_sample(shared("evidence/producthunt-daily/posts.jsonl"), until=LAUNCH_DAY))
    return tuple(reddit_sample(shared(f"evidence/reddit-top-2013/{name}.csv"), until=AUGUST))


@cache
def board_of(name: str) -> Synthesis:
    return board(sample(name), BRANDS[name], as_of=LAUNCH_DAY if name == "launches" else AUGUST)


def brand_of(name: str) -> BrandSnapshotDTO:
    return BRANDS[name]


@SETS
def test_a_board_holds_five_to_twelve_valid_opportunities_best_first(name: str) -> None:
    known = {item.id: item for item in sample(name)}

    found = board_of(name)

    assert 5 <= len(found.drafts) <= 12
    assert [draft.score for draft in found.drafts] == sorted((draft.score for draft in found.drafts), reverse=True)
    for draft in found.drafts:
        assert draft.is_valid
        assert rejection_reasons(draft, evidence=known, taboos=brand_of(name).taboos) == []


@SETS
def test_every_quote_stands_in_its_item_and_every_cited_item_is_quoted(name: str) -> None:
    known = {item.id: item for item in sample(name)}

    for draft in board_of(name).drafts:
        assert {quote.evidence_id for quote in draft.quotes} == set(draft.evidence_ids)
        assert all(quote.text in known[quote.evidence_id].text for quote in draft.quotes)


@SETS
def test_each_opportunity_comes_from_another_cluster_and_another_lead_post(name: str) -> None:
    drafts = board_of(name).drafts

    clusters = [re.match(r"cluster (\d+)", draft.raw_reasoning or "") for draft in drafts]

    assert len({match.group(1) for match in clusters if match}) == len(drafts)
    assert len({draft.evidence_ids[0] for draft in drafts}) == len(drafts)


@SETS
def test_no_construction_is_heard_more_than_twice_on_a_board(name: str) -> None:
    drafts = board_of(name).drafts

    tails = Counter(title.partition(": ")[2] for title in (draft.proposed_title for draft in drafts) if ": " in title)
    openings = Counter(" ".join(draft.proposed_title.lower().split()[:3]) for draft in drafts)

    assert all(count <= 2 for count in tails.values())
    assert all(count <= 2 for count in openings.values())


@SETS
def test_no_title_speaks_in_the_first_person_of_its_post_or_smells_of_a_template(name: str) -> None:
    for draft in board_of(name).drafts:
        words = re.findall(r"[\w']+", draft.proposed_title)
        assert not {"I", "I'm", "I've", "my", "My", "me", "we", "our"} & set(words)
        assert not re.search(r"(?i)^(spotlight on|the rise of|top \d+|everything about)", draft.proposed_title)
        assert not re.search(r"我", draft.proposed_title)
        assert 8 <= len(draft.proposed_title) <= 110
        assert draft.proposed_title.count('"') % 2 == 0


@SETS
def test_a_board_says_when_for_whom_and_what_would_prove_it_wrong(name: str) -> None:
    for draft in board_of(name).drafts:
        assert re.search(r"\d", draft.why_now or "")
        assert re.search(r"\d", draft.would_change_our_mind)
        assert draft.prediction is not None
        assert 0.05 <= draft.prediction.probability <= 0.95
        assert Channel(draft.primary_channel) is not None
        assert sum(part.weight for part in draft.score_breakdown.values()) == pytest.approx(1.0)
        assert all(part.reason for part in draft.score_breakdown.values())


@SETS
def test_the_counts_in_a_reason_are_those_of_the_cited_posts(name: str) -> None:
    known = {item.id: item for item in sample(name)}

    for draft in board_of(name).drafts:
        talk = re.search(r"with (\d+) comments between them", draft.why_now or "")
        if talk is not None:
            assert int(talk.group(1)) == sum(known[item_id].comments or 0 for item_id in draft.evidence_ids)


@SETS
def test_a_board_covers_several_pillars(name: str) -> None:
    assert len({draft.pillar_hint for draft in board_of(name).drafts if draft.pillar_hint}) >= 3


def test_titles_over_chinese_evidence_are_chinese() -> None:
    assert all(re.search("[\u4e00-\u9fff]{2}", draft.proposed_title) for draft in board_of("launches").drafts)


def test_a_title_that_counts_its_posts_cites_as_many() -> None:
    for draft in board_of("launches").drafts:
        counted = re.search(r"(\d+)款新品", draft.proposed_title)
        if counted is not None:
            assert int(counted.group(1)) == len(draft.evidence_ids)


def test_a_board_takes_no_longer_than_the_number_of_its_items_explains() -> None:
    items = sample("launches")

    assert grows_like_its_input(lambda count: board(items[:count], SOFTWARE, as_of=LAUNCH_DAY), 75)
