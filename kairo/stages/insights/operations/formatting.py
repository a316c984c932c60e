"""From a draft to the answer: items cited, policy passed, the contract kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kairo.platform.policy.contracts import Bounds, Checked, Outgoing, OutgoingSource, OutgoingText
from kairo.platform.policy.domains import domain_rules
from kairo.platform.policy.pipeline import check
from kairo.platform.policy.texts import truncated
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.insights.contracts.answers import (
    MAX_HEADER,
    MAX_INSIGHT,
    MAX_SNIPPET,
    MAX_TLDR,
    AnswerMeta,
    EvidenceEntry,
    Insight,
    InsightResponse,
)
from kairo.stages.insights.operations.local_sources import names
from kairo.stages.insights.rules.excerpts import excerpt
from kairo.stages.insights.rules.findings import Draft, Statement

MAX_REFS = 3
MAX_TITLE = 120


@dataclass(frozen=True)
class Cited:
    """A statement with the items that are shown for it."""

    statement: Statement
    items: Sequence[EvidenceItemDTO]


def bounds_of(brand_id: UUID) -> Bounds:
    """Return what policy holds a brand to: its taboos, and the domains that its settings allow or deny.

    Raises:
        UnusableDomainRule: a setting holds something that is no domain.
    """
    settings = brands.brand_settings(brand_id)
    allowed, denied = (_texts(settings.get(name)) for name in ("allowed_domains", "denied_domains"))
    domain_rules((*allowed, *denied))
    return Bounds(
        allowed_domains=allowed,
        denied_domains=denied,
        taboos=tuple(brands.brand(brand_id).taboos),
        max_title_characters=MAX_TITLE,
        max_snippet_characters=MAX_SNIPPET,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(entry) for entry in value) if isinstance(value, list | tuple) else ()


def checked_answer(draft: Draft, items: Mapping[UUID, EvidenceItemDTO], *, language: str, bounds: Bounds) -> Checked:
    """Pass a draft through policy, each statement with the items that are shown for it."""
    cited = [Cited(statement, shown_for(statement, items)) for statement in draft.statements]
    shown: dict[UUID, tuple[EvidenceItemDTO, Statement]] = {}
    for entry in cited:
        for item in entry.items:
            shown.setdefault(item.id, (item, entry.statement))
    texts = (
        OutgoingText(place="header", text=draft.header, max_characters=MAX_HEADER, required=True),
        OutgoingText(place="tldr", text=draft.tldr, max_characters=MAX_TLDR, required=True),
        *(
            OutgoingText(
                place=f"insights.{place}",
                text=entry.statement.text,
                max_characters=MAX_INSIGHT,
                needs_evidence=True,
                refs=tuple(str(item.id) for item in entry.items),
            )
            for place, entry in enumerate(cited)
        ),
    )
    sources = tuple(_source(item, statement) for item, statement in shown.values())
    return check(Outgoing(language=language, texts=texts, sources=sources), bounds)


def shown_for(statement: Statement, items: Mapping[UUID, EvidenceItemDTO]) -> list[EvidenceItemDTO]:
    """Choose the items to show: those that hold the words first, each author once while there are others."""
    known = [items[item_id] for item_id in dict.fromkeys(statement.item_ids) if item_id in items]
    holding = sorted(known[:20], key=lambda item: not any(names(item.text, words) for words in statement.about))
    authors: set[str | None] = set()
    first: list[EvidenceItemDTO] = []
    rest: list[EvidenceItemDTO] = []
    for item in holding:
        (rest if item.author is not None and item.author in authors else first).append(item)
        authors.add(item.author)
    return [*first, *rest][:MAX_REFS]


def _source(item: EvidenceItemDTO, statement: Statement) -> OutgoingSource:
    text = item.text or item.transcript or ""
    title = item.title or text.strip().split("\n", 1)[0]
    return OutgoingSource(
        id=str(item.id),
        content=text,
        title=truncated(title, MAX_TITLE),
        url=item.url,
        date=(item.published_at or item.captured_at).date().isoformat(),
        snippet=excerpt(text, statement.about),
    )


def response_of(
    checked: Checked, draft: Draft, items: Mapping[UUID, EvidenceItemDTO], *, meta: AnswerMeta
) -> InsightResponse:
    """Build the answer from what has passed; entries that nothing cites any more are left out.

    Raises:
        pydantic.ValidationError: what has passed is no answer.
    """
    texts = {text.place: text for text in checked.outgoing.texts}
    insights = tuple(
        Insight(
            type=statement.type,
            text=texts[place].text,
            evidence_refs=tuple(UUID(ref) for ref in texts[place].refs),
            confidence=statement.confidence,
        )
        for number, statement in enumerate(draft.statements)
        if (place := f"insights.{number}") in texts
    )
    refs = list(dict.fromkeys(ref for insight in insights for ref in insight.evidence_refs))
    sources = {UUID(source.id): source for source in checked.outgoing.sources}
    return InsightResponse(
        header=texts["header"].text,
        tldr=texts["tldr"].text,
        insights=insights,
        evidence=tuple(_entry(sources[ref], items[ref]) for ref in refs),
        meta=meta,
    )


def _entry(source: OutgoingSource, item: EvidenceItemDTO) -> EvidenceEntry:
    return EvidenceEntry(
        id=item.id,
        title=source.title,
        url=source.url,
        source=item.platform,
        date=source.date,
        lang=item.language,
        snippet=source.snippet,
    )
