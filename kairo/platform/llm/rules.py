"""Decisions about asking a model, pure: when it rests, how long to wait, which budgets an attempt is paid from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from kairo.platform.llm.contracts import MICRODOLLARS_PER_CENT, TRANSIENT, Caps, CapScope, Outcome, Spender

FAILURES_TO_REST = 5
REST_S = 30.0
"""After so many failures in a row a model is left alone for as long; then one attempt finds out how it is."""
LONGEST_WAIT_S = 10.0
"""Whoever asks for more patience loses the question to the next model."""
USUAL_WAIT_S = 0.5
LEAST_ATTEMPT_S = 0.2
WARNING_SHARE = 0.8
MOST_TOKENS_DEGRADED = 5_000

_REFUSAL = re.compile(
    r"""^\W*(?:
      (?:i['’]?m\s+)?(?:really\s+|very\s+)?sorry\b
    | i\s+(?:can(?:['’]t|not)|won['’]t|am\s+(?:not\s+able|unable)|must\s+decline|do\s+not\s+feel\s+comfortable)
    | (?:as|being)\s+an?\s+(?:ai|language\s+model)
    | (?:извините|простите|к\s+сожалению)\b
    | я\s+не\s+могу\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def is_resting(recent: Sequence[tuple[Outcome, float]], *, is_being_tried: bool) -> bool:
    """Say whether a model is left alone. `recent`: outcome and age in seconds of its last attempts, newest first.

    After its rest one attempt is let through; others wait for what it comes to.
    """
    last = recent[:FAILURES_TO_REST]
    if len(last) < FAILURES_TO_REST or any(outcome not in TRANSIENT for outcome, _ in last):
        return False
    return last[0][1] < REST_S or is_being_tried


def wait_before_retry_s(asked_s: float | None, *, left_s: float, luck: float) -> float | None:
    """Return how long to wait before the one retry, or None where the next model is asked instead.

    `asked_s` is the provider's own wish; `luck`, 0 to 1, keeps those who failed together from coming back together.
    """
    wait_s = USUAL_WAIT_S * (1 + luck) if asked_s is None else asked_s
    return wait_s if wait_s <= min(LONGEST_WAIT_S, left_s - LEAST_ATTEMPT_S) else None


def caps_for(spender: Spender, caps: Caps, *, at: datetime) -> list[tuple[CapScope, str, int]]:
    """List the caps that an attempt is paid from: scope, key, and the cap in millionths of a dollar."""
    day, month = at.date().isoformat(), f"{at:%Y-%m}"
    wanted = [
        (CapScope.COMMAND, str(spender.run_id), caps.command),
        (CapScope.DAY, day, caps.day),
        (CapScope.TENANT, month, caps.tenant),
    ]
    if spender.user_id is not None:
        wanted.insert(1, (CapScope.USER, f"{spender.user_id}/{day}", caps.user))
    return [(scope, key, cents * MICRODOLLARS_PER_CENT) for scope, key, cents in wanted]


def until_renewed_s(scope: CapScope, *, at: datetime) -> int:
    """Return in how many seconds a cap begins anew: a command's never does, a new command has its own."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if scope is CapScope.TENANT:
        renewed_at = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    else:
        renewed_at = midnight + timedelta(days=1)
    return 1 if scope is CapScope.COMMAND else max(1, round((renewed_at - at).total_seconds()))


def is_refusal(text: str) -> bool:
    """Say whether a text that is no answer is a model's way to decline, in English or Russian."""
    return _REFUSAL.match(text.strip()) is not None


def unfenced(text: str) -> str:
    """Return a document without the code fence that models like to set around it."""
    stripped = text.strip()
    found = re.fullmatch(r"```[a-zA-Z]*\n(.*?)\n?```", stripped, re.DOTALL)
    return found[1] if found else stripped
