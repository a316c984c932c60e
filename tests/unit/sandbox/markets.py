"""Small markets for tests, each made once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from kairo.sandbox.market import HiddenTruth, Market, MarketPost, hidden_truth, load_subject

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""
SUBJECTS = ("home-coffee", "houseplants", "running-beginners")


def market(subject: str = "houseplants", *, seed: int = 4, days: int = 30, posts_per_day: float = 340) -> Market:
    return Market(seed=seed, start=START, days=days, posts_per_day=posts_per_day, subject=load_subject(subject))


@cache
def posts_of(
    subject: str = "houseplants", *, seed: int = 4, days: int = 30, posts_per_day: float = 340
) -> list[MarketPost]:
    return list(market(subject, seed=seed, days=days, posts_per_day=posts_per_day).posts())


@cache
def truth_of(subject: str = "houseplants", *, seed: int = 4, days: int = 30, posts_per_day: float = 340) -> HiddenTruth:
    one = market(subject, seed=seed, days=days, posts_per_day=posts_per_day)
    return hidden_truth(seed=seed, start=START, days=days, posts_per_day=posts_per_day, subject=one.subject)
