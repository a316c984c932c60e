"""Writes of knowledge: the door of the stage."""

from kairo.stages.knowledge.operations.announcing import announce_gather, check_webhook
from kairo.stages.knowledge.operations.approved_texts import take_approved_texts, withdraw_approved_texts
from kairo.stages.knowledge.operations.brains import LocalBrain, brain_of
from kairo.stages.knowledge.operations.comparing import Superseded, compared, superseded
from kairo.stages.knowledge.operations.compiling import COMPILE, compile_all, compile_profile, request_compile
from kairo.stages.knowledge.operations.covering import AspectHit, aspects_covered
from kairo.stages.knowledge.operations.departments import (
    departments_to_gather,
    listed_departments,
    refreshed_departments,
    set_departments,
)
from kairo.stages.knowledge.operations.documents import (
    add_document,
    check_size,
    delete_document,
    plain_name,
    read_document,
    request_page,
)
from kairo.stages.knowledge.operations.editing import (
    add_statement,
    edit_statement,
    remove_statement,
    restore_statement,
)
from kairo.stages.knowledge.operations.evaluating import evaluate_department
from kairo.stages.knowledge.operations.gather_orders import (
    cancel_gather,
    cancel_task,
    gather_cancelled,
    gather_failed,
    submit_evaluation,
    submit_gather,
)
from kairo.stages.knowledge.operations.gather_runs import TIME_LIMIT_S as GATHER_TIME_LIMIT_S
from kairo.stages.knowledge.operations.gather_runs import run_gather
from kairo.stages.knowledge.operations.graph import drop_nodes_of, let_go_of_evidence
from kairo.stages.knowledge.operations.letting_go_of_gathered import let_go_of_gathered

__all__ = [
    "COMPILE",
    "GATHER_TIME_LIMIT_S",
    "AspectHit",
    "LocalBrain",
    "Superseded",
    "add_document",
    "add_statement",
    "announce_gather",
    "aspects_covered",
    "brain_of",
    "cancel_gather",
    "cancel_task",
    "check_size",
    "check_webhook",
    "compared",
    "compile_all",
    "compile_profile",
    "delete_document",
    "departments_to_gather",
    "drop_nodes_of",
    "edit_statement",
    "evaluate_department",
    "gather_cancelled",
    "gather_failed",
    "let_go_of_evidence",
    "let_go_of_gathered",
    "listed_departments",
    "plain_name",
    "read_document",
    "refreshed_departments",
    "remove_statement",
    "request_compile",
    "request_page",
    "restore_statement",
    "run_gather",
    "set_departments",
    "submit_evaluation",
    "submit_gather",
    "superseded",
    "take_approved_texts",
    "withdraw_approved_texts",
]
