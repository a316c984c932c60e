"""What a model may not say of posts: ids that it was not given, words that are not there, figures of its own."""

from __future__ import annotations

from uuid import UUID

import pytest

from kairo.platform.policy.texts import terms_in
from kairo.stages.insights import llm_calls
from kairo.stages.insights.contracts.agents import TopicState
from kairo.stages.insights.contracts.answers import InsightType
from kairo.stages.insights.contracts.model_outputs import (
    MinedPhrases,
    ToldAnswer,
    ToldMoods,
    ToldTopics,
    ToldWordings,
)
from kairo.stages.insights.rules.findings import Draft, Statement
from kairo.stages.insights.rules.model_checks import (
    mood_problems,
    phrase_problems,
    synthesis_problems,
    topic_problems,
    wording_problems,
)
from kairo.stages.insights.rules.model_findings import draft_from, sentiment_from, topics_from, wordings_from

POSTS = {"p1": "The batteries of this phone last for days", "p2": "Аккумулятор ужасный, телефон умер"}
IDS = {"p1": UUID(int=1), "p2": UUID(int=2), "p3": UUID(int=3), "p4": UUID(int=4)}


def test_every_prompt_fits_its_call() -> None:
    loaded = [
        llm_calls.MINE_KEYPHRASES.loaded,
        llm_calls.READ_SENTIMENT.loaded,
        llm_calls.SORT_INTO_TOPICS.loaded,
        llm_calls.WIDEN_QUERY.loaded,
        llm_calls.WORD_FINDINGS.loaded,
    ]

    assert {f"{prompt.name}.md" for prompt in loaded} == {path.name for path in llm_calls.PROMPTS.glob("*.md")}


@pytest.mark.parametrize(
    ("phrase", "post_id", "problem"),
    [
        ("battery", "p1", None),
        ("аккумуляторы", "p2", None),
        ("battery", "p2", "'battery' does not stand in post p2"),
        ("battery", "p9", "there is no post 'p9'"),
    ],
)
def test_a_phrase_stands_in_its_posts_in_some_inflection(phrase: str, post_id: str, problem: str | None) -> None:
    output = MinedPhrases.model_validate({"phrases": [{"phrase": phrase, "post_ids": [post_id]}]})

    problems = phrase_problems(output, POSTS, terms_in)

    assert (problem is None and problems == []) or (problem is not None and problem in problems[0])


def test_a_quote_is_letter_by_letter_and_a_post_has_one_mood() -> None:
    output = ToldMoods.model_validate(
        {
            "positive": ["p1"],
            "negative": ["p1", "p2"],
            "aspects": [{"aspect": "screen", "praising": ["p1"]}],
            "praise": [{"post_id": "p1", "quote": "batteries last for days", "strength": 1}],
        }
    )

    problems = "\n".join(mood_problems(output, POSTS, terms_in))

    assert "post p1 is positive and negative" in problems
    assert "'screen' does not stand in post p1" in problems
    assert "do not stand letter by letter in post p1" in problems


def test_a_post_has_one_topic_whose_label_it_holds() -> None:
    output = ToldTopics.model_validate(
        {
            "topics": [
                {"label": "phone", "post_ids": ["p1", "p2"], "earlier_post_ids": ["e7"]},
                {"label": "cameras", "post_ids": ["p2", "p9"]},
            ]
        }
    )

    problems = "\n".join(topic_problems(output, POSTS, {}, terms_in))

    assert "there is no post 'e7'" in problems
    assert "there is no post 'p9'" in problems
    assert "post p2 is in more than one place" in problems
    assert "'cameras' stands in none of its posts" in problems
    assert "'phone'" not in problems


def test_a_wording_is_no_link_and_the_query_stays_first() -> None:
    output = ToldWordings.model_validate(
        {"wordings": [{"text": "https://x.example", "weight": 0.2}, {"text": "Battery", "weight": 0.9}]}
    )

    assert len(wording_problems(output)) == 1
    assert [(one.text, one.weight) for one in wordings_from(output, "battery")] == [
        ("battery", 1),
        ("https://x.example", 0.2),
    ]


def _finding(kind: InsightType, text: str, *ids: int) -> Statement:
    return Statement(type=kind, text=text, item_ids=[UUID(int=number) for number in ids], confidence=0.6)


FINDINGS = [
    _finding(InsightType.FACT, "“battery” is in 2 of 9 posts.", 1, 2),
    _finding(InsightType.CONFLICT, "Sources contradict each other on “battery”: 50% praise.", 1, 2),
]


def _answer(**insight: object) -> ToldAnswer:
    good = {"type": "conflict", "text": "Half of them praise it: 50%.", "findings": [2], "post_ids": ["p1", "p2"]}
    return ToldAnswer.model_validate({"tldr": "People disagree.", "insights": [good | insight]})


def test_an_answer_that_words_its_findings_has_no_problem_and_is_no_surer_than_they_are() -> None:
    answer = _answer()

    assert synthesis_problems(answer, FINDINGS, [POSTS, POSTS]) == []
    worded = draft_from(answer, IDS, Draft(header="Rising", tldr="-", statements=FINDINGS))
    assert [(one.type, one.item_ids, one.confidence) for one in worded.statements] == [
        (InsightType.CONFLICT, [IDS["p1"], IDS["p2"]], 0.6)
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"text": "It grew 3 times."}, "the figure 3 is in no finding"),
        ({"text": "They say “never again”."}, "'never again' stand in no finding"),
        ({"findings": [3]}, "there is no finding 3"),
        ({"post_ids": ["p1", "p9"]}, "there is no post 'p9'"),
        ({"post_ids": ["p1"]}, "a conflict cites both sides"),
        ({"type": "fact"}, "its findings are conflict"),
        ({"type": "fact", "findings": [1]}, "the conflict among the findings is left out"),
        ({"text": "More at www.x.example"}, "no links"),
    ],
)
def test_an_answer_adds_nothing_to_its_findings(change: dict[str, object], problem: str) -> None:
    assert problem in "\n".join(synthesis_problems(_answer(**change), FINDINGS, [POSTS, POSTS]))


def test_shares_and_growth_are_counted_from_the_ids() -> None:
    moods = ToldMoods.model_validate({"positive": ["p1"], "negative": ["p2", "p2"]})
    sorted_posts = ToldTopics.model_validate(
        {"topics": [{"label": "phone", "post_ids": ["p1", "p2", "p3"], "earlier_post_ids": ["e1"]}]}
    )

    sentiment = sentiment_from(moods, IDS)
    [topic] = topics_from(sorted_posts, IDS, previous=4)

    assert (sentiment.shares.positive, sentiment.shares.neutral, sentiment.shares.negative) == (0.25, 0.5, 0.25)
    assert (topic.size, topic.growth, topic.state) == (3, 3.0, TopicState.GROWING)
