from django.apps import AppConfig
from django.conf import settings


class JobsConfig(AppConfig):
    name = "kairo.platform.jobs"
    label = "jobs"

    def ready(self) -> None:
        if settings.KAIRO_JOBS_ENGINE == "celery":
            # A process that could not ring says so when it starts, not when somebody waits for a job.
            from kairo.platform.jobs.fleet.application import require_celery

            require_celery()
