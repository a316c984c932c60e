"""Finding the ads of conversions: a batch in a constant number of statements, each conversion decided once."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pydantic import JsonValue

from kairo.errors import FieldError, Invalid
from kairo.platform.database.batches import batch_execute
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.stages.revenue import queries
from kairo.stages.revenue.adapters.tenant_keys import key_maker
from kairo.stages.revenue.contracts.tracking import (
    AttributionDTO,
    Attributions,
    AttributionSettings,
    CandidateDTO,
    ConversionInput,
    RefusedRecord,
)
from kairo.stages.revenue.operations.tracking import VISIT_TYPES, read_record, refused, visit_columns
from kairo.stages.revenue.operations.weighing import ask_for_weights
from kairo.stages.revenue.rules.crediting import Step, path_of
from kairo.stages.revenue.rules.deciding import LAYER, Decision, Limits, decide
from kairo.stages.revenue.rules.sightings import IDENTITIES, Sighting
from kairo.stages.revenue.rules.visits import sighting_of
from kairo.stages.revenue.rules.weights import WINDOW_HOURS, Weights

SHOWN_CANDIDATES = 5
RESULT_TYPES = {
    "attributed": "bool", "method": "text", "layer": "smallint", "confidence": "float8", "reason": "text",
    "ad_id": "text", "attributed_click_id": "text", "attributed_key": "bigint", "clicked_at": "timestamptz",
    "candidates": "text", "path": "text", "weights_version": "int",
}  # fmt: skip
_TYPES = {
    "id": "uuid", "conversion_id": "text", "conversion_type": "text", "value": "numeric", "currency": "text",
    "occurred_at": "timestamptz", "click_id": "text", "fbclid": "text", "gclid": "text", **VISIT_TYPES, **RESULT_TYPES,
}  # fmt: skip
_AS_JSON = {"candidates", "path"}
_ARRAYS = ", ".join(f"%({name})b::{kind}[]" for name, kind in _TYPES.items())
_VALUES = ", ".join(f"new.{name}::jsonb" if name in _AS_JSON else f"new.{name}" for name in _TYPES)
_INSERT = f"""
INSERT INTO conversion_tracking (tenant_id, received_at, {", ".join(_TYPES)})
SELECT %(tenant)b::uuid, %(received_at)b::timestamptz, {_VALUES}
FROM unnest({_ARRAYS}) AS new ({", ".join(_TYPES)}) ORDER BY new.conversion_id
ON CONFLICT DO NOTHING
"""  # noqa: S608
_LOG_TYPES = {
    "id": "uuid", "conversion_id": "text", "layers_tried": "text", "attributed": "bool", "method": "text",
    "reason": "text", "confidence": "float8", "candidates": "int", "milliseconds": "float8", "weights_version": "int",
}  # fmt: skip
_LOG = f"""
INSERT INTO attribution_performance_log (tenant_id, attempted_at, {", ".join(_LOG_TYPES)})
SELECT %(tenant)b::uuid, %(attempted_at)b::timestamptz, new.*
FROM unnest({", ".join(f"%({name})b::{kind}[]" for name, kind in _LOG_TYPES.items())}) AS new
"""  # noqa: S608


class Attempt(NamedTuple):
    """One conversion with what was decided; `milliseconds` holds its part of what the batch shared."""

    conversion: ConversionInput
    seen: Sighting
    decision: Decision
    path: Sequence[Step]
    compared: int
    milliseconds: float


def attribute_conversion(*, conversion: ConversionInput, at: datetime) -> AttributionDTO:
    """Find a conversion's ad and store both; a conversion that is known is answered as it was before.

    Raises:
        Invalid: an address, a hash or an id cannot be one.
    """
    [result] = attribute_conversions(records=[conversion], at=at).results
    if isinstance(result, RefusedRecord):
        field, _, message = result.error.message.partition(": ")
        raise Invalid(result.error.message, errors=(FieldError(field, message),))
    return result


def attribute_conversions(
    *, records: Sequence[Mapping[str, JsonValue] | ConversionInput], at: datetime
) -> Attributions:
    """Find the ads of up to 1,000 conversions; one that cannot be read is refused by itself."""
    key_of = key_maker(current_tenant())
    results: list[RefusedRecord | str] = []
    fresh: dict[str, tuple[ConversionInput, Sighting]] = {}
    for record in records:
        conversion = read_record(ConversionInput, record)
        if isinstance(conversion, RefusedRecord):
            results.append(conversion)
            continue
        try:
            seen = sighting_of(conversion, at=conversion.occurred_at, key_of=key_of)
        except ValueError as error:
            results.append(refused(str(error)))
            continue
        fresh.setdefault(conversion.conversion_id, (conversion, seen))
        results.append(conversion.conversion_id)
    answers = queries.attributions(list(fresh))
    new = [one for conversion_id, one in fresh.items() if conversion_id not in answers]
    settings, weights = queries.settings_and_weights()
    attempts = attempt(new, settings, weights)
    if _store(attempts, weights, at=at) < len(attempts):
        # Somebody else was faster with one of them: what is stored is the answer.
        answers = queries.attributions(list(fresh))
    decided = {one.conversion.conversion_id: answer_of(one) for one in attempts}
    answers = decided | answers
    log_attempts(attempts, weights, at=at)
    if attempts:
        ask_for_weights(weights, until=max(one.conversion.occurred_at for one in attempts))
    return Attributions(results=[one if isinstance(one, RefusedRecord) else answers[one] for one in results])


def attempt(
    conversions: Sequence[tuple[ConversionInput, Sighting]], settings: AttributionSettings, weights: Weights
) -> list[Attempt]:
    """Decide each conversion by the clicks that are stored; those of one batch know the ones before them."""
    if not conversions:
        return []
    started = time.perf_counter()
    sightings = [seen for _, seen in conversions]
    found = queries.candidates_for(sightings, window_days=settings.longest_window_days)
    others = queries.others_for(sightings)
    first_at = queries.first_click_at() if weights.observed_since is None else None
    observed_since = weights.observed_since or (first_at.timestamp() if first_at else None)
    shared_ms = (time.perf_counter() - started) * 1000 / len(conversions)
    earlier: dict[tuple[str, int], list[Sighting]] = defaultdict(list)
    attempts = []
    for (conversion, seen), candidates, stored in zip(conversions, found, others, strict=True):
        began = time.perf_counter()
        keys = [(name, getattr(seen, name)) for name in IDENTITIES if getattr(seen, name) is not None]
        limits = limits_for(conversion.conversion_type, settings)
        known = [*stored, *(one for key in keys for one in earlier[key]), seen]
        hours = WINDOW_HOURS if observed_since is None else (seen.at - observed_since) / 3600
        decision = decide(seen, candidates, weights, limits, others=known, observed_hours=hours)
        for key in keys:
            earlier[key].append(seen)
        path = path_of(seen, decision.click, candidates, window_s=limits.window_s) if decision.click else []
        took_ms = shared_ms + (time.perf_counter() - began) * 1000
        attempts.append(Attempt(conversion, seen, decision, path, len(candidates), took_ms))
    return attempts


def limits_for(conversion_type: str, settings: AttributionSettings) -> Limits:
    """Return what decides over a type of conversion."""
    return Limits(
        window_s=timedelta(days=settings.window_for(conversion_type)).total_seconds(),
        threshold=settings.probability_threshold,
        degree_cap=settings.shared_degree_cap,
        most_on_a_line=queries.MOST_ON_A_LINE,
    )


def answer_of(one: Attempt) -> AttributionDTO:
    """Return what is told of an attempt."""
    decision, click = one.decision, one.decision.click
    return AttributionDTO(
        conversion_id=one.conversion.conversion_id,
        attributed=click is not None,
        method=decision.method,
        layer=LAYER[decision.method] if decision.method else None,
        confidence=round(decision.confidence, 4),
        ad_id=click.ad_id if click else None,
        click_id=click.click_id if click else None,
        clicked_at=_moment(click.seen.at) if click else None,
        reason=decision.reason,
        candidates=_shown(decision),
    )


def _shown(decision: Decision) -> list[CandidateDTO]:
    likely = sorted(decision.scored, key=lambda one: -one.probability)[:SHOWN_CANDIDATES]
    return [
        CandidateDTO(
            click_id=one.candidate.click_id,
            ad_id=one.candidate.ad_id,
            clicked_at=_moment(one.candidate.seen.at),
            probability=round(one.probability, 4),
        )
        for one in likely
    ]


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, tz=UTC)


def result_columns(attempts: Sequence[Attempt], weights: Weights) -> dict[str, list[Any]]:
    """Return the columns that say what became of conversions."""
    answers = [answer_of(one) for one in attempts]
    clicks = [one.decision.click for one in attempts]
    return {
        "attributed": [answer.attributed for answer in answers],
        "method": [answer.method for answer in answers],
        "layer": [answer.layer for answer in answers],
        "confidence": [answer.confidence for answer in answers],
        "reason": [answer.reason for answer in answers],
        "ad_id": [answer.ad_id for answer in answers],
        "attributed_click_id": [answer.click_id for answer in answers],
        "attributed_key": [click.seen.click_key if click else None for click in clicks],
        "clicked_at": [answer.clicked_at for answer in answers],
        "candidates": [json.dumps([one.model_dump(mode="json") for one in answer.candidates]) for answer in answers],
        "path": [json.dumps([(step.ad_id, round(step.seconds_before)) for step in one.path]) for one in attempts],
        "weights_version": [weights.version] * len(attempts),
    }


def _store(attempts: Sequence[Attempt], weights: Weights, *, at: datetime) -> int:
    if not attempts:
        return 0
    conversions = [one.conversion for one in attempts]
    columns: dict[str, list[Any]] = {
        "id": [new_id() for _ in attempts],
        "conversion_id": [conversion.conversion_id for conversion in conversions],
        "conversion_type": [conversion.conversion_type for conversion in conversions],
        "value": [conversion.value for conversion in conversions],
        "currency": [conversion.currency for conversion in conversions],
        "occurred_at": [conversion.occurred_at for conversion in conversions],
        "click_id": [conversion.click_id for conversion in conversions],
        "fbclid": [conversion.fbclid for conversion in conversions],
        "gclid": [conversion.gclid for conversion in conversions],
        **visit_columns([one.seen for one in attempts]),
        **result_columns(attempts, weights),
    }
    return batch_execute(_INSERT, {"tenant": current_tenant(), "received_at": at, **columns})


def log_attempts(attempts: Sequence[Attempt], weights: Weights, *, at: datetime) -> None:
    """Write down what was tried for each, with its result and how long it took."""
    if not attempts:
        return
    decisions = [one.decision for one in attempts]
    columns: dict[str, list[Any]] = {
        "id": [new_id() for _ in attempts],
        "conversion_id": [one.conversion.conversion_id for one in attempts],
        "layers_tried": [",".join(map(str, decision.layers_tried)) for decision in decisions],
        "attributed": [decision.click is not None for decision in decisions],
        "method": [decision.method for decision in decisions],
        "reason": [decision.reason for decision in decisions],
        "confidence": [decision.confidence for decision in decisions],
        "candidates": [one.compared for one in attempts],
        "milliseconds": [round(one.milliseconds, 3) for one in attempts],
        "weights_version": [weights.version] * len(attempts),
    }
    batch_execute(_LOG, {"tenant": current_tenant(), "attempted_at": at, **columns})
