"""Tables of the Today board. A citation's foreign key to its evidence makes an uncited claim impossible to store."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from kairo.platform.tenancy.models import TenantRow
from kairo.stages.opportunities.contracts import (
    BoardState,
    Channel,
    CreatedVia,
    DecidedObject,
    DecisionDTO,
    DecisionType,
    KnownWinnerDTO,
    OpportunityType,
    ScoreEffectsDTO,
)

STORED_STATES = [BoardState.READY, BoardState.INSUFFICIENT_EVIDENCE, BoardState.ERROR]


class OpportunitiesJob(TenantRow):
    """The board's view on a platform job: which brand it works for, and as of when; its state is the job's own."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    job_id = models.UUIDField()
    as_of = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "opportunities_job"
        constraints = [models.UniqueConstraint(fields=["tenant", "job_id"], name="opportunities_job_once")]
        indexes = [models.Index(fields=["tenant", "brand", "-created_at"], name="opportunities_job_newest")]


class Opportunity(TenantRow):
    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    title = models.TextField()
    angle = models.TextField()
    type = models.TextField()
    primary_channel = models.TextField()
    suggested_channels = ArrayField(models.TextField(), default=list)
    score = models.FloatField()
    score_explanation = models.TextField(null=True)
    score_breakdown = models.JSONField(default=dict)
    source = models.TextField()
    source_url = models.TextField(null=True)
    persona = models.ForeignKey(
        "brands.Persona", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    pillar = models.ForeignKey(
        "brands.ContentPillar", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    why_now = models.TextField()
    independent_voices = models.PositiveIntegerField()
    would_change_our_mind = models.TextField()
    prediction = models.JSONField(null=True)
    is_pinned = models.BooleanField(default=False)
    snoozed_until = models.DateTimeField(null=True)
    is_dismissed = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True)
    created_via = models.TextField(default=CreatedVia.AI_SUGGESTED)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "opportunity"
        constraints = [
            models.CheckConstraint(condition=models.Q(score__gte=0, score__lte=100), name="opportunity_score_range"),
            models.CheckConstraint(condition=models.Q(type__in=list(OpportunityType)), name="opportunity_type_known"),
            models.CheckConstraint(
                condition=models.Q(primary_channel__in=list(Channel)), name="opportunity_channel_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "brand", "-decided_at"],
                name="opportunity_decided",
                condition=models.Q(decided_at__isnull=False),
            )
        ]


class OpportunityCitation(TenantRow):
    """A quote of one evidence item, and what a card shows of that item without a look into another table."""

    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    item = models.ForeignKey(
        "evidence.EvidenceItem", models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    position = models.PositiveSmallIntegerField()
    quote = models.TextField()
    url = models.TextField(null=True)
    author = models.TextField(null=True)
    platform = models.TextField()
    published_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "opportunity_citation"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "opportunity", "position"], name="opportunity_citation_place"),
            models.CheckConstraint(condition=~models.Q(quote=""), name="opportunity_citation_quotes"),
        ]
        indexes = [models.Index(fields=["tenant", "item"], name="opportunity_citation_item")]


class OpportunitiesBoard(TenantRow):
    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    job_id = models.UUIDField()
    run_id = models.UUIDField(null=True)
    state = models.TextField()
    as_of = models.DateTimeField()
    generator = models.TextField(null=True)
    snapshot = models.ForeignKey(
        "brands.BrandSnapshot", models.PROTECT, related_name="+", db_constraint=False, db_index=False, null=True
    )
    opportunity_ids = ArrayField(models.UUIDField(), default=list)
    evidence_summary_json = models.JSONField(null=True)
    evidence_shortfall_json = models.JSONField(null=True)
    remediation = models.TextField(null=True)
    diagnostics_json = models.JSONField(default=dict)
    snapshot_json = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "opportunities_board"
        constraints = [
            # Even if a job were run twice by mistake of ours, it could not store a second result. A failure may repeat.
            models.UniqueConstraint(
                fields=["tenant", "job_id"],
                name="opportunities_board_once",
                condition=~models.Q(state=BoardState.ERROR),
            ),
            models.CheckConstraint(condition=models.Q(state__in=STORED_STATES), name="opportunities_board_state_known"),
        ]
        indexes = [models.Index(fields=["tenant", "brand", "-created_at"], name="opportunities_board_newest")]


class BoardRecord(TenantRow):
    """What a board was made from, beside the evidence's own texts, so that it can be made again word for word."""

    board = models.ForeignKey(OpportunitiesBoard, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    item_ids = ArrayField(models.UUIDField())
    document = models.JSONField()

    class Meta(TenantRow.Meta):
        db_table = "opportunities_board_record"
        constraints = [models.UniqueConstraint(fields=["tenant", "board"], name="opportunities_board_record_once")]


class Decision(TenantRow):
    """What a person decided on an opportunity, or on a package or variant of a later stage: those are named by id."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    object_type = models.TextField()
    object_id = models.UUIDField()
    decision_type = models.TextField()
    reason = models.TextField(null=True)
    metadata = models.JSONField(default=dict)
    moved_from = models.TextField(null=True)
    moved_to = models.TextField(null=True)
    decided_by = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "decision"
        constraints = [
            models.CheckConstraint(condition=models.Q(object_type__in=list(DecidedObject)), name="decision_on_known"),
            models.CheckConstraint(
                condition=models.Q(decision_type__in=list(DecisionType)), name="decision_type_known"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "brand", "-recorded_at"], name="decision_newest"),
            models.Index(fields=["tenant", "object_id", "-recorded_at"], name="decision_on"),
        ]

    def to_contract(self) -> DecisionDTO:
        return DecisionDTO.model_validate(self, from_attributes=True)


class ScoreEffects(TenantRow):
    """What scores take from learning, version by version: a board as of a moment takes what was learned by then."""

    brand = models.ForeignKey("brands.Brand", models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    version = models.PositiveIntegerField()
    effects = models.JSONField(default=list)
    probability_shift = models.FloatField(default=0.0)
    learned_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "score_effects"
        constraints = [models.UniqueConstraint(fields=["tenant", "brand", "version"], name="score_effects_once")]
        indexes = [models.Index(fields=["tenant", "brand", "-learned_at"], name="score_effects_newest")]

    def to_contract(self) -> ScoreEffectsDTO:
        return ScoreEffectsDTO.model_validate(self, from_attributes=True)


class KnownWinner(TenantRow):
    """An ad that won, as a later stage hands it down; its text stays there."""

    ad_id = models.TextField()
    brand_id = models.UUIDField(null=True)
    told = models.JSONField()
    embedder = models.TextField()
    won_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "known_winner"
        constraints = [models.UniqueConstraint(fields=["tenant", "ad_id"], name="known_winner_once")]
        indexes = [models.Index(fields=["tenant", "embedder", "-won_at"], name="known_winner_newest")]

    def to_contract(self) -> KnownWinnerDTO:
        return KnownWinnerDTO.model_validate(self.told)


class BoardCache(TenantRow):
    """Ready answers of GET /today, whole; UNLOGGED, so a crash of the server empties it and nothing is lost."""

    key = models.TextField()
    body = models.TextField()
    expires_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "today_board_cache"
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="today_board_cache_key")]
