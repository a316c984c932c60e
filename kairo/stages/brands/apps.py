from django.apps import AppConfig


class BrandsConfig(AppConfig):
    name = "kairo.stages.brands"
    label = "brands"
