"""The table that is the truth for all background work, and what protects outward effects and paid steps."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models.functions import Now

from kairo.platform.database.clock import ClockNow
from kairo.platform.jobs.contracts import AttemptError, EffectState, JobDTO, JobProgress, JobState, Queue
from kairo.platform.jobs.rules import LIVE, MAX_ATTEMPTS
from kairo.platform.tenancy.models import TenantRow

ONE_LIVE = "job_one_live"
LIVE_WITH_KEY = models.Q(state__in=sorted(LIVE), dedupe_key__isnull=False)


class JobRow(TenantRow):
    """What is kept of a piece of background work, live or archived."""

    kind = models.TextField()
    queue = models.TextField(default=Queue.DEFAULT)
    priority = models.SmallIntegerField(default=5)
    payload = models.JSONField()
    dedupe_key = models.TextField(null=True)
    state = models.TextField(default=JobState.PENDING)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    max_attempts = models.SmallIntegerField(default=MAX_ATTEMPTS)
    worker_losses = models.SmallIntegerField(default=0, db_default=0)
    stale_releases = models.SmallIntegerField(default=0, db_default=0)
    available_at = models.DateTimeField(db_default=ClockNow())
    locked_at = models.DateTimeField(null=True)
    locked_by = models.TextField(null=True)
    lock_token = models.BigIntegerField(default=0, db_default=0)
    heartbeat_at = models.DateTimeField(null=True)
    time_limit_s = models.IntegerField()
    cancel_requested_at = models.DateTimeField(null=True)
    checkpoint = models.JSONField(null=True)
    progress = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    outcome = models.JSONField(null=True)
    error = models.TextField(null=True)
    error_history = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    result_url = models.TextField(null=True)
    run_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        abstract = True

    def to_contract(self) -> JobDTO:
        return JobDTO(
            id=self.id,
            kind=self.kind,
            state=JobState(self.state),
            queue=self.queue,
            attempts=self.attempts,
            progress=JobProgress.model_validate(self.progress),
            error=self.error,
            result_url=self.result_url,
            run_id=self.run_id,
            created_at=self.created_at,
            started_at=self.started_at,
            finished_at=self.finished_at,
            priority=self.priority,
            max_attempts=self.max_attempts,
            worker_losses=self.worker_losses,
            available_at=self.available_at,
            cancel_requested=self.cancel_requested_at is not None,
            error_history=[AttemptError.model_validate(entry) for entry in self.error_history],
            outcome=self.outcome or {},
        )


class Job(JobRow):
    """One piece of background work; `lock_token` counts its claims and fences off those who lost theirs."""

    class Meta(JobRow.Meta):
        abstract = False
        db_table = "job"
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(JobState)), name="job_state_known"),
            models.CheckConstraint(condition=models.Q(queue__in=list(Queue)), name="job_queue_known"),
            models.CheckConstraint(condition=models.Q(priority__range=(1, 9)), name="job_priority_in_range"),
            models.UniqueConstraint(fields=["tenant", "dedupe_key"], condition=LIVE_WITH_KEY, name=ONE_LIVE),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "queue", "priority", "available_at", "id"],
                condition=models.Q(state=JobState.PENDING),
                name="job_lane",
            ),
            models.Index(fields=["tenant"], condition=models.Q(state=JobState.RUNNING), name="job_running"),
            models.Index(
                fields=["tenant", "dedupe_key", "-id"],
                condition=models.Q(dedupe_key__isnull=False),
                name="job_newest_of_key",
            ),
            models.Index(
                fields=["tenant", "run_id"], condition=models.Q(state__in=sorted(LIVE)), name="job_live_of_run"
            ),
        ]

    def remember_error(self, error: str, *, retryable: bool, at: datetime) -> None:
        """Add a failed attempt to the history; the caller saves."""
        entry = AttemptError(at=at, attempt=self.attempts, error=error, retryable=retryable)
        self.error = error
        self.error_history = [*self.error_history, entry.model_dump(mode="json")]


class ArchivedJob(JobRow):
    """A job that ended long ago: it can be read, and is in nobody's way."""

    class Meta(JobRow.Meta):
        abstract = False
        db_table = "job_archive"


class JobStep(TenantRow):
    """The output of a step that must not be paid for twice; it holds for one input."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    key = models.TextField()
    input_hash = models.TextField()
    output = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "job_step"
        constraints = [models.UniqueConstraint(fields=["tenant", "job", "key"], name="job_step_once")]


class Effect(TenantRow):
    """An effect on the outside world, written down before it is tried; its id is the idempotency key."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    key = models.TextField()
    state = models.TextField(default=EffectState.INTENDED)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "job_effect"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "job", "key"], name="job_effect_once"),
            models.CheckConstraint(condition=models.Q(state__in=list(EffectState)), name="job_effect_state_known"),
        ]


class TaskMessage(TenantRow):
    """A message of another producer that was taken for a wish, and the job that it became: doubled, it is no second."""

    key = models.TextField()
    job_id = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "job_message"
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="job_message_once")]


class CronTime(TenantRow):
    """The newest due time of a kind of work that has been seen to; written by the function that fires crons."""

    kind = models.TextField()
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "job_cron"
        constraints = [models.UniqueConstraint(fields=["tenant", "kind"], name="job_cron_once")]
