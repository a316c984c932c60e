"""GET /metrics: the installation in figures, for Prometheus. What is a row is added up when it is asked for."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from kairo.interfaces.api.http_metrics import http_metrics
from kairo.interfaces.api.metric_names import (
    COMMANDS,
    COUNTERS,
    GAUGES,
    HISTOGRAMS,
    OF_COMMANDS,
    OTHER,
    PLATFORMS,
    QUEUE_GAUGES,
)
from kairo.platform.jobs import queries as jobs
from kairo.platform.jobs.contracts import Queue
from kairo.platform.llm import queries as llm
from kairo.platform.llm.contracts import Caps, CapScope
from kairo.platform.telemetry.metrics import SUM, Sample, run_samples
from kairo.platform.tenancy.internal import internal_access
from kairo.stages.evidence import queries as evidence
from kairo.stages.insights import queries as insights
from kairo.stages.knowledge import queries as knowledge

Labels = tuple[tuple[str, str], ...]
BUDGETS_ALWAYS_TOLD: Final = (CapScope.DAY, CapScope.TENANT)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format: for all accounts, or for the one whose owner asks."""
    access = internal_access(request)
    found = list(_families(_samples(of_all=access.is_operator)))
    if access.sees_installation():
        found += http_metrics()
    registry = CollectorRegistry()
    registry.register(_Collected(found))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Collected(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _samples(*, of_all: bool) -> list[Sample]:
    found = [
        *jobs.metric_samples(of_all=of_all),
        *llm.metric_samples(of_all=of_all),
        *run_samples(of_all=of_all),
        *evidence.metric_samples(of_all=of_all),
        *insights.metric_samples(of_all=of_all),
        *knowledge.metric_samples(of_all=of_all),
    ]
    kept = [_folded(sample) for sample in found if sample.metric not in OF_COMMANDS or _is_of_command(sample)]
    return [*kept, *_zeros(kept)]


def _folded(sample: Sample) -> Sample:
    """Return the sample under a bounded name: a platform is whatever word an import brings."""
    labels = tuple(
        (name, OTHER if name == "platform" and text not in PLATFORMS else text) for name, text in sample.labels
    )
    return replace(sample, labels=labels)


def _is_of_command(sample: Sample) -> bool:
    return dict(sample.labels).get("command") in COMMANDS


def _zeros(found: Iterable[Sample]) -> Iterator[Sample]:
    """Yield what is nought or untouched, so that a query for it finds a series before anything has happened."""
    told = {(sample.metric, sample.labels) for sample in found}
    for name in QUEUE_GAUGES:
        yield from _unless_told(told, name, (("queue", queue.value) for queue in Queue), 0)
    for command in COMMANDS:
        yield from _unless_told(told, "orchestrator_requests", [("command", command)], 0)
        if not any(name == "orchestrator_errors" and ("command", command) in labels for name, labels in told):
            yield Sample("orchestrator_errors", (("code", "internal_error"), ("command", command)), "", 0)
    for scope in BUDGETS_ALWAYS_TOLD:
        cap = getattr(Caps(), scope.value)
        yield from _unless_told(told, "orchestrator_budget_used_cents", [("scope", scope.value)], 0)
        yield from _unless_told(told, "orchestrator_budget_limit_cents", [("scope", scope.value)], cap)


def _unless_told(
    told: set[tuple[str, Labels]], name: str, labels: Iterable[tuple[str, str]], value: float
) -> Iterator[Sample]:
    for label in labels:
        if (name, (label,)) not in told:
            yield Sample(name, (label,), "", value)


def _families(found: Iterable[Sample]) -> Iterator[Metric]:
    by_name: dict[str, list[Sample]] = defaultdict(list)
    for sample in found:
        by_name[sample.metric].append(sample)
    for name, help_text in COUNTERS.items():
        yield _filled(CounterMetricFamily(name, help_text, labels=_label_names(by_name[name])), by_name[name])
    for name, help_text in GAUGES.items():
        yield _filled(GaugeMetricFamily(name, help_text, labels=_label_names(by_name[name])), by_name[name])
    for name, (help_text, bounds) in HISTOGRAMS.items():
        yield _histogram(name, help_text, bounds, by_name[name])


def _filled(
    family: CounterMetricFamily | GaugeMetricFamily, found: Sequence[Sample]
) -> CounterMetricFamily | GaugeMetricFamily:
    summed: dict[Labels, float] = defaultdict(float)
    for sample in found:
        summed[sample.labels] += sample.value
    for labels, total in summed.items():
        family.add_metric([text for _, text in labels], total)
    return family


def _histogram(name: str, help_text: str, bounds: Sequence[float], found: Sequence[Sample]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, help_text, labels=_label_names(found))
    by_labels: dict[Labels, dict[str, float]] = defaultdict(dict)
    for sample in found:
        parts = by_labels[sample.labels]
        parts[sample.part] = parts.get(sample.part, 0) + sample.value
    for labels, parts in by_labels.items():
        family.add_metric([text for _, text in labels], _cumulated(parts, bounds), sum_value=parts.get(SUM, 0))
    return family


def _cumulated(parts: Mapping[str, float], bounds: Sequence[float]) -> list[tuple[str, float]]:
    """Return the buckets as Prometheus has them: every one, each with all that are below it, the last without bound."""
    counts = {float(part): count for part, count in parts.items() if part != SUM}
    within = accumulate(counts.get(bound, 0) for bound in (*bounds, math.inf))
    names = [*(str(float(bound)) for bound in bounds), "+Inf"]
    return list(zip(names, within, strict=True))


def _label_names(found: Sequence[Sample]) -> list[str]:
    return [name for name, _ in found[0].labels] if found else []
