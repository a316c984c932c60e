"""A person with a hidden taste, who decides on what boards show: to see whether learning finds the taste out."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kairo.stages.learning.rules.effects import Level, posterior
from kairo.stages.learning.rules.handing_down import score_effects
from kairo.stages.learning.rules.replaying import Ranked
from kairo.stages.learning.rules.verdicts import Decided, verdicts_of
from kairo.stages.opportunities.contracts import (
    Channel,
    DecisionType,
    EffectDimension,
    LearningSummaryDTO,
    OpportunityType,
    ScoreEffectsDTO,
)
from kairo.stages.opportunities.rules.learned import Levels, learned_points, summary_of

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
BRAND = UUID(int=7)
PILLARS = ("Routine", "Ingredients", "Stories", "Offers")
PERSONAS = ("Ana", "Ben", "Chloe")
CHANNELS = (Channel.INSTAGRAM, Channel.TIKTOK, Channel.BLOG, Channel.EMAIL, Channel.YOUTUBE)
PLATFORMS = ("instagram", "tiktok", "reddit", "rss")
NAMES = {name: name for name in (*PILLARS, *PERSONAS)}
A_BOARD = 12
FIRST = 5
USUAL_SCORE, SCORE_SD = 68.0, 5.0
"""Boards of real posts score like this before anything is learned."""


@dataclass(frozen=True)
class Idea:
    """One opportunity of a simulated board: what it is, and its score before learning."""

    key: str
    pillar: str
    persona: str
    type: OpportunityType
    channel: Channel
    platform: str
    score: float

    @property
    def levels(self) -> dict[Level, float]:
        return {
            (EffectDimension.PILLAR, self.pillar): 1.0,
            (EffectDimension.PERSONA, self.persona): 1.0,
            (EffectDimension.TYPE, self.type.value): 1.0,
            (EffectDimension.CHANNEL, self.channel.value): 1.0,
            (EffectDimension.PLATFORM, self.platform): 1.0,
        }


@dataclass(frozen=True)
class Person:
    """Accepts by a hidden liking for each level, in log-odds, and a little by what the score says."""

    liking: Mapping[Level, float]

    def chance(self, idea: Idea) -> float:
        """The chance that an idea is accepted."""
        odds = sum(self.liking.get(level, 0.0) for level in idea.levels)
        return 1.0 / (1.0 + math.exp(-(odds + 0.05 * (idea.score - USUAL_SCORE))))


def person(chance: random.Random, *, strength: float = 0.9) -> Person:
    """Make a person with a taste of a strength: the standard deviation of the log-odds of each level."""
    levels = [(EffectDimension.PILLAR, name) for name in PILLARS]
    levels += [(EffectDimension.PERSONA, name) for name in PERSONAS]
    levels += [(EffectDimension.TYPE, kind.value) for kind in OpportunityType]
    levels += [(EffectDimension.CHANNEL, channel.value) for channel in CHANNELS]
    levels += [(EffectDimension.PLATFORM, name) for name in PLATFORMS]
    return Person({level: chance.gauss(0.0, strength) for level in levels})


def ideas(chance: random.Random, *, board: int) -> list[Idea]:
    """Make the opportunities of one board."""
    return [
        Idea(
            key=f"{board}.{number}",
            pillar=chance.choice(PILLARS),
            persona=chance.choice(PERSONAS),
            type=chance.choice(list(OpportunityType)),
            channel=chance.choice(CHANNELS),
            platform=chance.choice(PLATFORMS),
            score=chance.gauss(USUAL_SCORE, SCORE_SD),
        )
        for number in range(A_BOARD)
    ]


@dataclass
class Season:
    """Boards day by day, each decided on. `acceptance` lists the share accepted of the first five, board by board."""

    acceptance: list[float] = field(default_factory=list)
    log: list[Ranked] = field(default_factory=list)

    @property
    def decisions(self) -> list[Decided]:
        return [entry.decided for entry in self.log]


def season(seed: int, *, boards: int, learns: bool, strength: float = 0.9, decides: float = 0.7) -> Season:
    """Play so many boards. The same seed gives the same person, ideas and moods, with learning and without."""
    chance = random.Random(f"world {seed}")
    who = person(chance, strength=strength)
    played = Season()
    for number in range(boards):
        at = START + timedelta(days=number)
        on_board = ideas(chance, board=number)
        moods = {idea.key: (chance.random(), chance.random()) for idea in on_board}
        learning = (
            learned_from(played.decisions, at=at) if learns else LearningSummaryDTO(brand_id=BRAND, generated_at=at)
        )
        shown = sorted(on_board, key=lambda idea: -scored(idea, learning))
        accepted = {idea.key: moods[idea.key][0] < who.chance(idea) for idea in on_board}
        played.acceptance.append(sum(accepted[idea.key] for idea in shown[:FIRST]) / FIRST)
        played.log += [
            Ranked(decision_on(idea, accepted=accepted[idea.key], at=at + HOUR), at, idea.score)
            for idea in shown
            if moods[idea.key][1] < decides
        ]
    return played


def decision_on(idea: Idea, *, accepted: bool, at: datetime) -> Decided:
    """Approve or dismiss an idea."""
    decision = DecisionType.APPROVE if accepted else DecisionType.DISMISS
    return Decided(thing=idea.key, object_key=idea.key, decision=decision, levels=idea.levels, at=at)


def learned_from(log: Sequence[Decided], *, at: datetime) -> LearningSummaryDTO:
    """Return what the product's rules learn from a log, as a board takes it."""
    effects = score_effects(posterior(verdicts_of(log), at=at), posterior([], at=at))
    handed = ScoreEffectsDTO(brand_id=BRAND, version=1, learned_at=at, effects=effects)
    return summary_of(handed, names=NAMES, brand_id=BRAND, at=at)


def scored(idea: Idea, learning: LearningSummaryDTO) -> float:
    """Return an idea's score with what was learned."""
    return idea.score + sum(points_of(idea, learning).values())


def points_of(idea: Idea, learning: LearningSummaryDTO) -> dict[tuple[EffectDimension, str], float]:
    """Return the points that what was learned is worth to an idea."""
    levels = Levels(idea.pillar, idea.persona, idea.channel, idea.type, [idea.platform])
    return learned_points(learning, levels)
