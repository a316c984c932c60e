"""What a model's item may say: nothing that its cited passages do not hold. Each quote is found in its passage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kairo.stages.knowledge.contracts.documents import Passage
from kairo.stages.knowledge.contracts.gathers import LONGEST_CONTEXT, Citation, ItemDraft
from kairo.stages.knowledge.contracts.written import WrittenItem
from kairo.stages.knowledge.rules.composing import shortened
from kairo.stages.knowledge.rules.gather_words import content_stems, stem, words_of

LEAST_SHARED = 0.6
"""So much of what an item says stands in the passages that it cites, counted in stems."""
LEAST_QUOTED_WORDS = 3
_SUMMARY = 160
_FIGURE = re.compile(r"\d+")
_LINK = re.compile(r"https?:|www\.", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w'’-])[A-ZА-ЯЁ][\w'’-]{2,}")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;—–]\s+|\n|[“\"«(]\s*)$")
_SPOKEN = re.compile(r"“([^”]{3,})”|\"([^\"]{3,})\"|«([^»]{3,})»")
_AUTHORITY = re.compile(
    r"\b(?:stud(?:y|ies)|research\w*|experts?|scientists?|doctors?|surveys?|statistics|proven|clinical\w*|guarantee\w*|"
    r"certified|award\w*|everyone|everybody|nobody|majority|hundreds?|thousands?|millions?|doubl\w+|tripl\w+|percent|"
    r"исследован\w*|эксперт\w*|учен\w*|врач\w*|доказан\w*|гаранти\w*|большинств\w*|тысяч\w*|миллион\w*|процент\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Grounded:
    """The items that stand, and what is wrong with the others, in words that the model can work with."""

    kept: tuple[ItemDraft, ...]
    problems: tuple[str, ...]


def grounded(items: Sequence[WrittenItem], passages: Mapping[str, Passage], *, told: str = "") -> Grounded:
    """Judge a model's items by the passages that it was given; `told` is what else it may lean on for names."""
    kept: list[ItemDraft] = []
    problems: list[str] = []
    for place, item in enumerate(items):
        citations, wrong = _citations(item, passages)
        cited = {source.id: passages[source.id].text for source in item.sources if source.id in passages}
        wrong += list(_unsupported(item, "\n".join(cited.values()), told))
        if wrong:
            problems += [f"items.{place}: {reason}" for reason in wrong]
            continue
        kept.append(
            ItemDraft(
                content=" ".join(item.content.split()),
                summary=shortened(" ".join(item.summary.split()), _SUMMARY),
                context=shortened(" ".join(item.context.split()), LONGEST_CONTEXT),
                citations=tuple(citations),
            )
        )
    return Grounded(tuple(kept), tuple(problems))


def verbatim(quote: str, text: str) -> str | None:
    """Return the stretch of a text that a quote copies, spaces and kinds of quotation marks aside, or None."""
    words = [re.escape(word) for word in quote.strip().strip('“”"«»…').split()]
    if len(words) < LEAST_QUOTED_WORDS:
        return None
    pattern = r"\s+".join(re.sub(r"[\"“”«»'’‘]", "[\"“”«»'’‘]", word) for word in words)
    found = re.search(pattern, text)
    return found.group() if found else None


def _citations(item: WrittenItem, passages: Mapping[str, Passage]) -> tuple[list[Citation], list[str]]:
    found: list[Citation] = []
    wrong: list[str] = []
    for source in item.sources:
        passage = passages.get(source.id)
        if passage is None:
            wrong.append(f"{source.id} is no passage that was given")
            continue
        quote = verbatim(source.quote, passage.text)
        if quote is None:
            wrong.append(f"the quote of {source.id} does not stand in it letter by letter")
            continue
        citation = Citation(
            source_type=passage.source_type,
            source_id=passage.source_id,
            quote=quote,
            title=passage.title,
            url=passage.url,
        )
        if citation not in found:
            found.append(citation)
    return found, wrong


def _unsupported(item: WrittenItem, cited: str, told: str) -> Iterator[str]:
    said = "\n".join((item.content, item.summary, item.context))
    folded, known = _fold(cited), _fold(f"{cited}\n{told}")
    stems, known_stems = content_stems(cited), content_stems(f"{cited}\n{told}")
    own = content_stems(item.content)
    if own and len(own & stems) / len(own) < LEAST_SHARED:
        yield "the content says more than its passages do"
    if _LINK.search(said):
        yield "no addresses"
    figures = {found.lstrip("0") or "0" for found in _FIGURE.findall(known)}
    for figure in dict.fromkeys(_FIGURE.findall(said)):
        if (figure.lstrip("0") or "0") not in figures:
            yield f"the figure {figure} stands in no passage that it cites"
    for spoken in _SPOKEN.findall(said):
        text = next(part for part in spoken if part)
        if _fold(text).strip(" .,!?…") not in folded:
            yield f"the words “{text[:60]}” stand in no passage that it cites"
    for name in dict.fromkeys(_names_in(said)):
        if stem(_fold(name)) not in known_stems and _fold(name) not in known:
            yield f"the name {name} stands in no passage that it cites"
    for claim in dict.fromkeys(found.group() for found in _AUTHORITY.finditer(said)):
        if _fold(claim) not in known:
            yield f"“{claim}” stands in no passage that it cites"


def _names_in(text: str) -> list[str]:
    """Capitalised words that do not only begin a sentence."""
    found = (match for match in _NAME.finditer(text) if not _SENTENCE_START.search(text[: match.start()]))
    return [re.sub(r"['’]s?$", "", match.group()) for match in found]


def _fold(text: str) -> str:
    return " ".join(words_of(text)) if " " in text else text.lower().replace("ё", "е").replace("’", "'")
