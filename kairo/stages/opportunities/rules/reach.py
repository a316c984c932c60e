"""Which posts reach a brand: read, set beside the brand by words and meaning, and kept when they overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kairo.stages.brands.contracts import BrandSnapshotDTO
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.knowledge.contracts.profiles import CompiledProfile
from kairo.stages.opportunities.rules.fit import (
    Common,
    Embed,
    Fit,
    Profile,
    Vectors,
    common_parts,
    fit_of,
    profile_of,
    settled,
)
from kairo.stages.opportunities.rules.reading import MAX_READ_CHARACTERS, Post, read_posts
from kairo.stages.opportunities.rules.topics import Rarity

MIN_FIT = 0.24
"""Under this a post or an idea does not reach the brand."""
MIN_FIT_WHEN_THIN = 0.15
THIN_EVIDENCE = 24
"""With fewer posts than this a weaker overlap counts too: a listener to few voices hears each of them."""


@dataclass(frozen=True)
class Reach:
    """The posts that reach the brand, row by row with their vectors and fits, and what was learnt from all posts."""

    posts: tuple[Post, ...]
    vectors: Vectors
    headlines: Vectors
    fits: tuple[Fit, ...]
    profile: Profile
    common: Common
    rarity: Rarity
    everybody: tuple[Post, ...]


def reach_of(
    evidence: Sequence[EvidenceItemDTO],
    vectors: Vectors,
    brand: BrandSnapshotDTO,
    embed: Embed,
    compiled: CompiledProfile | None = None,
) -> Reach | None:
    """Find the posts that overlap with the brand; None when there are none."""
    posts = read_posts(evidence)
    if not posts:
        return None
    languages = [post.language for post in posts]
    given = np.nan_to_num(np.asarray(vectors, dtype=np.float32))[[post.row for post in posts]]
    common = common_parts(given, languages)
    rows = settled(given, languages, common)
    headlines = settled(np.asarray(embed([post.headline for post in posts]), dtype=np.float32), languages, common)
    profile = profile_of(brand, embed, common, compiled)
    fits = [_fit(profile, post, np.stack([headlines[row], rows[row]])) for row, post in enumerate(posts)]
    kept = _rows_from(fits, MIN_FIT)
    if len(kept) < THIN_EVIDENCE:
        kept = _rows_from(fits, MIN_FIT_WHEN_THIN)
    if not kept:
        return None
    return Reach(
        posts=tuple(posts[row] for row in kept),
        vectors=rows[kept],
        headlines=headlines[kept],
        fits=tuple(fits[row] for row in kept),
        profile=profile,
        common=common,
        rarity=Rarity(posts),
        everybody=tuple(posts),
    )


def _rows_from(fits: Sequence[Fit], least: float) -> list[int]:
    return [row for row, fit in enumerate(fits) if fit.value >= least]


def _fit(profile: Profile, post: Post, vectors: Vectors) -> Fit:
    read = [post.item.text[:MAX_READ_CHARACTERS], (post.item.transcript or "")[:MAX_READ_CHARACTERS], *post.tags]
    return fit_of(profile, headline=post.headline, everything=" ".join(read), vectors=vectors)
