from django.apps import AppConfig


class FlagsConfig(AppConfig):
    name = "kairo.platform.flags"
    label = "flags"
