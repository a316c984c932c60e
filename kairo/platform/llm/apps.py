from django.apps import AppConfig


class LlmConfig(AppConfig):
    name = "kairo.platform.llm"
    label = "llm"
