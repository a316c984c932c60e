"""How templates put ads and their changes into words; each filter leans on ads_wording.py."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from kairo.interfaces.web import ads_wording as said
from kairo.stages.ads.contracts.changes import ChangeSource, ChangeStatus, ChangeType, CheckName, HistoryEvent
from kairo.stages.ads.contracts.platforms import EntityType
from kairo.stages.learning.contracts.budgets import Decision

register = template.Library()


@register.filter
def entity_words(kind: EntityType) -> str:
    return _(said.ENTITY_WORDS[kind])


@register.filter
def change_words(kind: ChangeType) -> str:
    return _(said.TYPE_WORDS[kind])


@register.filter
def status_words(status: ChangeStatus) -> str:
    return _(said.STATUS_WORDS[status])


@register.filter
def status_icon(status: ChangeStatus) -> str:
    return said.STATUS_ICONS.get(status, "")


@register.filter
def status_tone(status: ChangeStatus) -> str:
    return said.STATUS_TONES.get(status, "neutral")


@register.filter
def event_words(event: HistoryEvent) -> str:
    return _(said.EVENT_WORDS[event])


@register.filter
def check_words(name: CheckName) -> str:
    return _(said.CHECK_WORDS[name])


@register.filter
def change_source_words(source: ChangeSource) -> str:
    return _(said.SOURCE_WORDS[source])


@register.filter
def decision_words(decision: Decision) -> str:
    return _(said.DECISION_WORDS[decision])


@register.filter
def decision_tone(decision: Decision) -> str:
    return said.DECISION_TONES[decision]
