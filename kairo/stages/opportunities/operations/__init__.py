"""Writes of the Today board: the door of the stage."""

from kairo.stages.opportunities.operations.generating import board_failed, generate_board
from kairo.stages.opportunities.operations.looking import open_today, regenerate

__all__ = ["board_failed", "generate_board", "open_today", "regenerate"]
