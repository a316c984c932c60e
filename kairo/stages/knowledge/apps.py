from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "kairo.stages.knowledge"
    label = "knowledge"
