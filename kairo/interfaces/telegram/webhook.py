"""Where Telegram delivers updates, when it was told to (`kairo telegram webhook URL`)."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kairo.interfaces.telegram.accepting import accept
from kairo.interfaces.telegram.bot_api import bot_api
from kairo.platform.database.clock import now

PATH = "telegram/webhook"
MAX_BYTES = 1_000_000
_SALT = "kairo.telegram.webhook"


def webhook_secret() -> str:
    """Return what Telegram shows with each delivery; it follows from the installation's own secret and the token."""
    return salted_hmac(_SALT, settings.TELEGRAM_BOT_TOKEN or "", algorithm="sha256").hexdigest()


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Take one update. Whoever does not show the secret learns nothing, not even that there is a bot."""
    shown = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    if not settings.TELEGRAM_BOT_TOKEN or not constant_time_compare(shown, webhook_secret()):
        return HttpResponse(status=404)
    if len(request.body) > MAX_BYTES:
        return HttpResponse(status=413)
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    with bot_api() as messages:
        accept(sent, messages=messages, at=now())
    return HttpResponse(status=204)
