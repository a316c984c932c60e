"""What a post says: a shape of its author's persona, filled by the topic, typed the way the author types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kairo.sandbox.market.authors import BORROWED_PERSONA, Author, Population
from kairo.sandbox.market.dice import Dice
from kairo.sandbox.market.personas import Persona, spellings
from kairo.sandbox.market.rules import Lines
from kairo.sandbox.market.scene import Rule, Scene
from kairo.sandbox.market.slips import in_fancy_letters, with_slip
from kairo.sandbox.market.subjects import Subject, Topic

_EXTRA_BREVITY = {"tiktok": 22, "instagram": 0}
"""Percent more of short texts: on TikTok the video speaks."""
_TREND_TAG_PERCENT = 72
_TOPIC_EMOJI_PERCENT = 38
_FANCY_PERCENT = 55
_EMPTY_LINES = re.compile(r"\n{3,}")
_ADVERT_TAGS = {"en": "ad", "ru": "реклама"}
_GAPS = {"inline": (" ",), "line": ("\n", "\n\n"), "dots": ("\n.\n.\n",)}


@dataclass(frozen=True, slots=True)
class Caption:
    """A finished text, its language and the hashtags in it."""

    text: str
    language: str
    hashtags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """All that one persona can say about one topic. `lines` replace the persona's own shapes, where there are any."""

    rules: Mapping[str, Rule]
    lines: Lines | None
    topic_tags: tuple[str, ...]
    other_tags: tuple[str, ...]
    emojis: tuple[str, ...]
    trend_tag: str | None


class Composer:
    """Writes texts for the authors of one market."""

    def __init__(self, subject: Subject, population: Population) -> None:
        self._subject = subject
        self._strangers = population.handles
        self._rooms: dict[tuple[str, str], Room] = {}
        self._borrowed = next((kind for kind in population.kinds if kind.name == BORROWED_PERSONA), None)

    def caption(
        self, *, key: int, author: Author, topic: Topic, platform: str, at: datetime, trending: bool
    ) -> Caption:
        """Write the caption of the post with this key; `at` in UTC."""
        dice = Dice(key)
        persona = self.voice(author, dice)
        room = self.room(persona, topic)
        scene = self.scene(dice=dice, author=author, persona=persona, topic=topic, at=at)
        if room.lines is not None:
            room.lines.write(scene, "")
        elif dice.percent(persona.brief + _EXTRA_BREVITY[platform]):
            persona.brief_shapes.write(scene, "")
        else:
            persona.shapes.write(scene, "")
        text = _finished(scene, author, persona, room)
        tags = _tags(dice, author, room, trending)
        return Caption(_laid_out(text, tags, author, dice), persona.language, tuple(tags))

    def voice(self, author: Author, dice: Dice) -> Persona:
        """Return the persona in whose voice the author writes this time."""
        return self._borrowed if author.borrows and self._borrowed and dice.below(2) else author.persona

    def speaker(self, author: Author, language: str) -> Persona:
        """Return the persona in whose voice the author says something in this language."""
        if author.persona.language == language:
            return author.persona
        return self._borrowed or author.persona

    def room(self, persona: Persona, topic: Topic) -> Room:
        """Return what this persona can say about this topic."""
        room = self._rooms.get((persona.name, topic.slug))
        if room is None:
            room = self._rooms[persona.name, topic.slug] = self._furnished(persona, topic)
        return room

    def scene(self, *, dice: Dice, author: Author, persona: Persona, topic: Topic, at: datetime) -> Scene:
        """Return a scene in which something about the topic can be written; `at` in UTC."""
        borrowed = persona is not author.persona
        return Scene(
            dice=dice,
            rules=self.room(persona, topic).rules,
            writer=author,
            manner=persona,
            spelling=spellings()[persona.file.spellings[0]] if borrowed else author.spelling,
            at=at + timedelta(hours=author.home.hours),
            strangers=self._strangers,
            emojis=author.emojis,
            mid_emoji=persona.mid_emoji,
        )

    def _furnished(self, persona: Persona, topic: Topic) -> Room:
        said = self._subject.texts[persona.language].rules(topic.slug)
        lines = said.get("lines")
        subject_tags = tuple(self._subject.file.hashtags[persona.language].split())
        return Room(
            rules={**persona.rules, **said},
            lines=lines if isinstance(lines, Lines) else None,
            topic_tags=tuple(topic.hashtags[persona.language].split()),
            other_tags=(*subject_tags, *subject_tags, *persona.own_tags),
            emojis=tuple((topic.emojis or self._subject.file.emojis).split()),
            trend_tag=topic.trend.hashtag if topic.trend else None,
        )


def _finished(scene: Scene, author: Author, persona: Persona, room: Room) -> str:
    dice = scene.dice
    text = "".join(scene.out).rstrip(" \n,;")
    if "  " in text or " \n" in text:
        text = "\n".join(" ".join(filter(None, row.split(" "))) for row in text.split("\n"))
    if "\n\n\n" in text:
        text = _EMPTY_LINES.sub("\n\n", text)
    if text.endswith(".") and not text.endswith("..") and not author.keeps_final_stop:
        text = text[:-1]
    if persona.typos and dice.percent(persona.typos):
        text = with_slip(text, dice)
    if author.fancy and dice.percent(_FANCY_PERCENT):
        text = in_fancy_letters(text, author.key)
    if author.emojis and dice.percent(persona.emoji_percent):
        text += _emojis(dice, author, persona, room)
    return text


def _emojis(dice: Dice, author: Author, persona: Persona, room: Room) -> str:
    count = 1 + dice.below(persona.most_emojis)
    first = dice.pick(room.emojis if dice.percent(_TOPIC_EMOJI_PERCENT) else author.emojis)
    # People repeat an emoji more often than they mix two.
    return " " + (first * count if dice.below(3) else first + "".join(dice.some(author.emojis, count - 1)))


def _tags(dice: Dice, author: Author, room: Room, trending: bool) -> list[str]:
    least, most = author.tags
    tags: list[str] = []
    if author.persona.adverts and dice.percent(author.persona.adverts):
        tags.append(_ADVERT_TAGS[author.persona.language])
    if room.trend_tag and dice.percent(_TREND_TAG_PERCENT if trending else _TREND_TAG_PERCENT // 3):
        tags.append(room.trend_tag)
    if most:
        wanted = dice.between(least, most)
        tags += dice.some(room.topic_tags, (wanted + 1) // 2 if dice.below(4) else wanted // 3)
        if wanted > len(tags):
            tags += dice.some(room.other_tags, wanted - len(tags))
    return list(dict.fromkeys(tags))


def _laid_out(text: str, tags: list[str], author: Author, dice: Dice) -> str:
    if tags:
        text = f"{text}{dice.pick(_GAPS[author.tag_layout])}#{' #'.join(tags)}"
    return text.replace("\n", "\r\n") if author.carriage_returns else text
