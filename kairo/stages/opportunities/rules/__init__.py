"""Pure decisions of the Today board: what the evidence suggests, and which drafts are fit to be shown."""

from kairo.stages.opportunities.rules.outcome import board_outcome
from kairo.stages.opportunities.rules.redundancy import DecidedOpportunity, drop_redundant
from kairo.stages.opportunities.rules.synthesis import Synthesis, synthesize
from kairo.stages.opportunities.rules.validity import check, rejection_reasons

__all__ = [
    "DecidedOpportunity",
    "Synthesis",
    "board_outcome",
    "check",
    "drop_redundant",
    "rejection_reasons",
    "synthesize",
]
