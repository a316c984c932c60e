"""Scoring predictions once they are due: each once, by the rule that made it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.evidence import queries as evidence
from kairo.stages.learning.contracts import PredictionVerdict
from kairo.stages.learning.models import PredictionScore
from kairo.stages.learning.operations.updating import update_effects
from kairo.stages.learning.rules.predictions import Due, verdict_on
from kairo.stages.opportunities import queries as opportunities
from kairo.stages.opportunities.queries import MadePrediction

LOOKS_BACK = timedelta(days=400)
Span = tuple[UUID, datetime, datetime]


def score_due_predictions(*, tenant_id: UUID, at: datetime) -> int:
    """Score the tenant's predictions that are due, those of one brand and span in one transaction; return how many.

    What was learned of bets is handed down with the effects of each brand that got a new score.
    """
    with tenant_transaction(tenant_id):
        open_spans = _open_spans(at=at)
    scored: dict[UUID, int] = defaultdict(int)
    for (brand_id, since, until), made in open_spans.items():
        with tenant_transaction(tenant_id):
            scored[brand_id] += _score(brand_id, made, since=since, until=until, at=at)
    for brand_id in [brand_id for brand_id, count in scored.items() if count]:
        with tenant_transaction(tenant_id):
            update_effects(brand_id=brand_id, at=at)
    return sum(scored.values())


def _open_spans(*, at: datetime) -> dict[Span, list[MadePrediction]]:
    """Return what is due and not scored, by brand and the time that is counted; what is due first comes first."""
    due = opportunities.due_predictions(due_after=at - LOOKS_BACK, due_until=at)
    settled = set(PredictionScore.objects.filter(due_at__gt=at - LOOKS_BACK).values_list("opportunity_id", flat=True))
    spans: dict[Span, list[MadePrediction]] = defaultdict(list)
    for made in due:
        if made.opportunity_id not in settled:
            spans[made.brand_id, made.counts_from, made.prediction.due_at].append(made)
    return spans


def _score(brand_id: UUID, made: Sequence[MadePrediction], *, since: datetime, until: datetime, at: datetime) -> int:
    counted = opportunities.topic_posts(
        brand_id, {entry.prediction.measure for entry in made}, since=since, until=until
    )
    listened_until = evidence.listened_until(brand_id)
    taken = _measured_in(brand_id, (_key(entry.prediction.measure) for entry in made), after=since)
    rows = []
    for entry in made:
        key = _key(entry.prediction.measure)
        due = Due(
            made_at=entry.made_at,
            due_at=until,
            threshold=entry.prediction.threshold,
            observed=counted.get(entry.prediction.measure),
            listened_until=listened_until,
            repeats=key in taken,
        )
        ended = verdict_on(due, at=at)
        if ended is None:
            continue
        if ended.verdict is not PredictionVerdict.VOID:
            taken.add(key)
        rows.append(_row(entry, key=key, observed=due.observed, at=at))
        rows[-1].verdict, rows[-1].void_reason = ended.verdict, ended.void_reason
    PredictionScore.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _row(made: MadePrediction, *, key: str, observed: int | None, at: datetime) -> PredictionScore:
    said = made.prediction
    return PredictionScore(
        brand_id=made.brand_id,
        opportunity_id=made.opportunity_id,
        measure_key=key,
        probability=said.probability,
        unadjusted=said.probability if said.unadjusted is None else said.unadjusted,
        threshold=said.threshold,
        made_at=made.made_at,
        due_at=said.due_at,
        observed=observed,
        scored_at=at,
    )


def _measured_in(brand_id: UUID, keys: Iterable[str], *, after: datetime) -> set[str]:
    """Return which of these measures have counted for an earlier prediction in a span that reaches past a moment.

    Boards of one week say the same of a topic: counted each time, one event would be many.
    """
    found = PredictionScore.objects.filter(brand_id=brand_id, measure_key__in=list(keys), due_at__gt=after)
    return set(found.exclude(verdict=PredictionVerdict.VOID).values_list("measure_key", flat=True))


def _key(measure: str) -> str:
    return hashlib.sha256(measure.encode()).hexdigest()
