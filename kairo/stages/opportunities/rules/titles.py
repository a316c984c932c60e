"""Which construction words which title, so that no grammatical frame is heard twice where it can be helped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kairo.stages.opportunities.rules.stems import words_of
from kairo.stages.opportunities.rules.wording.shapes import Frame

MOST_OF_ONE_FRAME = 2


class TitleChooser:
    """Remembers the constructions on a board and picks the least heard one for the next title."""

    def __init__(self) -> None:
        self._heard: Counter[str] = Counter()

    def choose(self, frames: Sequence[Frame], *, source: str) -> Frame | None:
        """The frame that repeats least: its own construction first, then its opening word and its shape.

        A title that only repeats its source sentence gives way to one that adds something.
        """
        open_frames = [frame for frame in frames if self._heard[frame.name] < MOST_OF_ONE_FRAME]
        if not open_frames:
            return None
        return min(enumerate(open_frames), key=lambda entry: (self._cost(entry[1], entry[0], source), entry[0]))[1]

    def use(self, frame: Frame) -> None:
        """Count a frame as heard."""
        self._heard[frame.name] += 1
        self._heard.update(_features(frame))

    def _cost(self, frame: Frame, place: int, source: str) -> float:
        is_copy = words_of(frame.text) == words_of(source)
        return self._repetition(frame) + 0.3 * place + 1.0 * is_copy

    def _repetition(self, frame: Frame) -> float:
        return 3.0 * self._heard[frame.name] + sum(
            self._heard[feature] * weight for feature, weight in _features(frame).items()
        )


def _features(frame: Frame) -> dict[str, float]:
    """What a reader hears again: the first word, the words after a colon, a question at the end."""
    opening = frame.text.split(" ")[0].lower() if frame.text else ""
    features = {f"opens:{opening}": 0.5}
    if ": " in frame.text:
        features["colon"] = 0.35
    if frame.text.endswith(("?", "？")):
        features["question"] = 0.25
    return features
