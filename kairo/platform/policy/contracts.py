"""What policy looks at, what it may find, and what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from kairo.errors import Invalid
from kairo.shapes import Frozen


class UnusableDomainRule(Invalid):
    """An entry of a list of domains that would match nothing, or half of the internet."""

    code = "unusable_domain_rule"


class FindingCode(StrEnum):
    """What may be wrong with something that is about to be shown or sent."""

    EMPTY = "empty"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_UNRESOLVED = "evidence_unresolved"
    QUOTE_NOT_FOUND = "quote_not_found"
    PII_EMAIL = "pii_email"
    PII_PHONE = "pii_phone"
    PII_SSN = "pii_ssn"
    PII_CARD = "pii_card"
    PII_IBAN = "pii_iban"
    TOO_LONG = "too_long"
    DOMAIN_DENIED = "domain_denied"
    DOMAIN_NOT_ALLOWED = "domain_not_allowed"
    URL_UNUSABLE = "url_unusable"
    DATE_MALFORMED = "date_malformed"
    LANGUAGE_MISMATCH = "language_mismatch"
    TABOO = "taboo"


class Outcome(StrEnum):
    """What was done about a finding."""

    REPAIRED = "repaired"
    """The text or source goes out without what was wrong with it."""
    LEFT_OUT = "left_out"
    """The statement or source does not go out."""
    REFUSED = "refused"
    """Nothing goes out: something that cannot be left out is wrong."""


class Finding(Frozen):
    """One thing that was wrong: where (`insights.2`, `evidence.0.url`), what, and what was done about it."""

    code: FindingCode
    place: str
    outcome: Outcome
    detail: str = ""


class QuotedWords(Frozen):
    """Words that are shown as somebody's own: they must stand in the source letter by letter."""

    source_id: str
    text: str


class OutgoingText(Frozen):
    """One text that a person will read.

    A `required` text that cannot be shown stops everything; any other one is left out. `needs_evidence`: it states
    something, so that it must cite; `refs` are ids of sources.
    """

    place: str
    text: str
    max_characters: int = Field(ge=1)
    required: bool = False
    needs_evidence: bool = False
    refs: tuple[str, ...] = ()
    quotes: tuple[QuotedWords, ...] = ()


class OutgoingSource(Frozen):
    """A source that is shown beside the texts; `content` is the whole stored text, in which quotes are looked up."""

    id: str
    content: str
    title: str = ""
    url: str | None = None
    date: str = ""
    snippet: str = ""


class Outgoing(Frozen):
    """All that is about to be shown or sent, in one piece; `language` is the one that was asked for."""

    language: str
    texts: tuple[OutgoingText, ...]
    sources: tuple[OutgoingSource, ...] = ()


class Bounds(Frozen):
    """What holds for one brand. No allowed domain means that all are allowed; denied ones win."""

    allowed_domains: tuple[str, ...] = ()
    denied_domains: tuple[str, ...] = ()
    taboos: tuple[str, ...] = ()
    max_title_characters: int = 160
    max_snippet_characters: int = 240


class Checked(Frozen):
    """What may go out, and every finding on the way there. `refused`: nothing of it may."""

    outgoing: Outgoing
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        return any(finding.outcome is Outcome.REFUSED for finding in self.findings)

    def codes(self) -> Sequence[str]:
        """List the codes of the findings, each once, in the order of the checks."""
        return tuple(dict.fromkeys(str(finding.code) for finding in self.findings))
