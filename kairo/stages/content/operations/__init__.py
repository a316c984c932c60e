"""Writes of packages and variants: the door of the stage."""

from kairo.stages.content.operations.deciding import decide_on_package, decide_on_variant
from kairo.stages.content.operations.editing import update_variant
from kairo.stages.content.operations.events import take_events
from kairo.stages.content.operations.generating import make_variants, request_variants
from kairo.stages.content.operations.letting_go import let_go_of_items
from kairo.stages.content.operations.moving import mark_missed
from kairo.stages.content.operations.packaging import PackageAsked, make_package, request_package

__all__ = [
    "PackageAsked",
    "decide_on_package",
    "decide_on_variant",
    "let_go_of_items",
    "make_package",
    "make_variants",
    "mark_missed",
    "request_package",
    "request_variants",
    "take_events",
    "update_variant",
]
