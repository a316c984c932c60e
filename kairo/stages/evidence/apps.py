from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "kairo.stages.evidence"
    label = "evidence"
