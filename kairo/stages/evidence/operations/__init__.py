"""Writes of evidence: the door of the stage."""

from kairo.stages.evidence.operations.announcing import INGESTED
from kairo.stages.evidence.operations.erasing import erase_author, lets_go, request_erasure
from kairo.stages.evidence.operations.importing import import_file
from kairo.stages.evidence.operations.live_capture import capture_surface
from kairo.stages.evidence.operations.normalising import normalise_pending
from kairo.stages.evidence.operations.postings import post_missing
from kairo.stages.evidence.operations.scheduling import (
    LOOK_EVERY_MINUTES,
    capture_failed,
    live_surfaces,
    request_capture,
    run_capture,
    schedule_captures,
)
from kairo.stages.evidence.operations.searching import search
from kairo.stages.evidence.operations.surfaces import add_surface, change_surface, declare_surfaces
from kairo.stages.evidence.operations.tending import tend_search
from kairo.stages.evidence.operations.text_filters import (
    ComparedText,
    compare_texts,
    compared_again,
    compared_texts,
    how_surely_repeats,
    identify_language,
)
from kairo.stages.evidence.operations.uploads import (
    IMPORT,
    accept_upload,
    forget_uploads,
    format_names,
    import_failed,
    import_upload,
)

__all__ = [
    "IMPORT",
    "INGESTED",
    "LOOK_EVERY_MINUTES",
    "ComparedText",
    "accept_upload",
    "add_surface",
    "capture_failed",
    "capture_surface",
    "change_surface",
    "compare_texts",
    "compared_again",
    "compared_texts",
    "declare_surfaces",
    "erase_author",
    "forget_uploads",
    "format_names",
    "how_surely_repeats",
    "identify_language",
    "import_failed",
    "import_file",
    "import_upload",
    "lets_go",
    "live_surfaces",
    "normalise_pending",
    "post_missing",
    "request_capture",
    "request_erasure",
    "run_capture",
    "schedule_captures",
    "search",
    "tend_search",
]
