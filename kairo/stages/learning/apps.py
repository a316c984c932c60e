from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "kairo.stages.learning"
    label = "learning"
