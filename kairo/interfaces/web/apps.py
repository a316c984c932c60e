from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "kairo.interfaces.web"
    label = "web"
