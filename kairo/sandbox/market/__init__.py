"""A market of invented people who post about one subject, with planted trends and decoys and their hidden truth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kairo.sandbox.market.market import Market
from kairo.sandbox.market.post import MarketPost, Media, Platform, WrongPlatform
from kairo.sandbox.market.subjects import Subject, UnknownSubject, load_subject, read_subject, subject_slugs
from kairo.sandbox.market.truth import HiddenTruth, PlantedDecoy, PlantedTrend
from kairo.sandbox.market.truth import hidden_truth as truth_of

__all__ = [
    "HiddenTruth",
    "Market",
    "MarketPost",
    "Media",
    "PlantedDecoy",
    "PlantedTrend",
    "Platform",
    "Subject",
    "UnknownSubject",
    "WrongPlatform",
    "generate_market",
    "hidden_truth",
    "load_subject",
    "read_subject",
    "subject_slugs",
]


def generate_market(
    *, seed: int, start: datetime, days: int, posts_per_day: float, subject: Subject
) -> Iterator[MarketPost]:
    """Write the posts of a market in order of time; the same arguments give the same bytes everywhere."""
    return Market(seed=seed, start=start, days=days, posts_per_day=posts_per_day, subject=subject).posts()


def hidden_truth(*, seed: int, start: datetime, days: int, posts_per_day: float, subject: Subject) -> HiddenTruth:
    """Tell what was planted in the market of the same arguments, without writing its posts."""
    return truth_of(Market(seed=seed, start=start, days=days, posts_per_day=posts_per_day, subject=subject))
