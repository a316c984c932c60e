"""What an answer says follows from what was found: its figures, its items, its language."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from kairo.platform.policy.texts import is_in_language
from kairo.stages.insights.contracts.agents import (
    AgentItem,
    AspectSentiment,
    Keyphrase,
    Quote,
    Sentiment,
    Shares,
    Topic,
    TopicState,
)
from kairo.stages.insights.contracts.answers import (
    MAX_HEADER,
    MAX_INSIGHT,
    MAX_TLDR,
    AnalysisMode,
    AnswerErrorCode,
    AnswerMeta,
    EvidenceEntry,
    Insight,
    InsightResponse,
    InsightType,
)
from kairo.stages.insights.contracts.trends import ClusterKeyType, TrendCandidateDTO, TrendStatus, TrendWindow
from kairo.stages.insights.operations.local_sources import names
from kairo.stages.insights.rules.answers import WORDINGS, draft_answer
from kairo.stages.insights.rules.excerpts import excerpt
from kairo.stages.insights.rules.findings import Findings, confidence

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
IDS = [UUID(int=number) for number in range(1, 41)]
ITEMS = [
    AgentItem(id=item_id, text=f"Battery life number {place}", language="en", author=f"a{place}", published_at=NOON)
    for place, item_id in enumerate(IDS)
]


def findings(mode: AnalysisMode, **found: object) -> Findings:
    fields: dict[str, object] = {"mode": mode, "window": TrendWindow.WEEK, "query": None, "items": ITEMS}
    return Findings(**{**fields, **found})  # type: ignore[arg-type]


def phrase(text: str, count: int, *, growth: float | None = 1.0, first: int = 0) -> Keyphrase:
    return Keyphrase(phrase=text, score=0.9, frequency=count, growth=growth, item_ids=tuple(IDS[first : first + count]))


def mood(*, liked: int, disliked: int, score: float = 0.9) -> Sentiment:
    total = liked + disliked
    shares = Shares(positive=liked / total, neutral=0, negative=disliked / total)
    return Sentiment(
        shares=shares,
        confidence=0.7,
        aspects=(AspectSentiment(aspect="battery life", shares=shares, item_ids=tuple(IDS[:total])),),
        liked=tuple(Quote(item_id=IDS[n], text=ITEMS[n].text, score=score) for n in range(liked)),
        disliked=tuple(Quote(item_id=IDS[n], text=ITEMS[n].text, score=-score) for n in range(liked, total)),
    )


def topic(label: str, size: int, state: TopicState, growth: float | None) -> Topic:
    return Topic(key=label, label=label, size=size, growth=growth, state=state, item_ids=tuple(IDS[:size]))


TREND = TrendCandidateDTO(
    id=IDS[0], label="cold brew", cluster_key_type=ClusterKeyType.KEYPHRASE, status=TrendStatus.EMERGING,
    trend_score=70, velocity=1, acceleration=1, surprise=4, breadth=0.5, novelty=1, authors=6, platforms=["reddit"],
    item_ids=IDS[:7], detected_at=NOON, series=[], cluster_id=IDS[1], engagement=0.5,
)  # fmt: skip


def test_figures_are_those_that_were_found() -> None:
    draft = draft_answer(
        findings(AnalysisMode.KEYWORDS, keyphrases=[phrase("battery life", 10, growth=2.0)]), "en", names
    )

    assert draft.statements[0].text == (
        "“battery life” is in 10 of 40 posts (25%), 2.0 times its share of the window before."
    )
    assert draft.statements[0].item_ids == tuple(IDS[:10])
    assert draft.statements[1].type is InsightType.RECOMMENDATION


def test_nothing_is_called_risen_by_few_posts() -> None:
    draft = draft_answer(findings(AnalysisMode.KEYWORDS, keyphrases=[phrase("battery", 2, growth=9.0)]), "en", names)

    assert [statement.type for statement in draft.statements] == [InsightType.FACT]


def test_phrases_that_stand_together_are_a_hypothesis() -> None:
    found = [phrase("battery", 8), phrase("charger", 4), phrase("screen", 6, first=20)]

    draft = draft_answer(findings(AnalysisMode.KEYWORDS, keyphrases=found), "en", names)

    [hypothesis] = [one for one in draft.statements if one.type is InsightType.HYPOTHESIS]
    assert hypothesis.text.startswith("“battery” and “charger” may be one subject: 4 of the 4 posts")


def test_two_contradicting_sources_are_one_conflict_that_cites_both() -> None:
    draft = draft_answer(findings(AnalysisMode.SENTIMENT, sentiment=mood(liked=3, disliked=2)), "en", names)

    conflict = draft.statements[0]
    assert conflict.type is InsightType.CONFLICT
    assert conflict.text == (
        "Sources contradict each other on “battery life”: of what 5 posts say about it, 60% is praise"
        " and 40% complaint."
    )
    assert set(conflict.item_ids) == {IDS[0], IDS[3]}
    assert [one.type for one in draft.statements].count(InsightType.CONFLICT) == 1


@pytest.mark.parametrize(
    "sentiment",
    [mood(liked=3, disliked=2, score=0.3), mood(liked=20, disliked=1), mood(liked=3, disliked=0)],
    ids=["weak", "exception", "agreement"],
)
def test_weak_lone_and_agreeing_voices_are_no_conflict(sentiment: Sentiment) -> None:
    draft = draft_answer(findings(AnalysisMode.SENTIMENT, sentiment=sentiment), "en", names)

    assert InsightType.CONFLICT not in [statement.type for statement in draft.statements]


def test_one_person_does_not_contradict_himself() -> None:
    same = [item.model_copy(update={"author": "one"}) for item in ITEMS]

    draft = draft_answer(findings(AnalysisMode.SENTIMENT, items=same, sentiment=mood(liked=1, disliked=1)), "en", names)

    assert InsightType.CONFLICT not in [statement.type for statement in draft.statements]


FULL = {
    "keyphrases": [phrase("battery life", 12, growth=2.4), phrase("charger", 6), phrase("screen", 5, growth=None)],
    "sentiment": mood(liked=5, disliked=4),
    "topics": [
        topic("battery life", 20, TopicState.GROWING, 1.6),
        topic("screen glass", 8, TopicState.NEW, None),
        topic("old phones", 4, TopicState.FADING, 0.4),
    ],
    "trends": [TREND],
}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("mode", list(AnalysisMode))
@pytest.mark.parametrize("query", [None, "battery"])
def test_every_sentence_fits_and_is_in_its_language(mode: AnalysisMode, language: str, query: str | None) -> None:
    draft = draft_answer(findings(mode, query=query, **FULL), language, names)

    assert 1 <= len(draft.statements) <= 5
    assert 0 < len(draft.header) <= MAX_HEADER
    assert 0 < len(draft.tldr) <= MAX_TLDR
    for text in (draft.header, draft.tldr, *(statement.text for statement in draft.statements)):
        assert is_in_language(text, language), text
    assert all(0 < len(statement.text) <= MAX_INSIGHT and statement.item_ids for statement in draft.statements)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("code", list(AnswerErrorCode))
def test_every_refusal_says_what_to_try_next_in_the_readers_language(code: AnswerErrorCode, language: str) -> None:
    message = WORDINGS[language].no_answer(code, "")

    assert is_in_language(message.replace("kairo ingest import", ""), language)
    assert message.count(".") >= 2


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 публикация"), (3, "3 публикации"), (12, "12 публикаций"), (21, "21 публикация")]
)
def test_russian_nouns_follow_their_numbers(count: int, said: str) -> None:
    assert said in WORDINGS["ru"].topic_new("тема", count)


def test_more_items_make_a_statement_surer_and_never_certain() -> None:
    assert confidence(1) < confidence(8) < confidence(1_000) <= 1


def test_an_excerpt_stands_in_the_text_letter_by_letter_and_holds_the_words() -> None:
    text = "Well, " + "so much before it. " * 30 + "The Battery  life\nis poor. " + "And more after. " * 30

    shown = excerpt(text, ("battery",))

    assert shown in text
    assert "Battery" in shown
    assert len(shown) <= 240


def answer(**changes: object) -> dict[str, object]:
    entry = EvidenceEntry(
        id=IDS[0], title="A post", url=None, source="reddit", date="2026-06-01", lang="en", snippet="A post"
    )
    insight = Insight(type=InsightType.FACT, text="A fact.", evidence_refs=(IDS[0],), confidence=0.5)
    meta = AnswerMeta(command="keywords", window=TrendWindow.WEEK, lang="en", run_id=IDS[5], latency_ms=3)
    fields = {"header": "h", "tldr": "t", "insights": [insight], "evidence": [entry], "meta": meta}
    return {name: _plain(value) for name, value in {**fields, **changes}.items()}


def _plain(value: object) -> object:
    return (
        [_plain(part) for part in value] if isinstance(value, list) else getattr(value, "model_dump", lambda: value)()
    )


def test_an_answer_counts_what_is_stored() -> None:
    response = InsightResponse.model_validate(answer())

    assert response.evidence_coverage(frozenset({IDS[0]})) == 1
    assert response.evidence_coverage(frozenset()) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1},
        {"header": "h" * 101},
        {"tldr": ""},
        {"tldr": "t" * 221},
        {"insights": []},
        {"evidence": []},
        {"insights": [{"type": "fact", "text": "x" * 181, "evidence_refs": [IDS[0]], "confidence": 0.5}]},
        {"insights": [{"type": "fact", "text": "x", "evidence_refs": [], "confidence": 0.5}]},
        {"insights": [{"type": "fact", "text": "x", "evidence_refs": [IDS[1]], "confidence": 0.5}]},
        {"insights": [{"type": "guess", "text": "x", "evidence_refs": [IDS[0]], "confidence": 0.5}]},
        {"insights": [{"type": "fact", "text": "x", "evidence_refs": [IDS[0]], "confidence": 1.5}]},
    ],
)
def test_what_breaks_the_contract_is_no_answer(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        InsightResponse.model_validate(answer(**changes))
