"""What reactions posts get: heavy tails by how many people follow the author and how hot the topic is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
_MOST_PLAYS = 60_000_000.0


@dataclass(frozen=True)
class Reactions:
    """Counts as a scrape some days later would see them. A photo has no plays."""

    plays: _Ints
    likes: _Ints
    comments: _Ints
    shares: _Ints
    saves: _Ints


def reactions(
    rng: np.random.Generator,
    *,
    followers: _Ints,
    heat: _Floats,
    is_tiktok: NDArray[np.bool_],
    is_video: NDArray[np.bool_],
    is_bait: NDArray[np.bool_],
) -> Reactions:
    """Draw the reactions to posts, a column each.

    On TikTok strangers see a post whoever wrote it: its reach has the longer tail and depends less on followers.
    """
    luck = rng.standard_normal((5, len(followers)))
    shown_instagram = followers**0.82 * 1.6 * np.exp(0.9 * luck[0])
    shown_tiktok = (140 + 5.5 * followers**0.72) * np.exp(1.5 * luck[0])
    shown = np.minimum(heat * np.where(is_tiktok, shown_tiktok, shown_instagram) + 6, _MOST_PLAYS)
    liked = shown * np.where(is_tiktok, 0.075, 0.11) * np.exp(0.5 * luck[1])
    talked = liked * 0.035 * np.exp(0.8 * luck[2]) * np.where(is_bait, 14.0, 1.0)
    return Reactions(
        plays=np.where(is_video, shown, 0).astype(np.int64),
        likes=liked.astype(np.int64),
        comments=talked.astype(np.int64),
        shares=(liked * 0.03 * np.exp(0.9 * luck[3])).astype(np.int64),
        saves=(liked * 0.09 * np.exp(0.7 * luck[4])).astype(np.int64),
    )
