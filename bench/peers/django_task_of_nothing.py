"""The task that django-tasks-db does in its benchmark."""

from __future__ import annotations

from django_tasks import task


@task()
def do_nothing() -> None:
    return None
