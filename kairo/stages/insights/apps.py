from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "kairo.stages.insights"
    label = "insights"
