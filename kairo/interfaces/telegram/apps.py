from django.apps import AppConfig


class TelegramConfig(AppConfig):
    """The bot, installed so that its catalogues of texts are found."""

    name = "kairo.interfaces.telegram"
    label = "telegram"
