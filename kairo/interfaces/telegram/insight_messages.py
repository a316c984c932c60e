"""Answers of the insights stage as messages of a chat: the answer with its evidence, its sources, and why."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from kairo.interfaces.telegram.callbacks import Action, Button
from kairo.interfaces.telegram.replies import LabelledButton, Reply, linked, pages, said
from kairo.interfaces.telegram.wording import left_out_words
from kairo.stages.insights.contracts.answers import EvidenceEntry, Insight, InsightResponse, InsightType
from kairo.stages.insights.contracts.trends import TrendWindow

WINDOWS = tuple(TrendWindow)


def working_reply(step: str = "") -> Reply:
    """Say that an answer is being made, and at which step."""
    steps = {
        "retrieve": _("Finding the posts …"),
        "agents": _("Reading them …"),
        "format": _("Putting it into words …"),
        "validate": _("Checking every line against its post …"),
    }
    return Reply(html=said(steps.get(step, _("Working on it …"))))


def insight_reply(analysis_id: UUID, response: InsightResponse, *, page: int = 0) -> Reply:
    """Return one page of an answer, with the buttons that lead on from it."""
    numbers = {evidence.id: place for place, evidence in enumerate(response.evidence, start=1)}
    blocks = [
        f"<b>{said(response.header)}</b>\n{said(response.tldr)}",
        *(_line(insight, numbers) for insight in response.insights),
        *(_card(evidence, numbers) for evidence in response.evidence),
    ]
    if response.meta.degraded:
        left_out = left_out_words(response.meta.degraded)
        blocks.append(f"<i>{said(_('Left out this time: %(what)s') % {'what': left_out})}</i>")
    packed = pages(blocks)
    shown = min(page, len(packed) - 1)
    return Reply(html=packed[shown], buttons=_buttons(analysis_id, response, shown, len(packed)))


def _line(insight: Insight, numbers: dict[UUID, int]) -> str:
    kinds = {
        InsightType.FACT: _("fact"),
        InsightType.HYPOTHESIS: _("hypothesis"),
        InsightType.RECOMMENDATION: _("recommendation"),
        InsightType.CONFLICT: _("conflict"),
    }
    cited = " ".join(f"[{numbers[ref]}]" for ref in insight.evidence_refs)
    return f"• {said(insight.text)} <i>({said(kinds[insight.type])}, {insight.confidence:.0%})</i> {cited}"


def _card(evidence: EvidenceEntry, numbers: dict[UUID, int]) -> str:
    title = linked(evidence.title or evidence.source, evidence.url)
    return f"[{numbers[evidence.id]}] {title}, {said(evidence.source)}, {evidence.date}\n“{said(evidence.snippet)}”"


def _buttons(
    analysis_id: UUID, response: InsightResponse, shown: int, count: int
) -> tuple[tuple[LabelledButton, ...], ...]:
    def button(label: str, action: Action, number: int = 0) -> LabelledButton:
        return LabelledButton(label=label, button=Button(action=action, subject=analysis_id, number=number))

    first = [
        button(_("Why"), Action.EXPLAIN),
        button(_("Sources"), Action.SOURCES),
        button(_("Refresh"), Action.REFRESH),
    ]
    windows = [
        button(str(window), Action.WINDOW, place)
        for place, window in enumerate(WINDOWS)
        if window != response.meta.window
    ]
    turns = [button(_("Next page"), Action.PAGE, shown + 1)] if shown + 1 < count else []
    if shown > 0:
        turns.insert(0, button(_("Page before"), Action.PAGE, shown - 1))
    return tuple(tuple(row) for row in (first, windows, turns) if row)


def sources_reply(response: InsightResponse) -> Reply:
    """Return the whole evidence of an answer, as far as one message holds it."""
    numbers = {evidence.id: place for place, evidence in enumerate(response.evidence, start=1)}
    return Reply(html=pages(_card(evidence, numbers) for evidence in response.evidence)[0])


def explained_reply(response: InsightResponse) -> Reply:
    """Say what an answer was made of and by whom, and how sure each line is."""
    meta = response.meta
    lines = [
        _("Made by: %(model)s") % {"model": meta.model},
        _("Window: %(window)s, %(count)d posts cited") % {"window": meta.window, "count": len(response.evidence)},
        _("Took %(seconds).1f s and %(cents).1f cents") % {"seconds": meta.latency_ms / 1000, "cents": meta.cost_cents},
    ]
    scores = [f"• {said(insight.text)}: {insight.confidence:.0%}" for insight in response.insights]
    warnings = [said(warning) for warning in meta.warnings]
    run = f"<code>{meta.run_id}</code>"
    return Reply(html=pages(["\n".join(said(line) for line in lines), "\n".join(scores), *warnings, run])[0])
