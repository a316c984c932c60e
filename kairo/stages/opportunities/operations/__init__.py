"""Writes of the Today board: the door of the stage."""

from kairo.stages.opportunities.operations.deciding import (
    DECIDED,
    answer_to,
    decide_on_opportunity,
    forget_decisions,
    moment_of,
    record_decision,
)
from kairo.stages.opportunities.operations.generating import board_failed, generate_board
from kairo.stages.opportunities.operations.letting_go import let_go_of_items, opportunities_lost_with, rest_on_items
from kairo.stages.opportunities.operations.looking import open_today, regenerate
from kairo.stages.opportunities.operations.replaying import replay_board
from kairo.stages.opportunities.operations.score_effects import set_score_effects
from kairo.stages.opportunities.operations.winners import take_winners, withdraw_winners

__all__ = [
    "DECIDED",
    "answer_to",
    "board_failed",
    "decide_on_opportunity",
    "forget_decisions",
    "generate_board",
    "let_go_of_items",
    "moment_of",
    "open_today",
    "opportunities_lost_with",
    "record_decision",
    "regenerate",
    "replay_board",
    "rest_on_items",
    "set_score_effects",
    "take_winners",
    "withdraw_winners",
]
