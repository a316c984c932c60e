"""Writes of ads: the door of the stage."""

from __future__ import annotations

from kairo.stages.ads.operations.accounts import (
    ask_for_facts,
    connect_account,
    disconnect_account,
    platform_of_account,
)
from kairo.stages.ads.operations.deciding import approve_change, reject_change, roll_back_change
from kairo.stages.ads.operations.executing import run_due
from kairo.stages.ads.operations.figures import import_stat_file, record_stats, save_stat
from kairo.stages.ads.operations.proposing import propose_change, propose_changes
from kairo.stages.ads.operations.pulling import pull_stats
from kairo.stages.ads.operations.recommending import propose_ads, propose_budgets
from kairo.stages.ads.operations.recording import import_ad_file, record_ads, record_campaigns, save_ad, save_campaign
from kairo.stages.ads.operations.safety import set_safety_settings, turn_kill_switch

__all__ = [
    "approve_change",
    "ask_for_facts",
    "connect_account",
    "disconnect_account",
    "import_ad_file",
    "import_stat_file",
    "platform_of_account",
    "propose_ads",
    "propose_budgets",
    "propose_change",
    "propose_changes",
    "pull_stats",
    "record_ads",
    "record_campaigns",
    "record_stats",
    "reject_change",
    "roll_back_change",
    "run_due",
    "save_ad",
    "save_campaign",
    "save_stat",
    "set_safety_settings",
    "turn_kill_switch",
]
