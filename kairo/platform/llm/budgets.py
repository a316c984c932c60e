"""Money before words: an attempt's worst case is set aside in every cap that it falls under, or it does not happen.

All amounts are millionths of a dollar. The rows of the caps are locked in one order, so that no two attempts wait for
each other. Everything here runs in the tenant's transaction; a refusal ends that transaction, and with it what the
statement had already set aside in other caps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import execute, rows
from kairo.platform.llm.contracts import CapScope
from kairo.platform.llm.models import LlmReservation

GRACE_S = 60.0
"""How long after its own time an attempt may still be settled by whoever made it."""

_OPEN = """
INSERT INTO llm_budget (id, tenant_id, scope, key, cap_microdollars)
SELECT new.id, %(tenant)s, new.scope, new.key, new.cap
FROM unnest(%(ids)s::uuid[], %(scopes)s::text[], %(keys)s::text[], %(caps)s::bigint[]) AS new (id, scope, key, cap)
ON CONFLICT (tenant_id, scope, key) DO NOTHING
"""
_RESERVE = """
WITH held AS MATERIALIZED (
    SELECT budget.id, wanted.cap FROM llm_budget AS budget
    JOIN unnest(%(scopes)s::text[], %(keys)s::text[], %(caps)s::bigint[]) AS wanted (scope, key, cap)
      ON budget.scope = wanted.scope AND budget.key = wanted.key
    WHERE budget.tenant_id = %(tenant)s ORDER BY budget.id FOR UPDATE OF budget
)
UPDATE llm_budget AS budget
SET reserved_microdollars = reserved_microdollars + %(amount)s, cap_microdollars = held.cap
FROM held
WHERE budget.id = held.id AND spent_microdollars + reserved_microdollars + %(amount)s <= held.cap
RETURNING budget.id, budget.scope, (spent_microdollars + reserved_microdollars)::float8 / greatest(held.cap, 1)
"""
_NOTE = """
INSERT INTO llm_reservation
    (id, tenant_id, run_id, task, model, prompt, attempt, amount_microdollars, budget_ids, expires_at)
VALUES (%(id)s, %(tenant)s, %(run)s, %(task)s, %(model)s, %(prompt)s, %(attempt)s, %(amount)s, %(budgets)s::uuid[],
    now() + make_interval(secs => %(lasts_s)s))
"""
# What was swept has been taken for spent: a late settlement then corrects it.
_SETTLE = """
WITH gone AS (
    DELETE FROM llm_reservation WHERE tenant_id = %(tenant)s AND id = %(id)s RETURNING amount_microdollars
), held AS MATERIALIZED (
    SELECT id, EXISTS (SELECT FROM gone) AS is_reserved FROM llm_budget
    WHERE tenant_id = %(tenant)s AND id = ANY (%(budgets)s::uuid[]) ORDER BY id FOR UPDATE
)
UPDATE llm_budget AS budget
SET reserved_microdollars = reserved_microdollars - CASE WHEN held.is_reserved THEN %(amount)s ELSE 0 END,
    spent_microdollars = spent_microdollars + %(cost)s - CASE WHEN held.is_reserved THEN 0 ELSE %(amount)s END
FROM held WHERE budget.id = held.id
"""


@dataclass(frozen=True)
class Attempted:
    """What is about to be asked, for whoever finds the reservation after a crash."""

    run_id: UUID
    task: str
    model: str
    prompt: str
    attempt: int


@dataclass(frozen=True)
class Reservation:
    """Money that was set aside; `used` tells how full each cap is with it."""

    id: UUID
    amount: int
    budget_ids: tuple[UUID, ...]
    used: dict[CapScope, float]


class OverCap(Exception):
    """The attempt could cost more than is left of a cap."""

    def __init__(self, scope: CapScope) -> None:
        super().__init__(scope.value)
        self.scope = scope


def reserve(
    attempted: Attempted, caps: Sequence[tuple[CapScope, str, int]], *, amount: int, lasts_s: float
) -> Reservation:
    """Set an attempt's worst case aside in all of its caps, by one statement.

    Raises:
        OverCap: it does not fit; the caller's transaction must not commit.
    """
    parameters = {
        "tenant": current_tenant(),
        "ids": [new_id() for _ in caps],
        "scopes": [scope.value for scope, _, _ in caps],
        "keys": [key for _, key, _ in caps],
        "caps": [cap for _, _, cap in caps],
        "amount": amount,
    }
    execute(_OPEN, parameters)
    taken = {CapScope(scope): (budget_id, used) for budget_id, scope, used in rows(_RESERVE, parameters)}
    full = next((scope for scope, _, _ in caps if scope not in taken), None)
    if full is not None:
        raise OverCap(full)
    reservation = Reservation(
        id=new_id(),
        amount=amount,
        budget_ids=tuple(budget_id for budget_id, _ in taken.values()),
        used={scope: used for scope, (_, used) in taken.items()},
    )
    noted = {
        "id": reservation.id,
        "run": attempted.run_id,
        "task": attempted.task,
        "model": attempted.model,
        "prompt": attempted.prompt,
        "attempt": attempted.attempt,
        "budgets": list(reservation.budget_ids),
        "lasts_s": lasts_s + GRACE_S,
    }
    execute(_NOTE, parameters | noted)
    return reservation


def settle(reservation: Reservation, *, cost: int) -> None:
    """Give back what was set aside and count what it came to."""
    _settle(reservation.id, reservation.budget_ids, amount=reservation.amount, cost=cost)


def settle_lost(*, limit: int) -> list[LlmReservation]:
    """Settle reservations whose attempt ended without a word, and return them.

    The provider may have been paid: each counts as if it had cost its worst case.
    """
    lost = list(
        LlmReservation.objects.raw(
            "SELECT * FROM llm_reservation WHERE tenant_id = %s AND expires_at < now()"
            " ORDER BY expires_at LIMIT %s FOR UPDATE SKIP LOCKED",
            [current_tenant(), limit],
        )
    )
    for row in lost:
        _settle(row.id, row.budget_ids, amount=row.amount_microdollars, cost=row.amount_microdollars)
    return lost


def _settle(reservation_id: UUID, budget_ids: Sequence[UUID], *, amount: int, cost: int) -> None:
    parameters = {
        "tenant": current_tenant(),
        "id": reservation_id,
        "budgets": list(budget_ids),
        "amount": amount,
        "cost": cost,
    }
    execute(_SETTLE, parameters)
