from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "kairo.platform.jobs"
    label = "jobs"
