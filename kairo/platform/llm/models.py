"""Tables of what models were asked: settings, caps and what is used of them, attempts, and answers kept for later."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from kairo.platform.llm.contracts import NOT_ASKED, CallDTO, CapScope, Outcome, RecordedCall
from kairo.platform.tenancy.models import TenantRow

ASKED = models.Q(from_cache=False) & ~models.Q(outcome__in=sorted(NOT_ASKED))


class LlmSettings(TenantRow):
    """What an account has set for itself; without a row the defaults hold."""

    caps = models.JSONField(default=dict)
    routes = models.JSONField(default=dict)
    keep_days = models.PositiveSmallIntegerField(default=30)
    changed_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "llm_settings"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="llm_settings_once")]


class LlmBudget(TenantRow):
    """One cap of one command, user, day or month, and what is used of it, in millionths of a dollar."""

    scope = models.TextField()
    key = models.TextField()
    cap_microdollars = models.BigIntegerField()
    spent_microdollars = models.BigIntegerField(default=0, db_default=0)
    reserved_microdollars = models.BigIntegerField(default=0, db_default=0)
    made_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "llm_budget"
        indexes = [models.Index(fields=["tenant", "scope", "made_at"], name="llm_budget_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "scope", "key"], name="llm_budget_once"),
            models.CheckConstraint(condition=models.Q(scope__in=list(CapScope)), name="llm_budget_scope_known"),
            models.CheckConstraint(
                condition=models.Q(spent_microdollars__gte=0, reserved_microdollars__gte=0),
                name="llm_budget_not_negative",
            ),
        ]


class LlmReservation(TenantRow):
    """Money set aside for an attempt that is under way; gone once it is settled."""

    run_id = models.UUIDField()
    task = models.TextField()
    model = models.TextField()
    prompt = models.TextField()
    attempt = models.PositiveSmallIntegerField()
    amount_microdollars = models.BigIntegerField()
    budget_ids = ArrayField(models.UUIDField())
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "llm_reservation"
        indexes = [
            models.Index(fields=["tenant", "expires_at"], name="llm_reservation_expiry"),
            models.Index(fields=["tenant", "model"], name="llm_reservation_of_model"),
        ]


class LlmCall(TenantRow):
    """One attempt at one model, or an answer from the cache."""

    run_id = models.UUIDField()
    task = models.TextField()
    model = models.TextField()
    prompt = models.TextField()
    attempt = models.PositiveSmallIntegerField()
    outcome = models.TextField()
    fallback_reason = models.TextField(default="")
    detail = models.TextField(default="")
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost_microdollars = models.BigIntegerField(default=0)
    latency_ms = models.PositiveIntegerField(default=0)
    from_cache = models.BooleanField(default=False)
    at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "llm_call"
        indexes = [
            models.Index(fields=["tenant", "run_id", "id"], name="llm_call_of_run"),
            models.Index(fields=["tenant", "model", "-id"], name="llm_call_asked", condition=ASKED),
            models.Index(fields=["tenant", "at"], name="llm_call_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=list(Outcome)), name="llm_call_outcome_known")
        ]

    def to_contract(self) -> CallDTO:
        return CallDTO(
            id=self.id,
            run_id=self.run_id,
            task=self.task,
            model=self.model,
            prompt=self.prompt,
            attempt=self.attempt,
            outcome=Outcome(self.outcome),
            fallback_reason=self.fallback_reason,
            detail=self.detail,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            cost_microdollars=self.cost_microdollars,
            latency_ms=self.latency_ms,
            from_cache=self.from_cache,
            at=self.at,
        )


class LlmAnswer(TenantRow):
    """An accepted answer, word for word, with its question's inputs: the cache and the recording of a run in one."""

    run_id = models.UUIDField()
    key = models.TextField()
    task = models.TextField()
    prompt = models.TextField()
    model = models.TextField()
    inputs = models.JSONField()
    reply = models.TextField()
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "llm_answer"
        indexes = [
            models.Index(fields=["tenant", "key", "-id"], name="llm_answer_by_key"),
            models.Index(fields=["tenant", "run_id", "id"], name="llm_answer_of_run"),
            models.Index(fields=["tenant", "expires_at"], name="llm_answer_expiry"),
        ]

    def to_recorded(self) -> RecordedCall:
        return RecordedCall(
            key=self.key, task=self.task, prompt=self.prompt, model=self.model, inputs=self.inputs, reply=self.reply
        )
