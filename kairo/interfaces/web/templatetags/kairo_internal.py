"""How internal pages put values into words."""

from __future__ import annotations

import json
from typing import Final

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as marked
from pydantic import JsonValue

from kairo.platform.llm.contracts import MICRODOLLARS_PER_CENT
from kairo.platform.telemetry.contracts import ObsHealth

register = template.Library()

HEALTH_WORDS: Final = {
    ObsHealth.OK: marked("In order"),
    ObsHealth.DEGRADED: marked("Degraded"),
    ObsHealth.FAILED: marked("Failed"),
}


@register.filter
def health_words(health: ObsHealth) -> str:
    return _(HEALTH_WORDS[health])


@register.filter
def cents(microdollars: int) -> str:
    """Say a cost in cents, as exactly as small calls need: "0.15 ¢"."""
    return f"{number_format(f'{microdollars / MICRODOLLARS_PER_CENT:.4g}')}\N{NO-BREAK SPACE}¢"


@register.filter
def as_json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
