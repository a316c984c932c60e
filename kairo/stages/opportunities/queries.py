"""Reads of the Today board, at most two queries a look. Nothing here writes, calls a model or reaches the network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.db.models import Count, DateTimeField, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from pydantic import JsonValue

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import first_row
from kairo.stages.brands.contracts import BrandNotFound, BrandSnapshotDTO
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.contracts import EvidenceShortfallDTO, EvidenceSummaryDTO
from kairo.stages.opportunities.contracts import (
    BoardListItemDTO,
    BoardNotFound,
    BoardState,
    DecisionDTO,
    KnownWinnerDTO,
    LearningSummaryDTO,
    OpportunityDTO,
    OpportunityNotFound,
    PredictionDTO,
    TodayBoardDTO,
    TodayBoardMetaDTO,
)
from kairo.stages.opportunities.models import Decision, KnownWinner, OpportunitiesBoard, Opportunity, ScoreEffects
from kairo.stages.opportunities.rules.board_states import FIRST_RUN_ITEMS, derive_state, is_first_run_due
from kairo.stages.opportunities.rules.learned import summary_of
from kairo.stages.opportunities.rules.predictions import is_countable, matching
from kairo.stages.opportunities.rules.reading import read_posts
from kairo.stages.opportunities.rules.taboos import compile_taboos, taboos_in
from kairo.stages.opportunities.rules.timing import HORIZON_DAYS
from kairo.stages.opportunities.rules.winners import winners_of

CACHE_TTL_S = 7 * 24 * 3600
DECIDED_DAYS = 14
MOST_COUNTED = 50_000
MOST_WINNERS = 500
_DUE_AT = Cast(KeyTextTransform("due_at", "prediction"), DateTimeField())


def board_cache_key(brand_id: UUID) -> str:
    return f"today_board:v2:{brand_id}"


def board_job_key(brand_id: UUID) -> str:
    """Return the key under which at most one live job works for a brand's board."""
    return f"today_job:v2:{brand_id}"


@dataclass(frozen=True)
class TodayLook:
    """What a look at a brand's board found: either the whole answer as JSON, or its parts."""

    board: TodayBoardDTO | None = None
    cached_body: str | None = None
    first_run_due: bool = False

    def body(self) -> str:
        """Return the answer as JSON."""
        if self.cached_body is not None:
            return self.cached_body
        return self.to_contract().model_dump_json()

    def to_contract(self) -> TodayBoardDTO:
        """Return the answer as its contract."""
        if self.board is not None:
            return self.board
        return TodayBoardDTO.model_validate_json(self.cached_body or "")


_LOOK = "SELECT * FROM opportunities_look(%(tenant)s, %(brand)s, %(job_key)s, %(cache_key)s, %(at)s)"

_BOARD = """
SELECT board.id, board.brand_id, board.job_id, board.run_id, board.state, board.generator, board.created_at,
       board.remediation, board.evidence_summary_json, board.evidence_shortfall_json, board.diagnostics_json,
       board.snapshot_json, opportunities_as_json(board.tenant_id, board.opportunity_ids)
FROM opportunities_board board
WHERE board.tenant_id = %(tenant)s AND {which}
"""
_BOARD_BY_ID = _BOARD.format(which="board.id = %(board)s")
_NEWEST_READY = _BOARD.format(
    which="board.brand_id = %(brand)s AND board.state = 'ready' ORDER BY board.created_at DESC LIMIT 1"
)
_THESE = "SELECT opportunities_as_json(%(tenant)s, %(opportunities)s::uuid[])"
_CITING = """
SELECT opportunities_as_json(%(tenant)s, ARRAY(
    SELECT id FROM opportunity
    WHERE tenant_id = %(tenant)s AND (%(brand)s::uuid IS NULL OR brand_id = %(brand)s)
      AND id IN (SELECT opportunity_id FROM opportunity_citation WHERE tenant_id = %(tenant)s AND item_id = %(item)s)
    ORDER BY created_at DESC, id LIMIT %(limit)s))
"""
_ONE_OPPORTUNITY = "SELECT opportunities_as_json(%(tenant)s, ARRAY[%(opportunity)s::uuid])"


def look_at_today(brand_id: UUID, *, at: datetime) -> TodayLook:
    """Return a brand's board as it stands: a live job's state, else the cached answer, else the stored board.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    row = first_row(
        _LOOK,
        {
            "tenant": current_tenant(),
            "brand": brand_id,
            "job_key": board_job_key(brand_id),
            "cache_key": board_cache_key(brand_id),
            "at": at,
        },
    )
    if row is None:
        raise BrandNotFound("There is no such brand.")
    live_job, cached_body, newest_board, newest_state, had_a_job = row
    state = derive_state(
        has_live_job=live_job is not None, newest_board=BoardState(newest_state) if newest_state else None
    )
    if state is BoardState.GENERATING:
        return TodayLook(board=generating_board(brand_id, job_id=live_job, previous=_newest_ready(brand_id, at=at)))
    if cached_body is not None:
        return TodayLook(cached_body=cached_body)
    if newest_board is not None:
        return TodayLook(board=board(newest_board, at=at))
    return _nothing_yet(brand_id, had_a_job=had_a_job, at=at)


def generating_board(brand_id: UUID, *, job_id: UUID, previous: TodayBoardDTO | None) -> TodayBoardDTO:
    """Return the answer while a job works; the earlier ready board comes along, marked as such."""
    meta = TodayBoardMetaDTO(state=BoardState.GENERATING, job_id=job_id)
    return TodayBoardDTO(brand_id=brand_id, meta=meta, previous=previous)


def _nothing_yet(brand_id: UUID, *, had_a_job: bool, at: datetime) -> TodayLook:
    window = evidence.EvidenceWindow(as_of=at)
    items = evidence.count_brand_items(brand_id, window, up_to=FIRST_RUN_ITEMS)
    due = is_first_run_due(state=BoardState.NOT_GENERATED_YET, had_a_job=had_a_job, items=items)
    missing = items < FIRST_RUN_ITEMS
    shortfall = EvidenceShortfallDTO(
        required_items=FIRST_RUN_ITEMS,
        found_items=items,
        transcript_coverage=0,
        min_transcript_coverage=0,
        failures=[f"insufficient_items: {items} items found, need {FIRST_RUN_ITEMS}"],
    )
    remediation = (
        f"Import posts or connect a source: {items} of at least {FIRST_RUN_ITEMS} items of the last {window.days} days"
        " are there. `kairo ingest import FILE --brand SLUG` brings a file in."
        if missing
        else "Generate the board: POST …/today/regenerate, or the button on the page."
    )
    meta = TodayBoardMetaDTO(
        state=BoardState.NOT_GENERATED_YET,
        reason="insufficient_items" if missing else None,
        remediation=remediation,
        evidence_shortfall=shortfall if missing else None,
    )
    return TodayLook(board=TodayBoardDTO(brand_id=brand_id, meta=meta), first_run_due=due)


def board(board_id: UUID, *, at: datetime) -> TodayBoardDTO:
    """Return a stored board with its opportunities as they are now.

    Raises:
        BoardNotFound: not there, or somebody else's.
    """
    row = first_row(_BOARD_BY_ID, {"tenant": current_tenant(), "board": board_id})
    if row is None:
        raise BoardNotFound("There is no such board.")
    return _to_board(row, at=at)


def _newest_ready(brand_id: UUID, *, at: datetime) -> TodayBoardDTO | None:
    row = first_row(_NEWEST_READY, {"tenant": current_tenant(), "brand": brand_id})
    return _to_board(row, at=at) if row else None


def boards(brand_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[BoardListItemDTO]:
    """List a brand's boards, newest first, from the one before `before`."""
    rows = OpportunitiesBoard.objects.filter(brand_id=brand_id).order_by("-created_at", "-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [
        BoardListItemDTO(
            id=row.id,
            state=BoardState(row.state),
            generator=row.generator,
            opportunity_count=len(row.opportunity_ids),
            created_at=row.created_at,
        )
        for row in rows[:limit]
    ]


def opportunity(opportunity_id: UUID, *, at: datetime) -> OpportunityDTO:
    """Return one opportunity.

    Raises:
        OpportunityNotFound: not there, or somebody else's.
    """
    row = first_row(_ONE_OPPORTUNITY, {"tenant": current_tenant(), "opportunity": opportunity_id})
    found = _json(row[0]) if row else []
    if not found:
        raise OpportunityNotFound("There is no such opportunity.")
    return _to_opportunity(found[0], at=at)


def opportunities(opportunity_ids: Sequence[UUID], *, at: datetime) -> list[OpportunityDTO]:
    """List these opportunities of the tenant, in one query; those that are not there are left out."""
    if not opportunity_ids:
        return []
    row = first_row(_THESE, {"tenant": current_tenant(), "opportunities": list(opportunity_ids)})
    return [_to_opportunity(found, at=at) for found in _json(row[0])] if row else []


def opportunities_citing(item_id: UUID, *, brand_id: UUID | None, at: datetime, limit: int) -> list[OpportunityDTO]:
    """List the opportunities, of a brand or of any, that cite an item, newest first, in one query."""
    row = first_row(_CITING, {"tenant": current_tenant(), "item": item_id, "brand": brand_id, "limit": limit})
    return [_to_opportunity(found, at=at) for found in _json(row[0])] if row else []


def decided_texts(brand_id: UUID, *, at: datetime) -> list[tuple[str, str]]:
    """List (title, angle) of the opportunities that a person decided on in the last 14 days."""
    since = at - timedelta(days=DECIDED_DAYS)
    rows = Opportunity.objects.filter(brand_id=brand_id, decided_at__gt=since).order_by("-decided_at", "id")
    return list(rows.values_list("title", "angle"))


def decisions(
    *, brand_id: UUID | None = None, object_id: UUID | None = None, since: datetime | None = None, limit: int = 200
) -> list[DecisionDTO]:
    """List decisions, newest first: of a brand, on one thing, or since a moment."""
    found = Decision.objects.order_by("-recorded_at", "-id")
    if brand_id is not None:
        found = found.filter(brand_id=brand_id)
    if object_id is not None:
        found = found.filter(object_id=object_id)
    if since is not None:
        found = found.filter(recorded_at__gte=since)
    return [row.to_contract() for row in found[:limit]]


def decision(decision_id: UUID) -> DecisionDTO | None:
    """Return a decision, or None where it was forgotten."""
    row = Decision.objects.filter(id=decision_id).first()
    return row.to_contract() if row else None


def learned(brand_id: UUID, *, names: Mapping[str, str], at: datetime) -> LearningSummaryDTO:
    """Return what scores take from learning at a moment; `names` are those of pillars, personas and patterns by id."""
    row = ScoreEffects.objects.filter(brand_id=brand_id, learned_at__lte=at).order_by("-learned_at", "-version").first()
    return summary_of(row.to_contract() if row else None, names=names, brand_id=brand_id, at=at)


def known_winners(brand_id: UUID, *, embedder: str, at: datetime) -> list[KnownWinnerDTO]:
    """List the newest ads that had won by a moment: the brand's own, and those of no brand."""
    found = KnownWinner.objects.filter(embedder=embedder, won_at__lte=at)
    found = found.filter(Q(brand_id=brand_id) | Q(brand_id=None)).order_by("-won_at", "ad_id")
    return [row.to_contract() for row in found[:MOST_WINNERS]]


def winners_behind(opportunity: OpportunityDTO) -> list[KnownWinnerDTO]:
    """Return the ads that won and speak for an opportunity, as they stand now, the most telling first."""
    named = winners_of(opportunity.score_breakdown)
    known = {row.ad_id: row.to_contract() for row in KnownWinner.objects.filter(ad_id__in=named)} if named else {}
    return [known[ad_id] for ad_id in named if ad_id in known]


@dataclass(frozen=True)
class MadePrediction:
    """An opportunity's prediction, when it was made, and from when on it counts."""

    opportunity_id: UUID
    brand_id: UUID
    made_at: datetime
    counts_from: datetime
    prediction: PredictionDTO


def due_predictions(*, due_after: datetime, due_until: datetime) -> list[MadePrediction]:
    """List the tenant's predictions that came due in (`due_after`, `due_until`], the first due first."""
    found = Opportunity.objects.exclude(prediction=None).annotate(due_at=_DUE_AT)
    found = found.filter(due_at__gt=due_after, due_at__lte=due_until).order_by("due_at", "created_at", "id")
    return [_made(row, PredictionDTO.model_validate(row.prediction)) for row in found]


def _made(row: Opportunity, prediction: PredictionDTO) -> MadePrediction:
    return MadePrediction(
        opportunity_id=row.id,
        brand_id=row.brand_id,
        made_at=row.created_at,
        counts_from=prediction.due_at - timedelta(days=HORIZON_DAYS),
        prediction=prediction,
    )


def prediction_counts(brand_id: UUID, *, at: datetime) -> tuple[int, int]:
    """Return how many predictions a brand's opportunities make, and how many of them are due by now."""
    made = Opportunity.objects.filter(brand_id=brand_id).exclude(prediction=None).annotate(due_at=_DUE_AT)
    counted = made.aggregate(made=Count("id"), due=Count("id", filter=Q(due_at__lte=at)))
    return counted["made"], counted["due"]


def topic_posts(brand_id: UUID, measures: Iterable[str], *, since: datetime, until: datetime) -> dict[str, int]:
    """Count a brand's posts of (`since`, `until`] towards each measure; what cannot be counted is left out."""
    days = ceil((until - since) / timedelta(days=1))
    window = evidence.EvidenceWindow(as_of=until, days=days, max_items=MOST_COUNTED)
    posts = read_posts(evidence.brand_evidence(brand_id, window).items)
    stems = [post.stems for post in posts if since < post.published_at <= until]
    return {measure: matching(measure, stems) for measure in measures if is_countable(measure)}


def taboos_said(text: str, taboos: Iterable[str]) -> list[str]:
    """List the taboos that a text contains in any form, as the brand wrote them."""
    return taboos_in(text, compile_taboos(taboos))


def _to_board(row: tuple[Any, ...], *, at: datetime) -> TodayBoardDTO:
    (board_id, brand_id, job_id, run_id, state, generator, created_at, remediation, summary, shortfall, diagnostics,
     snapshot, opportunities) = row  # fmt: skip
    opportunities_now = [_to_opportunity(found, at=at) for found in _json(opportunities)]
    meta = TodayBoardMetaDTO.model_validate(
        {
            **_json(diagnostics),
            "generated_at": created_at,
            "state": state,
            "job_id": job_id,
            "run_id": run_id,
            "generator": generator,
            "remediation": remediation,
            "evidence_shortfall": _optional(shortfall),
            "opportunity_count": len(opportunities_now),
            "board_id": board_id,
        }
    )
    return TodayBoardDTO(
        brand_id=brand_id,
        snapshot=BrandSnapshotDTO.model_validate(_json(snapshot)) if snapshot else None,
        opportunities=opportunities_now,
        meta=meta,
        evidence_summary=EvidenceSummaryDTO.model_validate(_json(summary)) if summary else None,
    )


def _to_opportunity(found: Mapping[str, Any], *, at: datetime) -> OpportunityDTO:
    stored, cited = found["opportunity"], found["evidence"] or []
    snoozed_until = datetime.fromisoformat(stored["snoozed_until"]) if stored["snoozed_until"] else None
    fields = {name: stored[name] for name in OpportunityDTO.model_fields if name in stored}
    return OpportunityDTO.model_validate(
        fields
        | {
            "evidence_ids": list(dict.fromkeys(citation["id"] for citation in cited)),
            "evidence": cited,
            "is_snoozed": snoozed_until is not None and snoozed_until > at,
        }
    )


def _optional(value: Any) -> EvidenceShortfallDTO | None:
    return EvidenceShortfallDTO.model_validate(_json(value)) if value else None


def _json(value: Any) -> Any:
    # Django's cursors leave jsonb as text.
    parsed: JsonValue = json.loads(value) if isinstance(value, str) else value
    return parsed
