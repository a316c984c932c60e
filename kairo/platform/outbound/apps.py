from django.apps import AppConfig


class OutboundConfig(AppConfig):
    name = "kairo.platform.outbound"
    label = "outbound"
