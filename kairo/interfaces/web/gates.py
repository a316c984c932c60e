"""The ten evidence gates as they stand now."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kairo.interfaces.web.access import MemberRequest, for_members
from kairo.interfaces.web.brands import place_of
from kairo.platform.database.clock import now
from kairo.stages.evidence import queries
from kairo.stages.evidence.contracts import GateVerdict


@require_safe
@for_members
def gates(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """Judge the brand's evidence of this moment, and say what would mend it."""
    place = place_of(request, brand_slug)
    window = queries.evidence_window(place.brand.id, as_of=now())
    report = queries.gate_report(place.brand.id, window)
    failed = sum(gate.verdict is GateVerdict.FAILED for gate in report.shortfall.gates)
    shown = {"place": place, "report": report, "window": window, "failed": failed, "current": "gates"}
    return render(request, "evidence/gates.html", shown)
