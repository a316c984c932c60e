"""Reads of knowledge: the door of the stage."""

from kairo.stages.knowledge.queries.browsing import (
    contradictions,
    newest_documents,
    retired_item_ids,
    retired_statements,
    statement,
    statement_counts,
    statements,
)
from kairo.stages.knowledge.queries.departments import department_list, department_named
from kairo.stages.knowledge.queries.documents import document, documents
from kairo.stages.knowledge.queries.gathers import (
    department_evaluations,
    gather,
    gather_departments,
    gather_iterations,
    gather_of_run,
    gather_of_task,
    gather_output,
    gathered_items,
    judge_agreement,
    live_gather,
    metric_samples,
    newest_gather,
    task,
)
from kairo.stages.knowledge.queries.materials import materials
from kairo.stages.knowledge.queries.profiles import (
    compile_key,
    compiled_profile,
    newest_profile,
    profile,
    profile_inputs,
    voice,
)

__all__ = [
    "compile_key",
    "compiled_profile",
    "contradictions",
    "department_evaluations",
    "department_list",
    "department_named",
    "document",
    "documents",
    "gather",
    "gather_departments",
    "gather_iterations",
    "gather_of_run",
    "gather_of_task",
    "gather_output",
    "gathered_items",
    "judge_agreement",
    "live_gather",
    "materials",
    "metric_samples",
    "newest_documents",
    "newest_gather",
    "newest_profile",
    "profile",
    "profile_inputs",
    "retired_item_ids",
    "retired_statements",
    "statement",
    "statement_counts",
    "statements",
    "task",
    "voice",
]
