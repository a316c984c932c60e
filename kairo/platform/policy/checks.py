"""The checks one by one: each takes what is about to go out and returns what is left of it, with its findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from kairo.platform.policy.contracts import (
    Bounds,
    Finding,
    FindingCode,
    Outcome,
    Outgoing,
    OutgoingSource,
    OutgoingText,
)
from kairo.platform.policy.domains import domain_rules, host_of, is_within
from kairo.platform.policy.pii import find_pii, mask
from kairo.platform.policy.texts import is_blank, is_in_language, terms_in, truncated

Check = Callable[[Outgoing, Bounds, "Findings"], Outgoing]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LINK = re.compile(r"https?://[^\s<>\"”»)\]]+", re.IGNORECASE)


@dataclass
class Findings:
    """The list that the checks write to."""

    found: list[Finding] = field(default_factory=list)

    def add(self, code: FindingCode, place: str, outcome: Outcome, detail: str = "") -> None:
        self.found.append(Finding(code=code, place=place, outcome=outcome, detail=detail))

    def drop(self, code: FindingCode, text: OutgoingText, detail: str = "") -> None:
        """Note that a text does not go out; without a required one nothing does."""
        self.add(code, text.place, Outcome.REFUSED if text.required else Outcome.LEFT_OUT, detail)


def addresses(outgoing: Outgoing, bounds: Bounds, findings: Findings) -> Outgoing:
    """Take away addresses that are not http(s), and sources and links of domains that may not be shown."""
    allowed, denied = domain_rules(bounds.allowed_domains), domain_rules(bounds.denied_domains)
    kept: list[OutgoingSource] = []
    for place, source in enumerate(outgoing.sources):
        where = f"evidence.{place}.url"
        host = host_of(source.url) if source.url is not None else None
        if source.url is not None and host is None:
            findings.add(FindingCode.URL_UNUSABLE, where, Outcome.REPAIRED, "not an http(s) address")
            kept.append(source.model_copy(update={"url": None}))
        elif host is not None and (code := _refusal(host, allowed, denied)):
            findings.add(code, where, Outcome.LEFT_OUT, host)
        else:
            kept.append(source)
    texts = [_without_links(text, allowed, denied, findings) for text in outgoing.texts]
    return outgoing.model_copy(update={"sources": tuple(kept), "texts": tuple(texts)})


def _refusal(host: str, allowed: frozenset[str], denied: frozenset[str]) -> FindingCode | None:
    if is_within(host, denied):
        return FindingCode.DOMAIN_DENIED
    return FindingCode.DOMAIN_NOT_ALLOWED if allowed and not is_within(host, allowed) else None


def _without_links(
    text: OutgoingText, allowed: frozenset[str], denied: frozenset[str], findings: Findings
) -> OutgoingText:
    def judged(match: re.Match[str]) -> str:
        host = host_of(match.group())
        code = _refusal(host, allowed, denied) if host else FindingCode.URL_UNUSABLE
        if code is None:
            return match.group()
        findings.add(code, text.place, Outcome.REPAIRED, host or "")
        return "[link]"

    linked = _LINK.sub(judged, text.text)
    return text.model_copy(
        update={"text": linked, "quotes": tuple(quoted for quoted in text.quotes if quoted.text in linked)}
    )


def dates(outgoing: Outgoing, bounds: Bounds, findings: Findings) -> Outgoing:
    """Bring dates into the form YYYY-MM-DD; one that cannot be read is taken away."""
    sources = list(outgoing.sources)
    for place, source in enumerate(sources):
        if not source.date or _is_day(source.date):
            continue
        day = _day_of(source.date)
        findings.add(FindingCode.DATE_MALFORMED, f"evidence.{place}.date", Outcome.REPAIRED, day or "taken away")
        sources[place] = source.model_copy(update={"date": day})
    return outgoing.model_copy(update={"sources": tuple(sources)})


def _is_day(text: str) -> bool:
    return bool(_DAY.fullmatch(text)) and _day_of(text) == text


def _day_of(text: str) -> str:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text.strip()).strftime("%Y-%m-%d").rjust(10, "0")
        except ValueError:
            continue
    return ""


def evidence(outgoing: Outgoing, bounds: Bounds, findings: Findings) -> Outgoing:
    """Leave out statements that cite nothing, and references to nothing."""
    known = {source.id for source in outgoing.sources}
    kept: list[OutgoingText] = []
    for text in outgoing.texts:
        refs = tuple(dict.fromkeys(ref for ref in text.refs if ref in known))
        unresolved = set(text.refs) - known
        if unresolved:
            outcome = Outcome.REPAIRED if refs or not text.needs_evidence else Outcome.LEFT_OUT
            findings.add(FindingCode.EVIDENCE_UNRESOLVED, text.place, outcome, f"{len(unresolved)} references")
        if text.needs_evidence and not refs:
            findings.drop(FindingCode.EVIDENCE_MISSING, text)
        if refs or not text.needs_evidence:
            quoted = tuple(words for words in text.quotes if words.source_id in known)
            kept.append(text.model_copy(update={"refs": refs, "quotes": quoted}))
    return outgoing.model_copy(update={"texts": tuple(kept)})


def quotes(outgoing: Outgoing, bounds: Bounds, findings: Findings) -> Outgoing:
    """Leave out texts that put words into somebody's mouth."""
    contents = {source.id: source.content for source in outgoing.sources}

    def is_sound(text: OutgoingText) -> bool:
        return all(
            quoted.text.strip() and quoted.text in contents.get(quoted.source_id, "") and quoted.text in text.text
            for quoted in text.quotes
        )

    return _keep(outgoing, is_sound, FindingCode.QUOTE_NOT_FOUND, findings)


def language(outgoing: Outgoing, bounds: Bounds, findings: Findings) -> Outgoing:
    """Leave out texts in another language than the one that was asked for."""
    asked = outgoing.language
    return _keep(outgoing, lambda text: is_in_language(text.text, asked), FindingCode.LANGUAGE_MISMATCH, findings)


def taboos(outgoing: Outgoing, bounds: Bounds, findings: Findings) -> Outgoing:
    """Leave out texts that name what the brand never says; sources keep their own words."""
    if not bounds.taboos:
        return outgoing
    return _keep(outgoing, lambda text: not terms_in(text.text, bounds.taboos), FindingCode.TABOO, findings)


def personal_and_long(outgoing: Outgoing, bounds: Bounds, findings: Findings) -> Outgoing:
    """Mask what identifies a person and cut what is too long, until neither is left: each may bring the other about."""
    texts = [_without_persons(text, findings) for text in outgoing.texts]
    sources = [
        source.model_copy(
            update={
                "title": _fitted(source.title, bounds.max_title_characters, f"evidence.{place}.title", findings),
                "snippet": _fitted(
                    source.snippet, bounds.max_snippet_characters, f"evidence.{place}.snippet", findings
                ),
            }
        )
        for place, source in enumerate(outgoing.sources)
    ]
    return outgoing.model_copy(update={"texts": tuple(texts), "sources": tuple(sources)})


def _without_persons(text: OutgoingText, findings: Findings) -> OutgoingText:
    fitted = _fitted(text.text, text.max_characters, text.place, findings)
    # What was masked or cut is not a quote any more.
    quotes = tuple(quoted for quoted in text.quotes if quoted.text in fitted)
    return text.model_copy(update={"text": fitted, "quotes": quotes})


def _fitted(text: str, limit: int, place: str, findings: Findings) -> str:
    while spans := find_pii(text):
        for kind in dict.fromkeys(span.type for span in spans):
            findings.add(FindingCode(f"pii_{kind}"), place, Outcome.REPAIRED)
        text = mask(text, spans)
    if len(text) <= limit:
        return text
    findings.add(FindingCode.TOO_LONG, place, Outcome.REPAIRED, f"{len(text)} of {limit} characters")
    return _fitted(truncated(text, limit), limit, place, findings)


def emptiness(outgoing: Outgoing, bounds: Bounds, findings: Findings) -> Outgoing:
    """Leave out texts in which nothing can be read."""
    return _keep(outgoing, lambda text: not is_blank(text.text), FindingCode.EMPTY, findings)


def _keep(
    outgoing: Outgoing, is_sound: Callable[[OutgoingText], bool], code: FindingCode, findings: Findings
) -> Outgoing:
    kept: list[OutgoingText] = []
    for text in outgoing.texts:
        if is_sound(text):
            kept.append(text)
        else:
            findings.drop(code, text)
    return outgoing.model_copy(update={"texts": tuple(kept)})


# Quotes are looked up before anything is masked or cut; language and taboos are judged on what will be read.
CHECKS: tuple[Check, ...] = (quotes, addresses, dates, evidence, personal_and_long, language, taboos, emptiness)


def states_something(texts: Iterable[OutgoingText]) -> bool:
    """Say whether any of the texts is a statement."""
    return any(text.needs_evidence for text in texts)
