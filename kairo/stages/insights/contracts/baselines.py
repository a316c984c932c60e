"""What is usual for an account's topics: the numbers by which a look tells a trend from chance."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from kairo.shapes import Frozen


class TrendBaseline(Frozen):
    """How topics of an account behave while nothing happens. As built, without `weight`, each is judged by itself.

    `dispersion` is how unevenly topics are usually spoken of: the variance of their days over that of pure chance. It
    counts as much as `weight` expected items of a topic's own past.
    """

    dispersion: Annotated[float, Field(ge=1, le=20)] = 1.0
    weight: Annotated[float, Field(ge=0, le=10_000)] = 0.0


BUILT_IN = TrendBaseline()


class FittedBaseline(Frozen):
    """A baseline and what it was fitted to: so many topics, looked at so many times in all."""

    baseline: TrendBaseline
    topics: int
    looks: int


class ServingBaseline(Frozen):
    """The baseline in use, its version, and up to when posts were read to learn it."""

    version: int
    learned_until: datetime
    baseline: TrendBaseline

    def at(self, moment: datetime) -> TrendBaseline:
        """Return what serves at a moment: what was learned from later posts does not judge an earlier look."""
        return self.baseline if self.learned_until <= moment else BUILT_IN
