"""The Celery application of the fleet, where `celery -A kairo …` looks for it."""

from __future__ import annotations

import os

from kairo.errors import KairoError
from kairo.interfaces.cli.installation import prepare_environment

# Who works in the fleet rings by the fleet's bell.
os.environ.setdefault("KAIRO_JOBS_ENGINE", "celery")
prepare_environment([])

import django  # noqa: E402

try:
    django.setup()
    from kairo.config import producers as producers
    from kairo.platform.jobs.fleet.application import fleet_app
    from kairo.platform.jobs.fleet.tasks import register_tasks

    app = fleet_app()
    register_tasks(app)
except KairoError as error:
    # Not an exception, of which Celery would print the traceback.
    raise SystemExit(error.message) from error
