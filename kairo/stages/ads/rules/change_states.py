"""The one table of how changes move, and where each word of the history leads."""

from __future__ import annotations

from kairo.stages.ads.contracts.changes import ChangeNotAllowed, ChangeStatus

_S = ChangeStatus

TRANSITIONS: dict[ChangeStatus, frozenset[ChangeStatus]] = {
    _S.PENDING: frozenset({_S.APPROVED, _S.REJECTED, _S.EXPIRED}),
    # Rejecting and expiring reach what nobody has begun.
    _S.APPROVED: frozenset({_S.CLAIMED, _S.REJECTED, _S.EXPIRED}),
    # Back to approved: it waits. To pending: the limit was lowered, and a person has to look. Done: it stood so.
    _S.CLAIMED: frozenset({_S.EXECUTING, _S.APPROVED, _S.PENDING, _S.DONE, _S.FAILED, _S.EXPIRED}),
    # Back to approved: the platform has turned the call away, or read back it shows nothing of it; or one step is made.
    _S.EXECUTING: frozenset({_S.DONE, _S.FAILED, _S.APPROVED}),
    _S.DONE: frozenset({_S.ROLLED_BACK}),
    # What was stopped after a first step can be taken back too.
    _S.FAILED: frozenset({_S.ROLLED_BACK}),
    _S.REJECTED: frozenset({_S.ROLLED_BACK}),
    _S.EXPIRED: frozenset({_S.ROLLED_BACK}),
    _S.ROLLED_BACK: frozenset(),
}

OPEN = frozenset({_S.PENDING, _S.APPROVED, _S.CLAIMED, _S.EXECUTING})
UNTOUCHED = frozenset({_S.PENDING, _S.APPROVED})


def require_move(now: ChangeStatus, wanted: ChangeStatus) -> None:
    """Pass if a change may go from one status to the other.

    Raises:
        ChangeNotAllowed: it may not; the message names what it may do.
    """
    if wanted in TRANSITIONS[now]:
        return
    ways = ", ".join(sorted(TRANSITIONS[now])) or "nothing: it has ended"
    raise ChangeNotAllowed(f"The change is {now} and cannot become {wanted}. What it can become: {ways}.")
