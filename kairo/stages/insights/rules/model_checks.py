"""What is wrong with a model's answer of the right shape: ids that were not given, words that are not there.

Each check lists its complaints in words that the model is told; an empty list accepts the answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from kairo.stages.insights.contracts.answers import InsightType
from kairo.stages.insights.contracts.model_outputs import (
    MinedPhrases,
    ToldAnswer,
    ToldInsight,
    ToldMoods,
    ToldQuote,
    ToldTopics,
    ToldWordings,
)
from kairo.stages.insights.rules.findings import Statement

Posts: TypeAlias = Mapping[str, str]
"""The texts that were given, by the ids that they were given under."""
Named: TypeAlias = Callable[[str, Iterable[str]], Sequence[str]]
"""Lists those of the terms that a text names in any inflection."""

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_QUOTED = re.compile(r"“([^”]+)”|«([^»]+)»|\"([^\"]+)\"")
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


def holds(text: str, phrase: str, named: Named) -> bool:
    """Say whether a phrase stands in a text, letter by letter but for case and blanks, or in another inflection."""
    return _bare(phrase) in _bare(text) or bool(named(text, [phrase]))


def phrase_problems(output: MinedPhrases, posts: Posts, named: Named) -> list[str]:
    """List phrases that stand in none of the posts that they name, and posts that were not given."""
    return [
        problem
        for place, found in enumerate(output.phrases)
        for problem in (
            *_unknown(f"phrases.{place}.post_ids", found.post_ids, posts),
            *(
                f"phrases.{place}.phrase: {found.phrase!r} does not stand in post {post_id}"
                for post_id in found.post_ids
                if post_id in posts and not holds(posts[post_id], found.phrase, named)
            ),
        )
    ]


def mood_problems(output: ToldMoods, posts: Posts, named: Named) -> list[str]:
    """List quotes that are not in their post, aspects that no post names, and posts that were not given."""
    both = sorted({*output.positive} & {*output.negative})
    problems = [
        *_unknown("positive", output.positive, posts),
        *_unknown("negative", output.negative, posts),
        *(f"post {post_id} is positive and negative: choose one" for post_id in both),
        *_quote_problems("praise", output.praise, posts),
        *_quote_problems("complaints", output.complaints, posts),
    ]
    problems += [
        f"{where}: give the words of at least one of these posts"
        for where, told, quotes in (
            ("praise", output.positive, output.praise),
            ("complaints", output.negative, output.complaints),
        )
        if told and not quotes
    ]
    for place, aspect in enumerate(output.aspects):
        told = (*aspect.praising, *aspect.complaining)
        problems += _unknown(f"aspects.{place}", told, posts)
        if {*aspect.praising} & {*aspect.complaining}:
            problems.append(f"aspects.{place}: a post both praises and complains: choose one")
        problems += [
            f"aspects.{place}.aspect: {aspect.aspect!r} does not stand in post {post_id}"
            for post_id in told
            if post_id in posts and not holds(posts[post_id], aspect.aspect, named)
        ]
    return problems


def topic_problems(output: ToldTopics, posts: Posts, earlier: Posts, named: Named) -> list[str]:
    """List labels that stand in none of their posts, posts in two topics, and posts that were not given."""
    problems: list[str] = []
    seen: set[str] = set()
    for place, topic in enumerate(output.topics):
        problems += _unknown(f"topics.{place}.post_ids", topic.post_ids, posts)
        problems += _unknown(f"topics.{place}.earlier_post_ids", topic.earlier_post_ids, earlier)
        told = (*topic.post_ids, *topic.earlier_post_ids)
        twice = sorted({post_id for post_id in told if post_id in seen or told.count(post_id) > 1})
        problems += [f"topics.{place}: post {post_id} is in more than one place" for post_id in twice]
        seen.update(told)
        own = [posts[post_id] for post_id in topic.post_ids if post_id in posts]
        if own and not any(holds(text, topic.label, named) for text in own):
            problems.append(f"topics.{place}.label: {topic.label!r} stands in none of its posts")
    return problems


def wording_problems(output: ToldWordings) -> list[str]:
    """List wordings that are no search words."""
    return [
        f"wordings.{place}.text: words to search for, not a link"
        for place, wording in enumerate(output.wordings)
        if _LINK.search(wording.text)
    ]


def synthesis_problems(output: ToldAnswer, findings: Sequence[Statement], shown: Sequence[Posts]) -> list[str]:
    """List what an answer says beyond its findings. `shown` are the posts of each finding; findings count from 1."""
    summary = _said_beyond("tldr", output.tldr, [finding.text for finding in findings])
    problems = [*summary, *_links("tldr", output.tldr)]
    for place, insight in enumerate(output.insights):
        problems += _insight_problems(f"insights.{place}", insight, findings, shown)
    needs_conflict = any(finding.type is InsightType.CONFLICT for finding in findings)
    if needs_conflict and all(insight.type is not InsightType.CONFLICT for insight in output.insights):
        problems.append("insights: the conflict among the findings is left out")
    return problems


def _insight_problems(
    where: str, insight: ToldInsight, findings: Sequence[Statement], shown: Sequence[Posts]
) -> Iterator[str]:
    unknown = [number for number in insight.findings if not 1 <= number <= len(findings)]
    yield from (f"{where}.findings: there is no finding {number}" for number in unknown)
    told = [number - 1 for number in insight.findings if number not in unknown]
    posts = dict(chain.from_iterable(shown[number].items() for number in told))
    yield from _unknown(f"{where}.post_ids", insight.post_ids, posts)
    cited = [posts[post_id] for post_id in insight.post_ids if post_id in posts]
    yield from _said_beyond(f"{where}.text", insight.text, [findings[number].text for number in told], cited)
    yield from _links(f"{where}.text", insight.text)
    types = {findings[number].type for number in told}
    if told and insight.type not in types:
        yield f"{where}.type: its findings are {', '.join(sorted(types))}"
    if insight.type is InsightType.CONFLICT and len({*insight.post_ids}) < 2:
        yield f"{where}.post_ids: a conflict cites both sides"


def _said_beyond(where: str, text: str, findings: Sequence[str], posts: Sequence[str] = ()) -> Iterator[str]:
    """Yield figures that the findings do not hold, and quoted words that stand nowhere."""
    known = {number for finding in findings for number in _NUMBER.findall(finding)}
    yield from (
        f"{where}: the figure {number} is in no finding" for number in _NUMBER.findall(text) if number not in known
    )
    material = [_bare(entry) for entry in (*findings, *posts)]
    for groups in _QUOTED.findall(text):
        words = next(group for group in groups if group)
        if not any(_bare(words) in entry for entry in material):
            yield f"{where}: the words {words!r} stand in no finding and no cited post"


def _links(where: str, text: str) -> Iterator[str]:
    if _LINK.search(text):
        yield f"{where}: no links"


def _quote_problems(where: str, quotes: Sequence[ToldQuote], posts: Posts) -> Iterator[str]:
    for place, quote in enumerate(quotes):
        if quote.post_id not in posts:
            yield f"{where}.{place}.post_id: there is no post {quote.post_id!r}"
        elif quote.quote not in posts[quote.post_id]:
            yield f"{where}.{place}.quote: these words do not stand letter by letter in post {quote.post_id}"


def _unknown(where: str, post_ids: Iterable[str], posts: Posts) -> list[str]:
    return [f"{where}: there is no post {post_id!r}" for post_id in dict.fromkeys(post_ids) if post_id not in posts]


def _bare(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
