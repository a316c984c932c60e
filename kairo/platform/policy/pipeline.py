"""The one pipeline that everything passes before it is shown or sent."""

from __future__ import annotations

from kairo.platform.policy.checks import CHECKS, Findings, states_something
from kairo.platform.policy.contracts import Bounds, Checked, FindingCode, Outcome, Outgoing

_EVERYWHERE = Bounds()


def check(outgoing: Outgoing, bounds: Bounds = _EVERYWHERE) -> Checked:
    """Run all checks in order: what may be repaired is repaired, what may not is left out, and all of it is told.

    What comes out passes the same checks again without a finding. A refused answer holds no text and no source.

    Raises:
        UnusableDomainRule: the brand's lists of domains hold something that is none.
    """
    findings = Findings()
    stated = states_something(outgoing.texts)
    left = outgoing
    for check_one in CHECKS:
        left = check_one(left, bounds, findings)
    if stated and not states_something(left.texts) and not _is_refused(findings):
        findings.add(FindingCode.EMPTY, "texts", Outcome.REFUSED, "nothing is left to say")
    if _is_refused(findings):
        left = left.model_copy(update={"texts": (), "sources": ()})
    return Checked(outgoing=left, findings=tuple(findings.found))


def _is_refused(findings: Findings) -> bool:
    return any(finding.outcome is Outcome.REFUSED for finding in findings.found)
