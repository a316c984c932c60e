"""The words in which the settings page speaks of what a brand may set."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as marked

from kairo.stages.brands.contracts import AgentsChoice

SETTING_WORDS: Mapping[str, str] = {
    "agents": marked("Who reads the posts for answers"),
    "evidence_days": marked("Gates and boards look back, days"),
    "evidence_max_items": marked("Newest items that they look at"),
    "capture_daily_usd": marked("Dollars a day for paid readings"),
    "gates.min_items": marked("Items at least"),
    "gates.min_items_with_text": marked("Items with text at least"),
    "gates.min_transcript_coverage": marked("Share of videos with a transcript at least, 0 to 1"),
    "gates.fresh_within_days": marked("One item younger than, days"),
    "gates.min_long_items": marked("Items with a long text at least"),
    "gates.long_item_characters": marked("A long text has characters"),
    "gates.min_authors": marked("Different authors at least"),
    "gates.min_urls": marked("Different links at least"),
    "gates.max_duplicate_share": marked("Share of items that repeat another below, 0 to 1"),
    "gates.min_content_share": marked("Share of items with real content at least, 0 to 1"),
    "allowed_domains": marked("Show sources of these domains only, one a line; empty: of all"),
    "denied_domains": marked("Never show sources of these domains, one a line"),
}
AGENTS_WORDS: Mapping[AgentsChoice, str] = {
    AgentsChoice.LOCAL: marked("Kairo itself, without a model"),
    AgentsChoice.MODEL: marked("A model; without one there is no answer"),
    AgentsChoice.AUTO: marked("A model where one serves, else Kairo itself"),
}
