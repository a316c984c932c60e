from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "kairo.stages.content"
    label = "content"
