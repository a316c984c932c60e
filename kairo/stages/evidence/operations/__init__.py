"""Writes of evidence: the door of the stage."""

from kairo.stages.evidence.operations.importing import import_file
from kairo.stages.evidence.operations.normalising import normalise_pending
from kairo.stages.evidence.operations.surfaces import declare_surfaces

__all__ = ["declare_surfaces", "import_file", "normalise_pending"]
