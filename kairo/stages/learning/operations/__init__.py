"""Writes of learning: the door of the stage."""

from kairo.stages.learning.operations.noting import note_decision, note_engagement
from kairo.stages.learning.operations.predictions import score_due_predictions
from kairo.stages.learning.operations.updating import update_all_effects, update_effects

__all__ = ["note_decision", "note_engagement", "score_due_predictions", "update_all_effects", "update_effects"]
