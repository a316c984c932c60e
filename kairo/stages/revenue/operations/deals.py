"""Deals in, by whatever way: one function takes facts, works out what each deal is and counts, and stores both.

It takes a fixed number of statements for any number of deals. A tenant's deals are written by one at a time: what a
deal is follows from its whole log, which nobody may add to in between.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from pydantic import JsonValue, ValidationError

from kairo.platform.database.batches import batch_execute
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.revenue.adapters.tenant_keys import key_maker
from kairo.stages.revenue.contracts.deals import (
    DealOutcome,
    DealRecord,
    DealRefused,
    DealsIn,
    DealsTaken,
)
from kairo.stages.revenue.models.deals import Deal
from kairo.stages.revenue.queries import deals as queries
from kairo.stages.revenue.queries.deal_ads import ads_of_deals
from kairo.stages.revenue.rules.deal_records import facts_of_record, money_problem
from kairo.stages.revenue.rules.stage_values import Pipelines
from kairo.stages.revenue.rules.telescoping import DealState, Fact, Rank, current_worth, outcome_of, state_of

FactKey = tuple[str, datetime, str]

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('revenue.deals:' || %s, 0))"
_STORE_FACTS = """
INSERT INTO deal_fact (id, tenant_id, source, deal_key, name, value, at, rank, key, stored_at)
SELECT id, %(tenant)b, %(source)b, deal_key, name, value, at, rank, key, %(stored_at)b
FROM unnest(%(ids)b::uuid[], %(deals)b::text[], %(names)b::text[], %(values)b::text[], %(ats)b::timestamptz[],
            %(ranks)b::smallint[], %(keys)b::text[]) AS told (id, deal_key, name, value, at, rank, key)
ON CONFLICT (tenant_id, source, deal_key, name, at, key) DO UPDATE SET value = excluded.value
WHERE deal_fact.rank = 2 AND deal_fact.value IS DISTINCT FROM excluded.value
"""
_STORE_DEALS = """
INSERT INTO deal (id, tenant_id, source, deal_key, ad_id, click_id, pipeline, stage, outcome, amount, currency,
                  created_at, closed_at, merged_into, is_deleted, steps, synthetic_value, synthetic_currency, digest,
                  changed_at)
SELECT id, %(tenant)b, %(source)b, deal_key, ad_id, click_id, pipeline, stage, outcome, amount, currency, created_at,
       closed_at, merged_into, is_deleted, steps, synthetic_value, synthetic_currency, digest, %(at)b
FROM unnest(%(id)b::uuid[], %(deal_key)b::text[], %(ad_id)b::text[], %(click_id)b::text[], %(pipeline)b::text[],
            %(stage)b::text[], %(outcome)b::text[], %(amount)b::numeric[], %(currency)b::text[],
            %(created_at)b::timestamptz[], %(closed_at)b::timestamptz[], %(merged_into)b::text[],
            %(is_deleted)b::boolean[], %(steps)b::jsonb[], %(synthetic_value)b::numeric[],
            %(synthetic_currency)b::text[], %(digest)b::text[])
  AS told (id, deal_key, ad_id, click_id, pipeline, stage, outcome, amount, currency, created_at, closed_at,
           merged_into, is_deleted, steps, synthetic_value, synthetic_currency, digest)
ON CONFLICT (tenant_id, source, deal_key) DO UPDATE SET
    ad_id = excluded.ad_id, click_id = excluded.click_id, pipeline = excluded.pipeline, stage = excluded.stage,
    outcome = excluded.outcome, amount = excluded.amount, currency = excluded.currency,
    created_at = excluded.created_at, closed_at = excluded.closed_at, merged_into = excluded.merged_into,
    is_deleted = excluded.is_deleted, steps = excluded.steps, synthetic_value = excluded.synthetic_value,
    synthetic_currency = excluded.synthetic_currency, digest = excluded.digest, changed_at = excluded.changed_at
"""
_REVALUE = """
UPDATE deal SET synthetic_value = told.value, synthetic_currency = told.currency, outcome = told.outcome,
                closed_at = told.closed_at, ad_id = told.ad_id
FROM unnest(%(ids)b::uuid[], %(values)b::numeric[], %(currencies)b::text[], %(outcomes)b::text[],
            %(closed)b::timestamptz[], %(ads)b::text[]) AS told (id, value, currency, outcome, closed_at, ad_id)
WHERE deal.id = told.id AND deal.tenant_id = %(tenant)b
  AND (deal.synthetic_value, deal.synthetic_currency, deal.outcome, deal.closed_at, deal.ad_id)
      IS DISTINCT FROM (told.value, told.currency, told.outcome, told.closed_at, told.ad_id)
"""
REVALUED_AT_ONCE = 1_000


@dataclass(frozen=True)
class _Known:
    """A deal before a batch: its log, and what is stored of it."""

    facts: dict[FactKey, Fact]
    row_id: UUID | None
    digest: str | None
    has_stage: bool


@transaction.atomic
def ingest_deals(*, sent: DealsIn, at: datetime) -> DealsTaken:
    """Take the deals of a CRM, each by itself: a deal that is refused does not hold up the others.

    Sending the same again changes nothing. `at` is when they came in; what happened when, the records say.
    """
    errors: list[DealRefused] = []
    accepted: list[tuple[int, DealRecord]] = []
    for index, raw in enumerate(sent.deals):
        try:
            accepted.append((index, DealRecord.model_validate(raw)))
        except ValidationError as error:
            errors.append(_refused(index, raw, error))
    if not accepted:
        return DealsTaken(errors=errors)
    return ingest_records(source=sent.source, records=accepted, errors=errors, at=at)


@transaction.atomic
def ingest_records(
    *, source: str, records: Sequence[tuple[int, DealRecord]], errors: Sequence[DealRefused] = (), at: datetime
) -> DealsTaken:
    """Take records that are well-formed, each with its place among those sent; refuse money that no currency has."""
    _lock_deals()
    pipelines = queries.pipelines()
    refused = list(errors)
    good: list[DealRecord] = []
    for index, record in records:
        problem = money_problem(record, currency=pipelines.of(record.pipeline or "").currency)
        if problem is None:
            good.append(record)
        else:
            refused.append(DealRefused(index=index, deal_id=record.deal_id, field="amount", message=problem))
    known = _known(source, [record.deal_id for record in good])
    counts = {"ingested": 0, "updated": 0, "unchanged": 0}
    fresh: dict[tuple[str, FactKey], Fact] = {}
    digests = {deal_id: entry.digest if entry.has_stage else None for deal_id, entry in known.items()}
    for record in good:
        entry = known[record.deal_id]
        until = max((fact.at for fact in entry.facts.values()), default=None)
        for fact in facts_of_record(record, known_until=until):
            _add(entry, record.deal_id, fact, fresh)
        digest = _digest(state_of(entry.facts.values()))
        before = digests[record.deal_id]
        counts["ingested" if before is None else "unchanged" if before == digest else "updated"] += 1
        digests[record.deal_id] = digest
    _store(source, known, fresh, pipelines, at=at)
    return DealsTaken(**counts, errors=sorted(refused, key=lambda problem: problem.index))


@transaction.atomic
def apply_facts(*, source: str, facts: Sequence[tuple[str, Fact]], deal_ids: Sequence[str] = (), at: datetime) -> int:
    """Add facts to the logs of their deals, and bring these and `deal_ids` up to date; return how many facts were new.

    In which order facts come, and how often, does not matter.
    """
    _lock_deals()
    known = _known(source, [*deal_ids, *(deal_id for deal_id, _ in facts)])
    fresh: dict[tuple[str, FactKey], Fact] = {}
    for deal_id, fact in facts:
        _add(known[deal_id], deal_id, fact, fresh)
    _store(source, known, fresh, queries.pipelines(), at=at)
    return len(fresh)


def _lock_deals() -> None:
    rows(_LOCK, [str(current_tenant())])


def _known(source: str, deal_ids: Sequence[str]) -> dict[str, _Known]:
    unique = sorted(set(deal_ids))
    logs, stored = queries.facts_of(source, unique), queries.rows_of(source, unique)
    found = {}
    for deal_id in unique:
        row_id, digest, stage = stored.get(deal_id, (None, None, None))
        log = {(fact.name.value, fact.at, fact.key): fact for fact in logs[deal_id]}
        found[deal_id] = _Known(log, row_id, digest, stage is not None)
    return found


def _add(entry: _Known, deal_id: str, fact: Fact, fresh: dict[tuple[str, FactKey], Fact]) -> None:
    key = (fact.name.value, fact.at, fact.key)
    before = entry.facts.get(key)
    if before is not None and (fact.rank is not Rank.SNAPSHOT or before.value == fact.value):
        return
    entry.facts[key] = fact
    fresh[deal_id, key] = fact


def _store(
    source: str,
    known: Mapping[str, _Known],
    fresh: Mapping[tuple[str, FactKey], Fact],
    pipelines: Pipelines,
    *,
    at: datetime,
) -> None:
    if fresh:
        store_facts(source, [(deal_id, fact) for (deal_id, _), fact in fresh.items()], at=at)
    states = {deal_id: state_of(entry.facts.values()) for deal_id, entry in known.items()}
    digests = {deal_id: _digest(state) for deal_id, state in states.items()}
    changed = [deal_id for deal_id, entry in known.items() if entry.digest != digests[deal_id]]
    if not changed:
        return
    ads = _attributed({deal_id: states[deal_id].click_id for deal_id in changed if not states[deal_id].ad_id})
    lines = [
        _line(deal_id, known[deal_id].row_id, states[deal_id], digests[deal_id], pipelines, ads, at)
        for deal_id in changed
    ]
    columns = {name: [line[name] for line in lines] for name in lines[0]}
    batch_execute(_STORE_DEALS, {"tenant": current_tenant(), "source": source, "at": at, **columns})


def store_facts(source: str, facts: Sequence[tuple[str, Fact]], *, at: datetime) -> int:
    """Add facts to the logs of their deals in one statement; return how many were new or corrected."""
    told = {**fact_columns(facts), "tenant": current_tenant(), "source": source, "stored_at": at}
    return batch_execute(_STORE_FACTS, told)


def fact_columns(facts: Sequence[tuple[str, Fact]]) -> dict[str, list[object]]:
    """Lay facts out in columns, each with an id of its own."""
    return {
        "ids": [new_id() for _ in facts],
        "deals": [deal_id for deal_id, _ in facts],
        "names": [fact.name.value for _, fact in facts],
        "values": [fact.value for _, fact in facts],
        "ats": [fact.at for _, fact in facts],
        "ranks": [int(fact.rank) for _, fact in facts],
        "keys": [fact.key for _, fact in facts],
    }


def _line(
    deal_id: str,
    row_id: UUID | None,
    state: DealState,
    digest: str,
    pipelines: Pipelines,
    ads: Mapping[str, str],
    at: datetime,
) -> dict[str, object]:
    worth = current_worth(state, pipelines, as_of=at)
    return {
        "id": row_id or new_id(),
        "deal_key": deal_id,
        "ad_id": state.ad_id or ads.get(deal_id),
        "click_id": state.click_id,
        "pipeline": state.pipeline,
        "stage": state.stage,
        "outcome": outcome_of(state, pipelines).value,
        "amount": state.amount,
        "currency": state.currency,
        "created_at": state.created_at,
        "closed_at": closed_at_of(state, pipelines),
        "merged_into": state.merged_into,
        "is_deleted": state.deleted_at is not None,
        "steps": json.dumps([{"stage": step.stage, "at": step.at.isoformat()} for step in state.steps]),
        "synthetic_value": worth.amount if worth else None,
        "synthetic_currency": worth.currency if worth else None,
        "digest": digest,
    }


def closed_at_of(state: DealState, pipelines: Pipelines) -> datetime | None:
    """Return when a closed deal closed: as the CRM says, else when it came to its last stage."""
    if outcome_of(state, pipelines) is DealOutcome.OPEN:
        return None
    return state.closed_at or (state.steps[-1].at if state.steps else None)


def _attributed(clicks: Mapping[str, str | None]) -> dict[str, str]:
    """Return the ads of deals whose CRM names none."""
    key_of = key_maker(current_tenant())
    return ads_of_deals(clicks, click_keys={click: key_of("click", click) for click in clicks.values() if click})


def _digest(state: DealState) -> str:
    told = (
        state.ad_id, state.click_id, state.pipeline, state.stage, state.currency, state.said, state.merged_into,
        state.deleted_at is not None, format(state.amount.normalize(), "f") if state.amount is not None else None,
        state.created_at, state.closed_at, [(step.stage, step.at) for step in state.steps],
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@transaction.atomic
def revalue_deals(*, at: datetime) -> int:
    """Count every deal anew by the rules of now, and find its ad anew; return how many have changed."""
    _lock_deals()
    pipelines = queries.pipelines()
    changed, after = 0, None
    while True:
        page = Deal.objects.order_by("id")
        found = list((page.filter(id__gt=after) if after else page)[:REVALUED_AT_ONCE])
        if not found:
            return changed
        after = found[-1].id
        for source in sorted({row.source for row in found}):
            changed += _revalued([row for row in found if row.source == source], source, pipelines, at=at)


def _revalued(found: Sequence[Deal], source: str, pipelines: Pipelines, *, at: datetime) -> int:
    logs = queries.facts_of(source, [row.deal_key for row in found])
    states = [state_of(logs[row.deal_key]) for row in found]
    worths = [current_worth(state, pipelines, as_of=at) for state in states]
    named = {row.deal_key: state.click_id for row, state in zip(found, states, strict=True) if not state.ad_id}
    ads = _attributed(named)
    return batch_execute(
        _REVALUE,
        {
            "tenant": current_tenant(),
            "ids": [row.id for row in found],
            "values": [worth.amount if worth else None for worth in worths],
            "currencies": [worth.currency if worth else None for worth in worths],
            "outcomes": [outcome_of(state, pipelines).value for state in states],
            "closed": [closed_at_of(state, pipelines) for state in states],
            "ads": [state.ad_id or ads.get(row.deal_key) for row, state in zip(found, states, strict=True)],
        },
    )


@transaction.atomic
def forget_clicks(*, click_ids: Sequence[str], at: datetime) -> int:
    """Let go of clicks that were erased: no deal and no log names them any more. Returns how many deals did.

    A deal that was an ad's only because of such a click is that ad's no more.
    """
    _lock_deals()
    named: dict[str, list[str]] = {}
    for source, deal_key in Deal.objects.filter(click_id__in=list(click_ids)).values_list("source", "deal_key"):
        named.setdefault(source, []).append(deal_key)
    batch_execute(
        "DELETE FROM deal_fact WHERE tenant_id = %(tenant)b AND name = 'click_id' AND value = ANY(%(clicks)b::text[])",
        {"tenant": current_tenant(), "clicks": list(click_ids)},
    )
    for source, deal_ids in named.items():
        apply_facts(source=source, facts=[], deal_ids=deal_ids, at=at)
    return sum(map(len, named.values()))


def _refused(index: int, raw: Mapping[str, JsonValue], error: ValidationError) -> DealRefused:
    first = error.errors()[0]
    deal_id = raw.get("deal_id")
    return DealRefused(
        index=index,
        deal_id=str(deal_id)[:200] if isinstance(deal_id, str | int) else None,
        field=".".join(str(part) for part in first["loc"]) or "deal",
        message=first["msg"].removeprefix("Value error, "),
    )
