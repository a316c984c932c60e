"""How templates put a brand's knowledge into words; each filter leans on knowledge_wording.py."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from kairo.interfaces.web import knowledge_wording as said
from kairo.stages.knowledge.contracts.documents import DocumentKind
from kairo.stages.knowledge.contracts.gathers import DepartmentState, Evaluator, GatherState
from kairo.stages.knowledge.contracts.graph import SourceType

register = template.Library()


@register.filter
def gather_state_words(state: GatherState) -> str:
    return _(said.GATHER_STATE_WORDS[state])


@register.filter
def gather_icon(state: GatherState) -> str:
    return said.GATHER_ICONS[state]


@register.filter
def department_state_words(state: DepartmentState) -> str:
    return _(said.DEPARTMENT_STATE_WORDS[state])


@register.filter
def source_words(source: SourceType | None) -> str:
    return _(said.SOURCE_WORDS[source]) if source is not None else _("Without a source")


@register.filter
def document_kind_words(kind: DocumentKind) -> str:
    return _(said.DOCUMENT_KIND_WORDS[kind])


@register.filter
def evaluator_words(evaluator: Evaluator) -> str:
    return _(said.EVALUATOR_WORDS[evaluator])


@register.filter
def department_name(slug: str) -> str:
    return said.department_name(slug)


@register.filter
def gather_degraded_words(reason: str) -> str:
    return said.degraded_words(reason)
