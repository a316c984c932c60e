"""How templates put trends and answers into words; each filter leans on insight_wording.py."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext as _

from kairo.interfaces.web import insight_wording as said
from kairo.interfaces.web.trends import Sparkline
from kairo.stages.insights.contracts.answers import AnalysisMode, AnalysisState, AnswerLanguage, InsightType
from kairo.stages.insights.contracts.trends import ClusterKeyType, TrendStatus, TrendWindow

register = template.Library()


@register.filter
def window_words(window: TrendWindow) -> str:
    return _(said.WINDOW_WORDS[window])


@register.filter
def trend_status_words(status: TrendStatus) -> str:
    return _(said.TREND_STATUS_WORDS[status])


@register.filter
def key_type_words(kind: ClusterKeyType) -> str:
    return _(said.KEY_TYPE_WORDS[kind])


@register.filter
def trend_part_words(name: str) -> str:
    return said.trend_part_words(name)


@register.filter
def mode_words(mode: AnalysisMode) -> str:
    return _(said.MODE_WORDS[mode])


@register.filter
def mode_hint(mode: AnalysisMode) -> str:
    return _(said.MODE_HINTS[mode])


@register.filter
def answer_language_words(language: AnswerLanguage) -> str:
    return _(said.ANSWER_LANGUAGE_WORDS[language])


@register.filter
def insight_type_words(kind: InsightType) -> str:
    return _(said.INSIGHT_TYPE_WORDS[kind])


@register.filter
def analysis_state_words(state: AnalysisState) -> str:
    return _(said.ANALYSIS_STATE_WORDS[state])


@register.filter
def state_icon(state: str) -> str:
    return said.STATE_ICONS[state]


@register.filter
def left_out_words(name: str) -> str:
    return said.left_out_words(name)


@register.filter
def signed(value: float) -> str:
    return said.signed_words(value)


@register.filter
def peak_words(spark: Sparkline) -> str:
    return said.rate_words(spark.highest, spark.hours)


@register.filter
def largest_part_first(parts: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(parts.items(), key=lambda entry: (-entry[1], entry[0]))


@register.filter
def times_hundred(share: float) -> float:
    """Return a share as a number of hundredths, for the length of a bar."""
    return share * 100
