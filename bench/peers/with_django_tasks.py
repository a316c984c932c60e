"""django-tasks-db: jobs a second of one db_worker. Loaded a second time by the worker itself, as the task's module."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

address = conninfo_to_dict(os.environ["PEER_DATABASE_URL"])
SERVER = {"ENGINE": "django.db.backends.postgresql", "USER": address["user"], "HOST": address["host"]}
DATABASES = {"default": {**SERVER, "NAME": address["dbname"]}}
INSTALLED_APPS = ["django_tasks", "django_tasks_db"]
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
SECRET_KEY = "only-for-the-benchmark"
USE_TZ = True


def main(jobs: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "with_django_tasks"
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    settings.configure(
        DATABASES=DATABASES, INSTALLED_APPS=INSTALLED_APPS, TASKS=TASKS, SECRET_KEY=SECRET_KEY, USE_TZ=True
    )
    django.setup()
    from django.core.management import call_command
    from django.db.models import Count, Max, Min
    from django_task_of_nothing import do_nothing
    from django_tasks_db.models import DBTaskResult

    call_command("migrate", verbosity=0)
    for _ in range(jobs):
        do_nothing.enqueue()
    worker = [sys.executable, "-m", "django", "db_worker", "--batch", "--no-startup-delay", "--interval", "0"]
    subprocess.run(worker, check=True, stdout=sys.stderr)
    ended = DBTaskResult.objects.filter(finished_at__isnull=False)
    times = ended.aggregate(done=Count("id"), first=Min("started_at"), last=Max("finished_at"))
    print(json.dumps({"a_second": times["done"] / (times["last"] - times["first"]).total_seconds()}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
