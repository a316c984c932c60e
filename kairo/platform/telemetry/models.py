"""Runs and their events: append-only, numbered 1..n without gaps, the truth behind every live view."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kairo.platform.database.ids import new_id


class Run(models.Model):
    """One traced execution of a job, a command or a request that did something."""

    id = models.UUIDField(primary_key=True, default=new_id)
    tenant_id = models.UUIDField()
    kind = models.TextField()
    last_seq = models.PositiveIntegerField(default=0, db_default=0)
    started_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "run"
        indexes = [models.Index(fields=["tenant_id", "-started_at"], name="run_newest")]


class RunEvent(models.Model):
    """Something that happened in a run, at its place in the run's order."""

    id = models.UUIDField(primary_key=True, default=new_id)
    tenant_id = models.UUIDField()
    run = models.ForeignKey(Run, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    seq = models.PositiveIntegerField()
    type = models.TextField()
    data = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "run_event"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "run", "seq"], name="run_event_in_order")]
        indexes = [
            models.Index(
                fields=["tenant_id", "type"],
                name="run_event_measured",
                condition=models.Q(type__in=["action", "gate", "run_complete", "run_fail"]),
            )
        ]
