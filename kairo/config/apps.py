from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "kairo.config"
    label = "composition"
