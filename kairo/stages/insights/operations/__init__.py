"""Writes of insights: the door of the stage."""

from kairo.stages.insights.operations.aggregating import aggregate, rebuild
from kairo.stages.insights.operations.analysing import ANALYZE, analysis_failed, analyze, answer, request_analysis
from kairo.stages.insights.operations.baselines import set_trend_baseline
from kairo.stages.insights.operations.feedback import give_feedback, withdraw_answers
from kairo.stages.insights.operations.following import follow_new_items
from kairo.stages.insights.operations.letting_go import let_go_of_items
from kairo.stages.insights.operations.replaying import replay
from kairo.stages.insights.operations.scoring import score
from kairo.stages.insights.operations.text_filters import keyphrases_of, sentiment_of, topics_of

__all__ = [
    "ANALYZE",
    "aggregate",
    "analysis_failed",
    "analyze",
    "answer",
    "follow_new_items",
    "give_feedback",
    "keyphrases_of",
    "let_go_of_items",
    "rebuild",
    "replay",
    "request_analysis",
    "score",
    "sentiment_of",
    "set_trend_baseline",
    "topics_of",
    "withdraw_answers",
]
