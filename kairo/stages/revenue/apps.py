from django.apps import AppConfig


class RevenueConfig(AppConfig):
    name = "kairo.stages.revenue"
    label = "revenue"
