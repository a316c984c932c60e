"""How the Ads page puts changes, checks and recommendations into words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked

from kairo.interfaces.web.revenue_wording import money_words, ratio_words
from kairo.stages.ads.contracts.changes import ChangeSource, ChangeStatus, ChangeType, CheckName, HistoryEvent
from kairo.stages.ads.contracts.platforms import EntityType
from kairo.stages.learning.contracts.budget_log import LoggedRecommendation
from kairo.stages.learning.contracts.budgets import Decision

ENTITY_WORDS: Mapping[EntityType, str] = {
    EntityType.CAMPAIGN: marked("Campaign"),
    EntityType.AD_SET: marked("Ad set"),
    EntityType.AD: marked("Ad"),
}
TYPE_WORDS: Mapping[ChangeType, str] = {
    ChangeType.BUDGET: marked("Daily budget"),
    ChangeType.PAUSE: marked("Pause"),
    ChangeType.RESUME: marked("Let it run"),
    ChangeType.BID: marked("Bid"),
    ChangeType.CREATE: marked("New ad"),
}
STATUS_WORDS: Mapping[ChangeStatus, str] = {
    ChangeStatus.PENDING: marked("Waits for approval"),
    ChangeStatus.APPROVED: marked("Approved, waits for its turn"),
    ChangeStatus.CLAIMED: marked("Is being checked"),
    ChangeStatus.EXECUTING: marked("Is being carried out"),
    ChangeStatus.DONE: marked("Done"),
    ChangeStatus.FAILED: marked("Failed"),
    ChangeStatus.REJECTED: marked("Rejected"),
    ChangeStatus.EXPIRED: marked("Expired"),
    ChangeStatus.ROLLED_BACK: marked("Rolled back"),
}
STATUS_ICONS: Mapping[ChangeStatus, str] = {
    ChangeStatus.DONE: "ready",
    ChangeStatus.FAILED: "error",
    ChangeStatus.CLAIMED: "generating",
    ChangeStatus.EXECUTING: "generating",
}
STATUS_TONES: Mapping[ChangeStatus, str] = {
    ChangeStatus.DONE: "ready",
    ChangeStatus.FAILED: "error",
    ChangeStatus.CLAIMED: "running",
    ChangeStatus.EXECUTING: "running",
}
EVENT_WORDS: Mapping[HistoryEvent, str] = {
    HistoryEvent.PROPOSED: marked("Proposed"),
    HistoryEvent.APPROVED: marked("Approved"),
    HistoryEvent.REJECTED: marked("Rejected"),
    HistoryEvent.EXPIRED: marked("Expired"),
    HistoryEvent.WAITING: marked("Waited"),
    HistoryEvent.REFUSED: marked("Refused by a check"),
    HistoryEvent.DRY_RUN: marked("Dry run: nothing was sent"),
    HistoryEvent.EXECUTING: marked("Sent to the platform"),
    HistoryEvent.READ_BACK: marked("Read back from the platform"),
    HistoryEvent.DONE: marked("Done"),
    HistoryEvent.FAILED: marked("Failed"),
    HistoryEvent.ROLLED_BACK: marked("Rolled back"),
    HistoryEvent.SETTINGS: marked("Bounds were changed"),
    HistoryEvent.KILL_SWITCH: marked("The kill switch was turned"),
}
CHECK_WORDS: Mapping[CheckName, str] = {
    CheckName.KILL_SWITCH: marked("Kill switch"),
    CheckName.APPROVAL: marked("Approval"),
    CheckName.AS_DECIDED: marked("Still as it was when decided"),
    CheckName.MARKET_HOURS: marked("Market hours"),
    CheckName.DECISION_STEP: marked("Largest step of a decision"),
    CheckName.VELOCITY: marked("Velocity within hours"),
    CheckName.DAILY_CAP: marked("Cap of a day"),
    CheckName.SPEND_CAP: marked("Spend of the account"),
    CheckName.ACCOUNT_RATE: marked("Changes an hour in the account"),
    CheckName.PLATFORM_RATE: marked("The platform's own limit"),
    CheckName.PLATFORM_USAGE: marked("Allowance on the platform"),
    CheckName.PLATFORM_ANSWER: marked("The platform's answer"),
}
SOURCE_WORDS: Mapping[ChangeSource, str] = {
    ChangeSource.OPTIMISER: marked("by the optimiser"),
    ChangeSource.PERSON: marked("by a person"),
}
DECISION_WORDS: Mapping[Decision, str] = {
    Decision.KILL: marked("Stop"),
    Decision.HOLD: marked("Keep running"),
    Decision.SCALE: marked("Scale"),
}
DECISION_TONES: Mapping[Decision, str] = {
    Decision.KILL: "error",
    Decision.HOLD: "neutral",
    Decision.SCALE: "ready",
}


def reason_words(one: LoggedRecommendation, currency: str) -> str:
    """Say why a budget is recommended, in the reader's language."""
    figures = {
        "roas": ratio_words(one.roas),
        "low": ratio_words(one.low),
        "high": ratio_words(one.high),
        "less": money_words(Decimal(str(max(0.0, one.current - one.recommended))), currency),
        "more": money_words(Decimal(str(max(0.0, one.recommended - one.current))), currency),
    }
    expected = _("Expected return %(roas)s, with nine chances in ten between %(low)s and %(high)s.") % figures
    if one.decision is Decision.KILL:
        return f"{expected} {_('It loses money, and that is nearly certain.')}"
    if one.recommended > one.current:
        return f"{expected} {_('%(more)s a day more bring more here than elsewhere.') % figures}"
    if one.recommended < one.current:
        return f"{expected} {_('%(less)s a day bring more elsewhere, or nothing.') % figures}"
    return f"{expected} {_('Too little is known to move it, or it stands well.')}"
