"""What the Ads page shows, put together from the doors of ads, revenue and learning: reads only, and few."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kairo.interfaces.web.ads_wording import reason_words
from kairo.stages.ads import queries as ads
from kairo.stages.ads.contracts import AdDTO
from kairo.stages.ads.contracts.changes import AdChangeDTO, ChangeHistoryDTO, ChangeStatus, ChangeType, SafetyCheck
from kairo.stages.learning.contracts.budget_log import LoggedRecommendation, LoggedSelection

OPEN_SHOWN, ENDED_SHOWN, LINES_READ = 50, 15, 200
ADS_SHOWN = 30
MOVING = {ChangeStatus.APPROVED, ChangeStatus.CLAIMED, ChangeStatus.EXECUTING}
OPEN = {ChangeStatus.PENDING, *MOVING}
ENDED = set(ChangeStatus) - OPEN
UNDOABLE = {ChangeStatus.DONE}


@dataclass(frozen=True)
class ChangeSight:
    """A change with its history, the newest line first."""

    change: AdChangeDTO
    lines: list[ChangeHistoryDTO]

    @property
    def checks(self) -> list[SafetyCheck]:
        """The checks that ran last."""
        return next((line.checks for line in self.lines if line.checks), [])

    @property
    def may_be_undone(self) -> bool:
        return self.change.status in UNDOABLE and self.change.change_type is not ChangeType.CREATE

    @property
    def was_dry(self) -> bool:
        return self.change.dry_run_at is not None and self.change.status in MOVING


@dataclass(frozen=True)
class ChangesSight:
    """The changes that wait, those that are on their way, and how the last ones ended."""

    pending: list[ChangeSight]
    moving: list[ChangeSight]
    ended: list[ChangeSight]

    @property
    def is_empty(self) -> bool:
        return not (self.pending or self.moving or self.ended)

    @property
    def moving_key(self) -> str:
        """Tell which changes are on their way: when it differs from before, one has ended or come."""
        return ".".join(sorted(one.change.id.hex[-8:] for one in self.moving))


@dataclass(frozen=True)
class AdInterval:
    """One ad of a selection: its budgets, and where its interval lies on an axis of a hundred."""

    one: LoggedRecommendation
    name: str
    reason: str
    start: float
    width: float
    middle: float


@dataclass(frozen=True)
class SelectionSight:
    """A selection with its ads, those with most money first. `one_at` is where a return of 1 lies on the axis."""

    selection: LoggedSelection
    ads: list[AdInterval]
    one_at: float | None
    longest: float
    left_out: int
    recommended_total: float
    current_total: float


def changes_sight() -> ChangesSight:
    """Put together how changes stand; three queries.

    What is open is read first: a change that ends between the reads is then shown twice, and never in no list.
    """
    open_ones = ads.changes(statuses=OPEN, limit=OPEN_SHOWN)
    ended = ads.changes(statuses=ENDED, limit=ENDED_SHOWN)
    lines: dict[UUID | None, list[ChangeHistoryDTO]] = defaultdict(list)
    if open_ones or ended:
        for line in ads.change_history(limit=LINES_READ):
            lines[line.change_id].append(line)
    gone = {change.id for change in ended}
    still_open = [change for change in open_ones if change.id not in gone]
    return ChangesSight(
        pending=_with_lines([one for one in still_open if one.status not in MOVING], lines),
        moving=_with_lines([one for one in still_open if one.status in MOVING], lines),
        ended=_with_lines(ended, lines),
    )


def selection_sight(selection: LoggedSelection | None) -> SelectionSight | None:
    """Put together what was recommended, with the names of the ads; one query."""
    if selection is None or not selection.recommendations:
        return None
    listed = sorted(selection.recommendations, key=lambda one: (-max(one.recommended, one.current), one.ad_id))
    shown = listed[:ADS_SHOWN]
    known = ads.ads_by_id([one.ad_id for one in shown])
    longest = max(1.25, *(min(one.high, 4 * max(one.roas, 0.5)) for one in shown))
    return SelectionSight(
        selection=selection,
        ads=[_interval(one, known, longest, selection.currency) for one in shown],
        one_at=round(100 / longest, 2),
        longest=longest,
        left_out=len(listed) - len(shown),
        recommended_total=sum(one.recommended for one in listed),
        current_total=sum(one.current for one in listed),
    )


def _interval(one: LoggedRecommendation, known: Mapping[str, AdDTO], longest: float, currency: str) -> AdInterval:
    def place(value: float) -> float:
        return round(max(0.0, min(100.0, 100 * value / longest)), 2)

    ad = known.get(one.ad_id)
    start = place(one.low)
    return AdInterval(
        one=one,
        name=(ad.name if ad else "") or one.ad_id,
        reason=reason_words(one, currency),
        start=start,
        width=round(max(0.5, place(one.high) - start), 2),
        middle=place(one.roas),
    )


def _with_lines(
    changes: Sequence[AdChangeDTO], lines: Mapping[UUID | None, list[ChangeHistoryDTO]]
) -> list[ChangeSight]:
    return [ChangeSight(change, lines.get(change.id, [])) for change in changes]
