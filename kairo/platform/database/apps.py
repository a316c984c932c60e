from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    name = "kairo.platform.database"
    label = "database"
