"""Writes of ads: the door of the stage."""

from __future__ import annotations

from kairo.stages.ads.operations.recording import import_ad_file, record_ads, record_campaigns, save_ad, save_campaign

__all__ = ["import_ad_file", "record_ads", "record_campaigns", "save_ad", "save_campaign"]
