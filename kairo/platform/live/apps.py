from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "kairo.platform.live"
    label = "live"
