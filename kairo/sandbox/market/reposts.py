"""How coordinated accounts post one text: the same words, with other emoji, signs and spaces."""

from __future__ import annotations

from kairo.sandbox.market.captions import Caption
from kairo.sandbox.market.dice import Dice

_DECORATIONS = ("", "🔥 ", "❗️", "‼️ ", "👉 ", "⭐️ ", "💚 ", "🎁 ", "📣 ", "➡️ ")
_ENDINGS = ("", " 🎉", "!!", " 🍀🍀", " 💯", " ❤️", "...", " 🙏", " 🎁🎁🎁", " ✨")


def reposted(original: Caption, dice: Dice) -> Caption:
    """Return the text as one of the accounts posts it; the words stay as they were."""
    text = original.text
    if dice.below(2):
        text = text.replace("! ", dice.pick((" ! ", "!! ", "❗ ", "! 🔥 ")))
    if dice.below(2):
        text = text.replace(". ", dice.pick((" . ", ".. ", ". 👇 ", " – ")))
    if dice.below(3) == 0:
        text = text.replace(", ", " , ")
    return Caption(dice.pick(_DECORATIONS) + text + dice.pick(_ENDINGS), original.language, original.hashtags)
