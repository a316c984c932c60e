"""Writes of learning: the door of the stage."""

from kairo.stages.learning.operations.ad_results import note_ad_results
from kairo.stages.learning.operations.budgets import change_budget_settings, select_budgets
from kairo.stages.learning.operations.delay_curves import learn_delay_curves
from kairo.stages.learning.operations.feedback import take_feedback, take_feedback_batch
from kairo.stages.learning.operations.finding_winners import find_winners
from kairo.stages.learning.operations.mirroring import mirror_models
from kairo.stages.learning.operations.noting import note_decision, note_engagement
from kairo.stages.learning.operations.predictions import score_due_predictions
from kairo.stages.learning.operations.registry import judge as judge_model
from kairo.stages.learning.operations.registry import promote as promote_model
from kairo.stages.learning.operations.registry import propose as propose_model
from kairo.stages.learning.operations.registry import roll_back as roll_back_model
from kairo.stages.learning.operations.trend_baselines import learn_trend_baseline
from kairo.stages.learning.operations.updating import update_all_effects, update_effects
from kairo.stages.learning.operations.winners import add_winner, embed_anew, find_similar, let_go_of_items

__all__ = [
    "add_winner",
    "change_budget_settings",
    "embed_anew",
    "find_similar",
    "find_winners",
    "judge_model",
    "learn_delay_curves",
    "learn_trend_baseline",
    "let_go_of_items",
    "mirror_models",
    "note_ad_results",
    "note_decision",
    "note_engagement",
    "promote_model",
    "propose_model",
    "roll_back_model",
    "score_due_predictions",
    "select_budgets",
    "take_feedback",
    "take_feedback_batch",
    "update_all_effects",
    "update_effects",
]
