"""The people of a market: handles, homes, habits and reach, each the same in every post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from kairo.sandbox.market.dice import Dice, mixed
from kairo.sandbox.market.hours import week_of
from kairo.sandbox.market.names import Naming, Town, age_of, naming, towns
from kairo.sandbox.market.personas import Persona, personas, spellings
from kairo.sandbox.market.spelling import Spelling
from kairo.sandbox.market.subjects import Subject

FEWEST_AUTHORS, MOST_AUTHORS = 300, 30_000
BORROWED_PERSONA = "visitor"
"""The voice in which people write who post in a language that is not their own."""
_BORROWING = {"ru": 14}
"""Percent of the authors of a language who write every second post in English."""


@dataclass(frozen=True, slots=True)
class Author:
    """One account with its stable voice."""

    number: int
    key: int
    handle: str
    shown_name: str
    persona: Persona
    home: Town
    is_female: bool
    age: int
    spells_numbers: bool
    spelling: Spelling
    keeps_final_stop: bool
    emojis: tuple[str, ...]
    tags: tuple[int, int]
    tag_layout: str
    fancy: bool
    carriage_returns: bool
    hides_likes: bool
    is_verified: bool
    borrows: bool
    followers: int
    following: int

    @property
    def currency(self) -> str:
        return self.home.currency

    def town(self, language: str) -> str:
        """Return where the author lives, as texts in this language name it."""
        return self.home.name if language == self.home.language else self.home.english


@dataclass(frozen=True)
class Population:
    """All authors as columns; `author` gives one of them as a person."""

    seed: int
    kinds: tuple[Persona, ...]
    towns: tuple[Town, ...]
    handles: tuple[str, ...]
    persona: NDArray[np.intp]
    town: NDArray[np.intp]
    activity: NDArray[np.float64]
    followers: NDArray[np.int64]
    tiktok: NDArray[np.float64]
    video: NDArray[np.float64]
    offset: NDArray[np.int64]
    awake: NDArray[np.float64]
    naming: Naming
    known: dict[int, Author]

    def __len__(self) -> int:
        return len(self.handles)

    def author(self, number: int) -> Author:
        """Return the person behind a number."""
        author = self.known.get(number)
        if author is None:
            author = self.known[number] = self._meet(number)
        return author

    def busy(self, hour: int) -> NDArray[np.float64]:
        """Return how many posts an hour each author is up to in this hour (since the Monday of 1970-01-05, UTC)."""
        local = (hour + self.offset) % 168
        busy: NDArray[np.float64] = self.activity * self.awake[self.persona, local]
        return busy

    def speaking(self, language: str) -> NDArray[np.intp]:
        """Return the numbers of those who post in this language."""
        speaks = np.array([kind.language == language for kind in self.kinds])
        return np.flatnonzero(speaks[self.persona])

    def of_kind(self, *names: str) -> NDArray[np.intp]:
        """Return the numbers of those of these personas."""
        return np.flatnonzero(np.array([kind.name in names for kind in self.kinds])[self.persona])

    def _meet(self, number: int) -> Author:
        key = mixed(self.seed, number, 1)
        dice, persona, town = Dice(key), self.kinds[self.persona[number]], self.towns[self.town[number]]
        file, followers = persona.file, int(self.followers[number])
        handle = self.handles[number]
        shown_name, is_female = self.naming.shown(handle, persona, self.seed, number)
        least = dice.between(file.tags.least, max(file.tags.least, file.tags.most - 2))
        return Author(
            number=number,
            key=key,
            handle=handle,
            shown_name=shown_name,
            persona=persona,
            home=town,
            is_female=is_female,
            age=age_of(self.seed, number, persona),
            spells_numbers=dice.percent(file.spells_numbers),
            spelling=spellings()[dice.pick(file.spellings)],
            keeps_final_stop=dice.percent(file.final_stop),
            emojis=tuple(dice.some(persona.emojis, 4)),
            tags=(0, 0) if dice.percent(file.tags.without) else (least, dice.between(least, file.tags.most)),
            tag_layout=dice.pick(file.tags.layouts),
            fancy=dice.percent(file.fancy),
            carriage_returns=dice.percent(3),
            hides_likes=dice.percent(3),
            is_verified=followers > 20_000 and dice.percent(20),
            borrows=dice.percent(_BORROWING.get(file.language, 0)),
            followers=followers,
            following=dice.between(40, 900),
        )


def populate(*, seed: int, subject: Subject, posts: float) -> Population:
    """Return the people who will write about `posts` posts: some hundreds for a thousand, 30,000 for a million."""
    count = min(MOST_AUTHORS, max(FEWEST_AUTHORS, int(6 * posts**0.62)))
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, crc32(subject.slug.encode()), 11, count))))
    return _population(rng, seed, subject, count)


def _population(rng: np.random.Generator, seed: int, subject: Subject, count: int) -> Population:
    kinds = tuple(kind for kind in personas() if kind.language in subject.file.languages)
    persona = _drawn(rng, [_weight(kind, kinds, subject) for kind in kinds], count)
    places = towns()
    town = np.zeros(count, dtype=np.intp)
    for language in subject.file.languages:
        local = np.flatnonzero(np.array([kind.language == language for kind in kinds])[persona])
        known = [place for place, one in enumerate(places) if one.language == language]
        town[local] = np.array(known)[_drawn(rng, [places[place].weight for place in known], len(local))]
    median, spread = (np.array([getattr(kind.file.followers, name) for kind in kinds]) for name in ("median", "spread"))
    followers = np.minimum(median[persona] * np.exp(spread[persona] * rng.standard_normal(count)), 2_500_000)
    names = naming(subject)
    return Population(
        seed=seed,
        kinds=kinds,
        towns=places,
        handles=names.handles(seed, [kinds[one] for one in persona], [places[one] for one in town]),
        persona=persona,
        town=town,
        activity=np.exp(0.9 * rng.standard_normal(count)),
        followers=(followers + 8).astype(np.int64),
        tiktok=_leaning(rng, np.array([kind.file.tiktok / 100 for kind in kinds])[persona]),
        video=np.array([kind.file.video / 100 for kind in kinds])[persona],
        offset=np.array([place.hours for place in places])[town],
        awake=np.array([week_of(kind.file.hours, weekend=kind.file.weekend) for kind in kinds]),
        naming=names,
        known={},
    )


def _leaning(rng: np.random.Generator, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Most people keep to one platform; a quarter posts on both."""
    draws = rng.random(len(share))
    only = np.where(draws < share, 1.0, 0.0)
    return np.where(rng.random(len(share)) < 0.25, share, only)


def _weight(kind: Persona, kinds: Sequence[Persona], subject: Subject) -> float:
    of_language = sum(other.file.share for other in kinds if other.language == kind.language)
    return subject.file.languages[kind.language] * kind.file.share / of_language


def _drawn(rng: np.random.Generator, weights: Sequence[float], count: int) -> NDArray[np.intp]:
    bounds = np.cumsum(weights)
    drawn: NDArray[np.intp] = np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right")
    return drawn
