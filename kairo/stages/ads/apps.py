from django.apps import AppConfig


class AdsConfig(AppConfig):
    name = "kairo.stages.ads"
    label = "ads"
