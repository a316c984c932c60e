"""What happens to a text on its way into the app: slips of the thumb, and letters from a fancy-font site."""

from __future__ import annotations

from kairo.sandbox.market.dice import Dice

_NEAR = {
    **dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqrtyuiopasasdfghjkxzxcvbn", strict=True)),
    **dict(zip("йцукенгшщзхфывапролджэячсмитьбю", "цйкенгшщзхзывапролджэжчясмитьбю", strict=True)),
}
_FANCY_STARTS = ((0x1D5D4, 0x1D5EE), (0x1D4D0, 0x1D4EA), (0x1D63C, 0x1D656), (0x1D400, 0x1D41A))
"""Where Unicode's bold sans, bold script, bold italic sans and bold letters start: large, small."""
_LONGEST_FANCY_LINE = 70


def with_slip(text: str, dice: Dice) -> str:
    """Return the text with one word mistyped: two letters swapped, one missing, doubled, or its neighbour's."""
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not places:
        return text
    place = dice.pick(places)
    words[place] = _mistyped(words[place], dice)
    return " ".join(words)


def _mistyped(word: str, dice: Dice) -> str:
    at = 1 + dice.below(len(word) - 2)
    kind = dice.below(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _NEAR.get(word[at], word[at]) + word[at + 1 :]


def in_fancy_letters(text: str, key: int) -> str:
    """Return the text with its first line in mathematical letters, always the same kind for one author.

    Long lines stay as they are: people set headings that way, not paragraphs.
    """
    first, gap, rest = text.partition("\n")
    if len(first) > _LONGEST_FANCY_LINE:
        return text
    large, small = _FANCY_STARTS[key % len(_FANCY_STARTS)]
    return "".join(_fancy(letter, large, small) for letter in first) + gap + rest


def _fancy(letter: str, large: int, small: int) -> str:
    if "A" <= letter <= "Z":
        return chr(large + ord(letter) - ord("A"))
    if "a" <= letter <= "z":
        return chr(small + ord(letter) - ord("a"))
    return letter
