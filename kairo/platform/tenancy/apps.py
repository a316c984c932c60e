from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "kairo.platform.tenancy"
    label = "tenancy"
