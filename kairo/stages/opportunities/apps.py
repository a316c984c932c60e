from django.apps import AppConfig


class OpportunitiesConfig(AppConfig):
    name = "kairo.stages.opportunities"
    label = "opportunities"
