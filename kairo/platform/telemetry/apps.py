from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "kairo.platform.telemetry"
    label = "telemetry"
