"""From a model's checked answer to what an agent delivers: everything that is counted is counted here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from kairo.stages.insights.contracts.agents import (
    AgentItem,
    AspectSentiment,
    ExpandedQuery,
    ExpansionSource,
    Keyphrase,
    Quote,
    Sentiment,
    Shares,
    Topic,
)
from kairo.stages.insights.contracts.model_outputs import (
    MinedPhrases,
    ToldAnswer,
    ToldAspect,
    ToldInsight,
    ToldMoods,
    ToldQuote,
    ToldTopics,
    ToldWordings,
)
from kairo.stages.insights.rules.findings import Draft, Statement
from kairo.stages.insights.rules.model_checks import Named
from kairo.stages.insights.rules.topics import growth_of, state_of

Ids = Mapping[str, UUID]
"""The items by the ids under which the model was given them."""
_DOUBTED_ITEMS = 3
"""So many items' worth of doubt, as with the local agent: a handful of posts says little of a subject."""


def keyphrases_from(
    output: MinedPhrases, ids: Ids, items: Sequence[AgentItem], previous: Sequence[AgentItem], named: Named
) -> list[Keyphrase]:
    """Return the phrases with all items that hold them: those that the model named first, best first."""
    phrases = list(dict.fromkeys(found.phrase for found in output.phrases))
    now, before = _holders(phrases, items, named), _holders(phrases, previous, named)
    cited: dict[str, list[UUID]] = {phrase: [] for phrase in phrases}
    for found in output.phrases:
        cited[found.phrase] += [ids[post_id] for post_id in found.post_ids]
    told = {phrase: tuple(dict.fromkeys((*cited[phrase], *now[phrase]))) for phrase in phrases}
    return [
        Keyphrase(
            phrase=phrase,
            score=round(1 - place / (2 * len(phrases)), 4),
            frequency=len(told[phrase]),
            growth=growth_of(len(told[phrase]), len(items), len(before[phrase]), len(previous)),
            item_ids=told[phrase],
        )
        for place, phrase in enumerate(phrases)
    ]


def _holders(phrases: Sequence[str], items: Sequence[AgentItem], named: Named) -> dict[str, list[UUID]]:
    """Return for each phrase the items that name it; each text is read once."""
    found: dict[str, list[UUID]] = {phrase: [] for phrase in phrases}
    for item in items:
        for phrase in named(item.text, phrases):
            found[phrase].append(item.id)
    return found


def sentiment_from(output: ToldMoods, ids: Ids) -> Sentiment:
    """Return how the items speak; those that the model counts to neither side are neutral."""
    quotes = (*output.praise, *output.complaints)
    strength = sum(quote.strength for quote in quotes) / len(quotes) if quotes else 0.0
    return Sentiment(
        shares=_shares(len({*output.positive}), len({*output.negative}), len(ids)),
        confidence=round(strength * len(ids) / (len(ids) + _DOUBTED_ITEMS), 4),
        aspects=tuple(_aspect(aspect, ids) for aspect in output.aspects if aspect.praising or aspect.complaining),
        liked=_quotes(output.praise, ids),
        disliked=_quotes(output.complaints, ids),
        reads_all_languages=True,
    )


def _aspect(aspect: ToldAspect, ids: Ids) -> AspectSentiment:
    told = tuple(dict.fromkeys((*aspect.praising, *aspect.complaining)))
    return AspectSentiment(
        aspect=aspect.aspect,
        shares=_shares(len({*aspect.praising}), len({*aspect.complaining}), len(told)),
        item_ids=tuple(ids[post_id] for post_id in told),
    )


def _quotes(quotes: Iterable[ToldQuote], ids: Ids) -> tuple[Quote, ...]:
    return tuple(Quote(item_id=ids[quote.post_id], text=quote.quote, score=quote.strength) for quote in quotes)


def _shares(positive: int, negative: int, total: int) -> Shares:
    praising, blaming = round(positive / total, 4), round(negative / total, 4)
    return Shares(positive=praising, negative=blaming, neutral=round(max(0.0, 1 - praising - blaming), 4))


def topics_from(output: ToldTopics, ids: Ids, *, previous: int) -> list[Topic]:
    """Return the topics, the largest first, each against the window before with its `previous` items."""
    found = []
    for place, topic in enumerate(output.topics):
        size, before = len(topic.post_ids), len(topic.earlier_post_ids)
        growth = growth_of(size, len(ids), before, previous)
        found.append(
            Topic(
                key=f"{'-'.join(topic.label.casefold().split())}-{place}",
                label=topic.label,
                size=size,
                growth=growth,
                state=state_of(size, before, growth),
                item_ids=tuple(ids[post_id] for post_id in topic.post_ids),
            )
        )
    return sorted(found, key=lambda topic: (-topic.size, topic.key))


def wordings_from(output: ToldWordings, query: str) -> list[ExpandedQuery]:
    """Return the query itself (weight 1), then its other wordings, the weightiest first."""
    original = ExpandedQuery(text=query, weight=1, source=ExpansionSource.ORIGINAL)
    best = {query.casefold(): original}
    for wording in sorted(output.wordings, key=lambda one: (-one.weight, one.text)):
        told = ExpandedQuery(text=wording.text, weight=wording.weight, source=ExpansionSource.MODEL)
        best.setdefault(wording.text.casefold(), told)
    return list(best.values())


def draft_from(output: ToldAnswer, ids: Ids, draft: Draft) -> Draft:
    """Return the draft in the model's words; a statement is no surer than the weakest finding that it words."""
    statements = [_statement(insight, ids, draft.statements) for insight in output.insights]
    return Draft(header=draft.header, tldr=output.tldr, statements=statements)


def _statement(insight: ToldInsight, ids: Ids, findings: Sequence[Statement]) -> Statement:
    told = [findings[number - 1] for number in dict.fromkeys(insight.findings)]
    return Statement(
        type=insight.type,
        text=insight.text,
        item_ids=[ids[post_id] for post_id in dict.fromkeys(insight.post_ids)],
        confidence=min(finding.confidence for finding in told),
        about=tuple(dict.fromkeys(words for finding in told for words in finding.about)),
    )
