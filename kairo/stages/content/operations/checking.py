"""What policy and the channels say of a text before it is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kairo.errors import FieldError
from kairo.platform.policy.contracts import Bounds, FindingCode, Outgoing, OutgoingText
from kairo.platform.policy.pipeline import check
from kairo.stages.content.contracts import MAX_BODY, OpportunityRefused, TextRefused
from kairo.stages.content.rules.channels import violations
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.contracts import Channel, OpportunityDTO

_UNKNOWN_LANGUAGE = "und"


def may_say(taboos: Sequence[str]) -> Callable[[str], bool]:
    """Return what tells whether words may stand in a text of the brand."""
    return lambda words: not reasons_against({"text": words}, taboos=taboos)


def reasons_against(texts: Mapping[str, str], *, taboos: Sequence[str]) -> list[FieldError]:
    """List what policy finds wrong with texts, by their names; nothing is repaired in what people wrote."""
    outgoing = Outgoing(
        language=_UNKNOWN_LANGUAGE,
        texts=tuple(
            OutgoingText(place=name, text=text, max_characters=MAX_BODY, required=True) for name, text in texts.items()
        ),
    )
    found = check(outgoing, Bounds(taboos=tuple(taboos))).findings
    reasons = [
        FieldError(finding.place, f"{finding.code}: {finding.detail or 'must not go out'}")
        for finding in found
        if finding.code is not FindingCode.TABOO
    ]
    # The brand's own rule for taboos also reads Chinese, and inflected words in any of the three languages.
    named = ((name, opportunities.taboos_said(text, taboos)) for name, text in texts.items())
    return reasons + [FieldError(name, f"taboo: {term}") for name, terms in named for term in terms]


def require_usable(opportunity: OpportunityDTO, *, taboos: Sequence[str]) -> None:
    """Refuse an opportunity whose title or reason may not be shown in the brand's name.

    Raises:
        OpportunityRefused: with each reason.
    """
    reasons = reasons_against({"title": opportunity.title, "why_now": opportunity.why_now}, taboos=taboos)
    if reasons:
        raise OpportunityRefused(f"No package is made of this opportunity: {_told(reasons)}.", errors=tuple(reasons))


def text_reasons(
    channel: Channel, *, body: str, call_to_action: str | None, title: str | None, taboos: Sequence[str]
) -> list[FieldError]:
    """List what keeps a text from its channel: limits first, then policy."""
    broken = violations(channel, body=body, call_to_action=call_to_action, title=title)
    texts = {"body": body, "call_to_action": call_to_action or "", "title": title or ""}
    shown = {name: text for name, text in texts.items() if text.strip()}
    return [FieldError(one.field, f"{one.code}: {one}") for one in broken] + reasons_against(shown, taboos=taboos)


def require_sendable(
    channel: Channel, *, body: str, call_to_action: str | None, title: str | None, taboos: Sequence[str]
) -> None:
    """Refuse a text that its channel or policy does not take.

    Raises:
        TextRefused: with each reason.
    """
    reasons = text_reasons(channel, body=body, call_to_action=call_to_action, title=title, taboos=taboos)
    if reasons:
        raise TextRefused(f"The text cannot go out on {channel}: {_told(reasons)}.", errors=tuple(reasons))


def _told(reasons: Sequence[FieldError]) -> str:
    return "; ".join(f"{reason.field}: {reason.message}" for reason in reasons)
