"""Writes of packages and variants: the door of the stage."""

from kairo.stages.content.operations.checking import text_reasons
from kairo.stages.content.operations.deciding import decide_on_package, decide_on_variant
from kairo.stages.content.operations.editing import update_variant
from kairo.stages.content.operations.evaluating import evaluate, stored_brand
from kairo.stages.content.operations.evaluating_files import (
    EvalReport,
    compare_reports,
    comparison_page,
    read_report,
    report_folder,
    with_previous,
    write_report,
)
from kairo.stages.content.operations.evaluating_fixtures import known_fixture, read_fixture, store_fixture
from kairo.stages.content.operations.events import EVENTS_TAKEN, take_events
from kairo.stages.content.operations.generating import make_variants, request_variants
from kairo.stages.content.operations.letting_go import let_go_of_items
from kairo.stages.content.operations.moving import mark_missed
from kairo.stages.content.operations.packaging import PackageAsked, make_package, request_package

__all__ = [
    "EVENTS_TAKEN",
    "EvalReport",
    "PackageAsked",
    "compare_reports",
    "comparison_page",
    "decide_on_package",
    "decide_on_variant",
    "evaluate",
    "known_fixture",
    "let_go_of_items",
    "make_package",
    "make_variants",
    "mark_missed",
    "read_fixture",
    "read_report",
    "report_folder",
    "request_package",
    "request_variants",
    "store_fixture",
    "stored_brand",
    "take_events",
    "text_reasons",
    "update_variant",
    "with_previous",
    "write_report",
]
