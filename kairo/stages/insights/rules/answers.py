"""From what the agents found to the sentences of an answer: each true by computation, each with its items."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, combinations, zip_longest
from typing import TypeVar

from kairo.stages.insights.contracts.agents import AspectSentiment, Keyphrase, Sentiment, Topic, TopicState
from kairo.stages.insights.contracts.answers import MAX_INSIGHTS, AnalysisMode, InsightType
from kairo.stages.insights.contracts.trends import TrendStatus
from kairo.stages.insights.rules.conflicts import find_contradictions
from kairo.stages.insights.rules.findings import Draft, Findings, Statement, confidence
from kairo.stages.insights.rules.wording.english import English
from kairo.stages.insights.rules.wording.russian import Russian
from kairo.stages.insights.rules.wording.shapes import Wording

Names = Callable[[str, str], bool]
_T = TypeVar("_T")

WORDINGS: dict[str, Wording] = {"en": English(), "ru": Russian()}
RISEN = 1.3
"""A share that grew less than this is not worth a sentence."""
FADED = 0.7
MIN_RISEN_ITEMS = 3
MIN_TOGETHER = 3
MIN_TOPIC_ITEMS = 2
TOGETHER_SHARE = 0.5
MIN_ASPECT_ITEMS = 3
CLEAR_SHARE = 0.6
"""From this share of one mood on, an aspect counts as liked or disliked."""
SURPRISING = 3.0


def draft_answer(findings: Findings, language: str, names: Names) -> Draft:
    """Write the answer of a command; without anything to say it has no statement.

    `names(text, subject)` says whether a text speaks of a subject in any inflection.
    """
    wording = WORDINGS[language]
    header = wording.header(findings.mode, findings.query, findings.window)
    statements = _chosen(findings, wording, names)
    return Draft(header=header, tldr=_summary(findings, wording) if statements else "", statements=statements)


def _chosen(findings: Findings, wording: Wording, names: Names) -> list[Statement]:
    """Take the strongest statement of each kind in turn; a conflict is always among them."""
    conflicts = list(_conflicts(findings, wording, names))[:1]
    kinds: list[Iterable[Statement]]
    if findings.mode is AnalysisMode.TRENDS:
        kinds = [
            _trends(findings, wording),
            _topics(findings, wording),
            _phrases(findings, wording),
            _moods(findings, wording),
        ]
    else:
        of_mode = {
            AnalysisMode.KEYWORDS: _phrases,
            AnalysisMode.SENTIMENT: _moods,
            AnalysisMode.TOPICS: _topics,
        }[findings.mode]
        kinds = [of_mode(findings, wording)]
    told = [found for found in chain.from_iterable(zip_longest(*kinds)) if found is not None]
    return _without_repeats([*conflicts, *told])[:MAX_INSIGHTS]


def _without_repeats(statements: Iterable[Statement]) -> list[Statement]:
    """Keep one statement of a kind about the same words: a trend and a topic often have the same label."""
    kept: dict[tuple[InsightType, tuple[str, ...]], Statement] = {}
    for statement in statements:
        about = tuple(word.casefold() for word in statement.about)
        kept.setdefault((statement.type, about), statement)
    return list(kept.values())


def _phrases(findings: Findings, wording: Wording) -> Iterator[Statement]:
    phrases = list(findings.keyphrases or ())
    risen = _risen(phrases, findings)
    for place, phrase in enumerate(phrases[:1] + risen[:1] + phrases[1:]):
        yield _phrase_fact(phrase, findings, wording)
        if place == 0 and risen:
            yield _phrase_advice(risen[0], wording)
        if place == 1:
            yield from _pairs(phrases, wording)


def _phrase_fact(phrase: Keyphrase, findings: Findings, wording: Wording) -> Statement:
    count, total = phrase.frequency, findings.total
    is_new = findings.has_past and phrase.growth is None
    growth = phrase.growth if findings.has_past else None
    return Statement(
        type=InsightType.FACT,
        text=wording.phrase_new(phrase.phrase, count, total)
        if is_new
        else wording.phrase_share(phrase.phrase, count, total, growth),
        item_ids=phrase.item_ids,
        confidence=confidence(count),
        about=(phrase.phrase,),
    )


def _phrase_advice(phrase: Keyphrase, wording: Wording) -> Statement:
    growth = phrase.growth or 1.0
    return Statement(
        type=InsightType.RECOMMENDATION,
        text=wording.phrase_advice(phrase.phrase, growth, phrase.frequency),
        item_ids=phrase.item_ids,
        confidence=confidence(phrase.frequency, 0.8),
        about=(phrase.phrase,),
    )


def _risen(phrases: Sequence[Keyphrase], findings: Findings) -> list[Keyphrase]:
    if not findings.has_past:
        return []
    risen = [phrase for phrase in phrases if (phrase.growth or 0) >= RISEN and len(phrase.item_ids) >= MIN_RISEN_ITEMS]
    return sorted(risen, key=lambda phrase: (-(phrase.growth or 0), -phrase.score, phrase.phrase))


def _pairs(phrases: Sequence[Keyphrase], wording: Wording) -> Iterator[Statement]:
    """Yield the two phrases that stand together in most items of the rarer one."""
    pairs = []
    for one, other in combinations(phrases[:10], 2):
        both = [item_id for item_id in one.item_ids if item_id in set(other.item_ids)]
        rarer = min(len(one.item_ids), len(other.item_ids))
        if len(both) >= MIN_TOGETHER and len(both) / rarer >= TOGETHER_SHARE and not _contain(one.phrase, other.phrase):
            pairs.append((len(both) / rarer, one, other, both, rarer))
    for share, one, other, both, rarer in sorted(pairs, key=lambda pair: (-pair[0], pair[1].phrase))[:1]:
        yield Statement(
            type=InsightType.HYPOTHESIS,
            text=wording.phrases_together(one.phrase, other.phrase, len(both), rarer),
            item_ids=both,
            confidence=confidence(len(both), share),
            about=(one.phrase, other.phrase),
        )


def _contain(one: str, other: str) -> bool:
    words, others = set(one.casefold().split()), set(other.casefold().split())
    return bool(words & others)


def _moods(findings: Findings, wording: Wording) -> Iterator[Statement]:
    sentiment = findings.sentiment
    if sentiment is None:
        return
    quotes = [quote for pair in zip_longest(sentiment.liked, sentiment.disliked) for quote in pair if quote is not None]
    if quotes:
        yield Statement(
            type=InsightType.FACT,
            text=wording.mood(sentiment.shares, findings.mood_total),
            item_ids=list(dict.fromkeys(quote.item_id for quote in quotes)),
            confidence=round(min(1.0, sentiment.confidence), 2),
            about=tuple(quote.text for quote in quotes),
        )
    liked, disliked = _liked(sentiment), _disliked(sentiment)
    for aspect, say, share in (
        *((aspect, wording.aspect_disliked, aspect.shares.negative) for aspect in disliked[:1]),
        *((aspect, wording.aspect_liked, aspect.shares.positive) for aspect in liked[:1]),
    ):
        yield _aspect(aspect, InsightType.FACT, say(aspect.aspect, share, len(aspect.item_ids)), share)
    for aspect in disliked[:1]:
        share = aspect.shares.negative
        text = wording.aspect_advice(aspect.aspect, share, len(aspect.item_ids))
        yield _aspect(aspect, InsightType.RECOMMENDATION, text, share * 0.8)
    for aspect in liked[1:3]:
        share = aspect.shares.positive
        text = wording.aspect_liked(aspect.aspect, share, len(aspect.item_ids))
        yield _aspect(aspect, InsightType.FACT, text, share)


def _aspect(aspect: AspectSentiment, kind: InsightType, text: str, share: float) -> Statement:
    return Statement(
        type=kind,
        text=text,
        item_ids=aspect.item_ids,
        confidence=confidence(len(aspect.item_ids), share),
        about=(aspect.aspect,),
    )


def _liked(sentiment: Sentiment) -> list[AspectSentiment]:
    return _clear(sentiment, lambda aspect: aspect.shares.positive)


def _disliked(sentiment: Sentiment) -> list[AspectSentiment]:
    return _clear(sentiment, lambda aspect: aspect.shares.negative)


def _clear(sentiment: Sentiment, share: Callable[[AspectSentiment], float]) -> list[AspectSentiment]:
    clear = [
        aspect
        for aspect in sentiment.aspects
        if share(aspect) >= CLEAR_SHARE and len(aspect.item_ids) >= MIN_ASPECT_ITEMS
    ]
    return sorted(clear, key=lambda aspect: (-share(aspect) * confidence(len(aspect.item_ids)), aspect.aspect))


def _conflicts(findings: Findings, wording: Wording, names: Names) -> Iterator[Statement]:
    if findings.sentiment is None:
        return
    for found in find_contradictions(findings.sentiment, findings.items, names=names):
        strength = min(abs(found.praising.score), abs(found.complaining.score), 1.0)
        yield Statement(
            type=InsightType.CONFLICT,
            text=wording.conflict(found.subject, found.praise, found.complaints, found.item_count),
            item_ids=found.item_ids,
            confidence=round(strength, 2),
            about=(found.praising.text, found.complaining.text),
        )


def _topics(findings: Findings, wording: Wording) -> Iterator[Statement]:
    topics = [topic for topic in findings.topics or () if topic.size >= MIN_TOPIC_ITEMS]
    new = _new(topics, findings)
    told = topics if findings.has_past else []
    grown = [topic for topic in told if topic.state is TopicState.GROWING and (topic.growth or 0) >= RISEN]
    fading = [topic for topic in told if topic.state is TopicState.FADING and topic.growth and topic.growth <= FADED]
    for topic in topics[:1]:
        yield _topic(topic, InsightType.FACT, wording.topic_size(topic.label, topic.size, findings.total))
    for topic in grown[:1]:
        yield _topic(topic, InsightType.FACT, wording.topic_grown(topic.label, topic.size, topic.growth or 1.0))
    for topic in new[:1]:
        yield _topic(topic, InsightType.FACT, wording.topic_new(topic.label, topic.size))
        yield _topic(topic, InsightType.RECOMMENDATION, wording.topic_advice(topic.label, topic.size))
    for topic in fading[:1]:
        yield _topic(topic, InsightType.FACT, wording.topic_fading(topic.label, topic.size, topic.growth or 0.0))
    for topic in topics[1:]:
        yield _topic(topic, InsightType.FACT, wording.topic_size(topic.label, topic.size, findings.total))


def _new(topics: Sequence[Topic], findings: Findings) -> list[Topic]:
    if not findings.has_past:
        return []
    return [topic for topic in topics if topic.state is TopicState.NEW and topic.size >= MIN_RISEN_ITEMS]


def _topic(topic: Topic, kind: InsightType, text: str) -> Statement:
    sureness = confidence(topic.size, 1.0 if kind is InsightType.FACT else 0.7)
    return Statement(type=kind, text=text, item_ids=topic.item_ids, confidence=sureness, about=(topic.label,))


def _trends(findings: Findings, wording: Wording) -> Iterator[Statement]:
    for place, trend in enumerate(candidate for candidate in findings.trends or () if candidate.item_ids):
        items = len(trend.item_ids)
        yield Statement(
            type=InsightType.FACT,
            text=wording.trend(trend.label, trend.status, items, min(items, trend.authors), trend.detected_at),
            item_ids=trend.item_ids,
            confidence=confidence(items),
            about=(trend.label,),
        )
        if place == 0 and trend.surprise >= SURPRISING and trend.status is not TrendStatus.STALE:
            yield Statement(
                type=InsightType.HYPOTHESIS,
                text=wording.trend_odds(trend.label, trend.surprise),
                item_ids=trend.item_ids,
                confidence=round(trend.trend_score / 100, 2),
                about=(trend.label,),
            )


def _summary(findings: Findings, wording: Wording) -> str:
    if findings.mode is AnalysisMode.KEYWORDS:
        phrases = list(findings.keyphrases or ())
        risen = [(phrase.phrase, phrase.growth or 1.0) for phrase in _risen(phrases, findings)]
        return wording.phrases_summary(findings.total, [phrase.phrase for phrase in phrases[:3]], _first(risen))
    if findings.mode is AnalysisMode.SENTIMENT and findings.sentiment:
        liked = [aspect.aspect for aspect in _liked(findings.sentiment)]
        disliked = [aspect.aspect for aspect in _disliked(findings.sentiment)]
        shares = findings.sentiment.shares
        return wording.mood_summary(shares, findings.mood_total, _first(liked), _first(disliked))
    if findings.mode is AnalysisMode.TOPICS:
        return _topics_summary(findings, wording)
    return _trends_summary(findings, wording)


def _topics_summary(findings: Findings, wording: Wording) -> str:
    topics = [topic for topic in findings.topics or () if topic.size >= MIN_TOPIC_ITEMS]
    new = [topic.label for topic in _new(topics, findings) if topic is not topics[0]]
    largest = topics[0]
    share = largest.size / findings.total
    return wording.topics_summary(findings.total, len(topics), largest.label, share, _first(new))


def _trends_summary(findings: Findings, wording: Wording) -> str:
    trends = [trend for trend in findings.trends or () if trend.item_ids]
    topics = [topic.label for topic in findings.topics or () if topic.size]
    phrases = [phrase.phrase for phrase in findings.keyphrases or ()]
    labels = [trend.label for trend in trends]
    largest = _first([topic for topic in topics if topic not in labels[:1]])
    base = wording.trends_summary(findings.total, len(trends), _first(labels), largest or _first(phrases))
    return wording.enhanced_summary(base, _first(phrases), findings.sentiment.shares if findings.sentiment else None)


def _first(entries: Sequence[_T]) -> _T | None:
    return entries[0] if entries else None
