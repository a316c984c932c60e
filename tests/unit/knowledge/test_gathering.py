"""The decisions of a gather: when it stops, what an item may say, how quality is counted, what contradicts."""

from __future__ import annotations

from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.platform.embeddings import default_embedder
from kairo.stages.knowledge.contracts.documents import Passage
from kairo.stages.knowledge.contracts.gathers import DepartmentState, QualityParts
from kairo.stages.knowledge.contracts.written import WrittenItem, WrittenSource
from kairo.stages.knowledge.rules.composing import (
    Material,
    Standing,
    candidates_of,
    compose,
    scores_by_department,
    shortened,
)
from kairo.stages.knowledge.rules.default_departments import DEFAULT_DEPARTMENTS
from kairo.stages.knowledge.rules.evaluating import contradictions_in, gaps_in
from kairo.stages.knowledge.rules.gathering import (
    MOST_WAITS,
    Progress,
    after_iteration,
    ending_of,
    must_stop,
    wait_for_model,
)
from kairo.stages.knowledge.rules.grounding import grounded, verbatim
from kairo.stages.knowledge.rules.quality import (
    Judged,
    agreement,
    combined,
    judged,
    quality_parts,
    quality_score,
    spearman,
)
from kairo.stages.knowledge.rules.relevance import Aspects, topic_of
from kairo.stages.knowledge.rules.sentences import sentences_of, states_something
from tests.factories.handbook import HANDBOOK, IN_RUSSIAN, INTERVIEWS

VOICE = next(one for one in DEFAULT_DEPARTMENTS if one.slug == "voice")


def aspects(names: tuple[str, ...] = VOICE.coordination_settings.aspects) -> Aspects:
    return Aspects(
        tuple(topic_of(name) for name in names), default_embedder().embed([f"Voice: {one}" for one in names])
    )


def material(*texts: str) -> Material:
    passages = [Passage(source_type="document", source_id=UUID(int=at + 1), text=text) for at, text in enumerate(texts)]
    candidates = [
        one
        for at, passage in enumerate(passages)
        for one in candidates_of(at, passage, [s for s in sentences_of(passage.text) if states_something(s)])
    ]
    return Material(passages, candidates, default_embedder().embed([one.sentence.text for one in candidates]))


def items(*texts: str) -> list[Judged]:
    return [
        judged(text, vector, sources=1) for text, vector in zip(texts, default_embedder().embed(texts), strict=True)
    ]


@pytest.mark.parametrize(
    ("progress", "left", "ending"),
    [
        (Progress(score=80, threshold=80, iterations=1), 5, DepartmentState.THRESHOLD_REACHED),
        (Progress(score=80, threshold=80, iterations=1), 0, DepartmentState.THRESHOLD_REACHED),
        (Progress(score=90, threshold=80, iterations=0), 5, None),
        (Progress(score=79.9, threshold=80, iterations=9, fruitless=2), 5, None),
        (Progress(score=10, threshold=80, iterations=9, fruitless=3), 5, DepartmentState.STAGNANT),
        (Progress(score=10, threshold=80, iterations=9), 0, DepartmentState.ITERATIONS_USED_UP),
        (Progress(score=0, threshold=80), 0, DepartmentState.NOT_REACHED),
    ],
)
def test_a_department_ends_by_threshold_stagnation_or_iterations(
    progress: Progress, left: int, ending: DepartmentState | None
) -> None:
    assert ending_of(progress, iterations_left=left) == ending


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 10)), max_size=12))
def test_only_a_new_item_with_a_gain_starts_the_count_anew(steps: list[tuple[float, int]]) -> None:
    progress = Progress(score=0, threshold=80)

    for score, new_items in steps:
        before, progress = progress, after_iteration(progress, score=score, new_items=new_items)
        fruitful = new_items > 0 and score - before.score >= 0.05
        assert progress.fruitless == (0 if fruitful else before.fruitless + 1)

    assert progress.iterations == len(steps)


def test_a_busy_model_is_waited_for_as_told_within_the_limit() -> None:
    assert wait_for_model(45, time_limit_s=600, waits=0) == 45
    assert wait_for_model(None, time_limit_s=600, waits=0) == 30
    assert wait_for_model(601, time_limit_s=600, waits=0) is None
    assert wait_for_model(1, time_limit_s=600, waits=MOST_WAITS) is None


def test_work_goes_on_elsewhere_before_the_time_limit_and_not_at_its_start() -> None:
    assert not must_stop(400, time_limit_s=600)
    assert must_stop(485, time_limit_s=600)
    assert not must_stop(0, time_limit_s=1)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=400))
def test_every_sentence_stands_in_its_passage_letter_by_letter(text: str) -> None:
    for sentence in sentences_of(text):
        assert text[sentence.start : sentence.end] == sentence.text


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from([*HANDBOOK.splitlines(), *INTERVIEWS.splitlines(), *IN_RUSSIAN.splitlines()])))
def test_every_quote_of_a_composed_item_stands_in_its_source(lines: list[str]) -> None:
    made = material("\n".join(lines), IN_RUSSIAN)
    [scores] = scores_by_department(made.candidates, made.vectors, [("Voice", aspects())])

    for item in compose(made, aspects(), scores, Standing(), seed="1"):
        assert item.aspects
        for cited in item.citations:
            assert cited.quote in made.passages[cited.source_id.int - 1].text


def test_composing_is_a_function_of_material_standing_and_seed_and_repeats_nothing() -> None:
    made = material(HANDBOOK, INTERVIEWS)
    [scores] = scores_by_department(made.candidates, made.vectors, [("Voice", aspects())])

    first = compose(made, aspects(), scores, Standing(), seed="1")
    again = compose(made, aspects(), scores, Standing(), seed="1")
    used = frozenset((cited.source_id, cited.quote) for item in first for cited in item.citations)
    more = compose(made, aspects(), scores, Standing(used=used), seed="1")

    assert first == again != []
    assert not {item.content for item in first} & {item.content for item in more}


def test_a_department_takes_what_its_own_heading_stands_over() -> None:
    made = material("## Voice\n\nOur tone of voice is calm.\n\n## Product\n\nWe sell a calm serum in a bottle today.")
    [scores] = scores_by_department(made.candidates, made.vectors, [("Voice", aspects())])

    found = compose(made, aspects(), scores, Standing(), seed="1")

    assert [item.content for item in found] == ["Our tone of voice is calm."]


PASSAGE = Passage(
    source_type="document",
    source_id=uuid4(),
    text="In March twelve   buyers in Ghent said that the pouch is “less messy”.",
)


def written(**changes: object) -> WrittenItem:
    given: dict[str, object] = {
        "content": "Twelve buyers in Ghent said that the pouch is less messy.",
        "summary": "Buyers find the pouch less messy.",
        "context": "Serves doubts.",
        "sources": [WrittenSource(id="p1", quote="twelve buyers in Ghent said that the pouch")],
        **changes,
    }
    return WrittenItem.model_validate(given)


def test_a_grounded_item_keeps_the_words_of_its_source_as_they_stand() -> None:
    found = grounded([written()], {"p1": PASSAGE})

    [item] = found.kept
    assert item.citations[0].quote == "twelve   buyers in Ghent said that the pouch"
    assert found.problems == ()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"content": "Fourteen of 99 buyers in Ghent said that the pouch is less messy."}, "figure 99"),
        ({"summary": "Buyers in Paris find it less messy."}, "name Paris"),
        ({"context": "Experts say so."}, "Experts"),
        ({"content": "Buyers in Ghent said “we love it so much”."}, "words"),
        ({"content": "Stadium sponsorship conquers television and households everywhere soon."}, "more than"),
        ({"content": "Twelve buyers in Ghent said so, see https://x.example."}, "addresses"),
        ({"sources": [WrittenSource(id="p1", quote="twelve buyers in Paris said that")]}, "letter by letter"),
        ({"sources": [WrittenSource(id="p7", quote="twelve buyers in Ghent said that")]}, "no passage"),
    ],
)
def test_what_no_cited_passage_holds_is_refused_with_the_reason(change: dict[str, object], complaint: str) -> None:
    found = grounded([written(**change)], {"p1": PASSAGE})

    assert found.kept == ()
    assert complaint in "; ".join(found.problems)


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=60), st.text(max_size=200))
def test_a_quote_that_is_found_stands_in_the_text(quote: str, text: str) -> None:
    found = verbatim(quote, text)

    assert found is None or found in text


GOOD = (
    "Our tone of voice is calm, warm and precise, like a pharmacist who has time.",
    "We say calm, gentle, refill and formula; these words describe what we do best.",
    "Avoid the words miracle, flawless and detox in every text.",
    "Style rule: sentences stay under 20 words, with at most one exclamation mark.",
)


def test_quality_is_nothing_without_items_and_grows_with_what_they_say() -> None:
    scores = [quality_score(quality_parts(items(*GOOD[:size]) if size else [], aspects())) for size in range(5)]

    assert scores[0] == 0
    assert scores == sorted(scores)
    assert scores[4] > 70


def test_slogans_repetition_and_strangers_lower_the_score() -> None:
    base = quality_score(quality_parts(items(*GOOD), aspects()))

    strangers = quality_score(
        quality_parts(items(*GOOD, "The office moved to a bigger building by the river."), aspects())
    )
    repeated = quality_score(quality_parts(items(*GOOD, GOOD[0]), aspects()))
    slogans = quality_score(quality_parts(items("Our voice is great.", "Everyone loves our amazing words."), aspects()))

    assert strangers < base
    assert repeated < base
    assert slogans < base / 2


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from([*GOOD, *HANDBOOK.splitlines()[4:30]]), max_size=10))
def test_every_part_stays_between_nothing_and_all(texts: list[str]) -> None:
    told = [text for text in texts if text.strip()]

    parts = quality_parts(items(*told) if told else [], aspects())

    assert all(0 <= value <= 100 for value in parts.model_dump().values())
    assert 0 <= quality_score(parts) <= 100


def test_a_judge_counts_half_and_agreement_is_told() -> None:
    local = QualityParts(coverage=80, depth=80, coherence=80, actionability=80)
    judge = QualityParts(coverage=40, depth=40, coherence=40, actionability=40)

    assert combined(local, None) == 80
    assert combined(local, judge) == 60
    told = agreement([(10, 20), (20, 30), (30, 50)])
    assert told is not None
    assert (told.iterations, told.mean_absolute_difference, told.spearman) == (3, 13.33, 1.0)
    assert agreement([]) is None
    assert spearman([1, 1, 1], [1, 2, 3]) is None


def test_another_figure_for_the_same_thing_is_a_contradiction() -> None:
    found = contradictions_in(
        items(
            "The price of a starter set is 29 euros, about a third above supermarket goods.",
            "The price of a starter set is 49 euros, about a third above supermarket goods.",
            "Refills are sold in 24 shops.",
        )
    )

    assert [(one, other) for one, other, _ in found] == [(0, 1)]
    assert "29 against 49" in found[0][2]


def test_gaps_name_what_nothing_speaks_of() -> None:
    parts = QualityParts(coverage=50, depth=20, coherence=90, actionability=90)

    found = gaps_in({"tone of voice": [0, 1], "style rules": [], "words to use": [2]}, parts)

    assert found[0] == "Nothing is known about: style rules."
    assert found[1] == "Only one item speaks of: words to use."
    assert any("figures" in gap for gap in found)


@settings(deadline=None, max_examples=50)
@given(st.text(), st.integers(10, 200))
def test_a_shortened_text_keeps_its_bound(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit


def test_vectors_of_no_items_are_no_trouble() -> None:
    empty = Material([], [], np.zeros((0, 64), dtype=np.float32))

    assert compose(empty, aspects(), np.zeros((0, 4), dtype=np.float32), Standing(), seed="1") == []
