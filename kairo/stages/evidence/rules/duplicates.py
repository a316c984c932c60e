"""Which posts repeat which earlier ones: equal words first, then what shares a band, by the calibrated cascade."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from kairo.stages.evidence.rules.signatures import signature_bands_of
from kairo.stages.evidence.rules.similarity import COPY_SCORE, SURE, repeat_score
from kairo.stages.evidence.rules.wording import Wording, wording_of

_MOST_IN_BAND = 64
"""A band that more posts share is a phrase of the day; its oldest posts stand for the rest."""
_MOST_COMPARED = 24
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class ComparedPost:
    """Of one post, what is compared: `text` and `content_hash` from normalisation, `vector` of length 1 (or zeros).

    `bands` are computed where they are left empty. `near_duplicate_of` is what was decided before, for stored posts.
    """

    id: UUID
    published_at: datetime | None
    text: str
    content_hash: str
    language: str | None = None
    bands: Sequence[int] = ()
    vector: NDArray[np.float32] | None = None
    near_duplicate_of: UUID | None = None


def find_near_duplicates(
    batch: Sequence[ComparedPost], candidates: Sequence[ComparedPost] = (), *, embedder: str = "static"
) -> dict[UUID, UUID]:
    """Map each post that repeats an earlier one to the original; the earliest published is it, ties go by id.

    `candidates` are stored posts that share a band or the content hash with the batch; they are not compared with each
    other again. One appears in the answer only where its original changes, as when the true original is captured late;
    rows that point to it, and are not among the candidates, must follow it. An undated post is never the original of a
    dated one. Chains point at their root.
    """
    fresh = {post.id for post in batch}
    posts = sorted([*batch, *(post for post in candidates if post.id not in fresh)], key=_age)
    search = _Search(posts=_with_bands(posts), fresh=fresh, embedder=embedder)
    for place in range(len(posts)):
        search.place_among_earlier(place)
    return search.changed


def _age(post: ComparedPost) -> tuple[datetime, str]:
    return post.published_at or _LAST, str(post.id)


def _with_bands(posts: Sequence[ComparedPost]) -> list[tuple[ComparedPost, Sequence[int]]]:
    missing = [post.text for post in posts if not post.bands]
    computed = iter(signature_bands_of(missing))
    return [(post, post.bands or next(computed)) for post in posts]


@dataclass
class _Search:
    """Walks posts from the oldest on; every post meets only earlier ones."""

    posts: list[tuple[ComparedPost, Sequence[int]]]
    fresh: set[UUID]
    embedder: str
    changed: dict[UUID, UUID] = field(default_factory=dict)
    _roots: dict[UUID, UUID] = field(default_factory=dict)
    _by_hash: dict[str, int] = field(default_factory=dict)
    _by_band: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _wordings: dict[int, Wording] = field(default_factory=dict)

    def place_among_earlier(self, place: int) -> None:
        post, bands = self.posts[place]
        original = self._original_of(place)
        if original is not None and original != post.id:
            self._roots[post.id] = original
            if post.id in self.fresh or original != post.near_duplicate_of:
                self.changed[post.id] = original
        if post.content_hash and post.content_hash in self._by_hash:
            return
        self._by_hash[post.content_hash] = place
        for band in bands:
            if len(self._by_band[band]) < _MOST_IN_BAND:
                self._by_band[band].append(place)

    def _original_of(self, place: int) -> UUID | None:
        post, _ = self.posts[place]
        decided = post.near_duplicate_of if post.id not in self.fresh else None
        if decided is not None:
            return self._root(decided)
        repeated = self._same_words_as(place)
        if repeated is None:
            repeated = self._best_repeated(place)
        return None if repeated is None else self._root(self.posts[repeated][0].id)

    def _root(self, post_id: UUID) -> UUID:
        return self._roots.get(post_id, post_id)

    def _same_words_as(self, place: int) -> int | None:
        post, _ = self.posts[place]
        return self._by_hash.get(post.content_hash) if post.content_hash else None

    def _best_repeated(self, place: int) -> int | None:
        best, best_score = None, SURE
        for earlier in self._sharing_bands(place):
            score = self._score(place, earlier)
            if score >= COPY_SCORE:
                return earlier
            if score >= best_score and (best is None or score > best_score):
                best, best_score = earlier, score
        return best

    def _sharing_bands(self, place: int) -> Iterator[int]:
        """Yield the earlier posts that share most bands, the oldest first among equals."""
        post, bands = self.posts[place]
        shared = Counter(earlier for band in bands for earlier in self._by_band.get(band, ()))
        ranked = sorted(shared, key=lambda earlier: (-shared[earlier], earlier))
        for earlier in ranked[:_MOST_COMPARED]:
            other, _ = self.posts[earlier]
            one_is_fresh = post.id in self.fresh or other.id in self.fresh
            if one_is_fresh and _may_be_one_language(post, other):
                yield earlier

    def _score(self, place: int, earlier: int) -> float:
        post, other = self.posts[place][0], self.posts[earlier][0]
        same_language = post.language is not None and post.language == other.language
        cosine = None
        if same_language and post.vector is not None and other.vector is not None:
            cosine = float(post.vector @ other.vector)
        return repeat_score(
            self._wording(place), self._wording(earlier), cosine=cosine, embedder=self.embedder, language=post.language
        )

    def _wording(self, place: int) -> Wording:
        if place not in self._wordings:
            self._wordings[place] = wording_of(self.posts[place][0].text)
        return self._wordings[place]


def _may_be_one_language(one: ComparedPost, other: ComparedPost) -> bool:
    """A text too short for its language to be told is compared with every language."""
    return one.language is None or other.language is None or one.language == other.language
