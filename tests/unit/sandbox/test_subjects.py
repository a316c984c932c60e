from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from kairo.sandbox.market import UnknownSubject, load_subject, subject_slugs
from kairo.sandbox.market.hours import week_of
from kairo.sandbox.market.personas import Persona, personas, read_yaml, spellings
from kairo.sandbox.market.pieces import Either, Line, Maybe, Slot
from kairo.sandbox.market.rules import Anaphor, Lines, Noun
from kairo.sandbox.market.scene import Rule
from kairo.sandbox.market.subjects import Subject, TopicKind
from kairo.stages.brands.contracts import BrandFile
from tests.unit.sandbox.markets import SUBJECTS

MOVES = ("name", "scene", "woe", "tried", "win", "fail", "tip", "ask", "take", "joke", "short")


def slots(rule: Rule) -> Iterator[tuple[str, str]]:
    """Return the slots in a rule, with the form that each asks for."""
    if isinstance(rule, Lines):
        yield from (slot for line in rule.lines for slot in slots_of_line(line))
    if isinstance(rule, Noun):
        yield from (slot for row in rule.lines for line in row for slot in slots_of_line(line))
    if isinstance(rule, Anaphor):
        yield from (*slots_of_line(rule.first), *slots_of_line(rule.again))


@cache
def slots_of_line(line: Line) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for piece in line.pieces:
        if isinstance(piece, Slot):
            found.append((piece.name, piece.form))
        if isinstance(piece, Maybe):
            found += slots_of_line(piece.line)
        if isinstance(piece, Either):
            found += (slot for way in piece.ways for slot in slots_of_line(way))
    return tuple(found)


def speakers(subject: Subject) -> list[Persona]:
    return [persona for persona in personas() if persona.language in subject.texts]


def test_the_sandbox_comes_with_its_subjects() -> None:
    assert set(SUBJECTS) <= set(subject_slugs())
    with pytest.raises(UnknownSubject, match="houseplants"):
        load_subject("submarines")


@pytest.mark.parametrize("slug", SUBJECTS)
def test_every_slot_of_every_text_can_be_filled(slug: str) -> None:
    subject = load_subject(slug)

    for persona in speakers(subject):
        texts = subject.texts[persona.language]
        for topic in texts.topics:
            rules = {**persona.rules, **texts.rules(topic)}
            own = [*texts.topics[topic].values()]
            said = [persona.shapes, persona.brief_shapes, *rules.values()] if "woe" in rules else own
            for name, form in {slot for rule in said for slot in slots(rule)}:
                assert name in rules, f"{slug}, {topic}, {persona.name}: {{{name}}}"
                named = rules[name]
                assert not form or (isinstance(named, Noun) and form in named.forms), f"{slug}: {{{name}.{form}}}"


@pytest.mark.parametrize("slug", SUBJECTS)
def test_every_topic_has_something_to_say_for_every_move(slug: str) -> None:
    subject = load_subject(slug)

    for language, texts in subject.texts.items():
        for topic in subject.file.topics:
            said = texts.topics[topic.slug]
            assert set(MOVES) <= said.keys(), f"{slug}, {language}, {topic.slug}"
            tips = said["tip"]
            assert isinstance(tips, Lines)
            assert len(tips.lines) >= 3, "lists name three tips"


@pytest.mark.parametrize("slug", SUBJECTS)
def test_a_subject_has_topics_of_every_kind(slug: str) -> None:
    subject = load_subject(slug)
    kinds = Counter(topic.kind for topic in subject.topics)

    assert 10 <= len(subject.file.topics) <= 16
    assert set(kinds) == set(TopicKind)
    assert kinds[TopicKind.TREND] >= 3
    assert all(topic.trend for topic in subject.topics if topic.kind is TopicKind.TREND)
    assert all(topic.weekdays for topic in subject.topics if topic.kind is TopicKind.WEEKLY)
    assert len({topic.slug for topic in subject.topics}) == len(subject.topics)


@pytest.mark.parametrize("slug", SUBJECTS)
def test_the_brand_of_a_subject_is_a_valid_brand_file_that_says_it_is_synthetic(slug: str) -> None:
    brand = BrandFile.model_validate(read_yaml(load_subject(slug).brand_file))

    assert "synthetic" in brand.brand.name
    assert len(brand.personas) >= 3
    assert len(brand.pillars) >= 5
    assert brand.patterns
    assert brand.surfaces
    assert brand.brand.taboos


@pytest.mark.parametrize("slug", SUBJECTS)
def test_the_pillars_of_the_brand_speak_of_every_trend(slug: str) -> None:
    subject = load_subject(slug)
    brand = BrandFile.model_validate(read_yaml(subject.brand_file))
    keywords = " ".join(keyword for pillar in brand.pillars for keyword in pillar.keywords).lower()

    for topic in subject.file.topics:
        if topic.trend:
            assert any(word in keywords for keyword in topic.keywords for word in keyword.split()), topic.slug


def test_every_persona_has_an_emoji_habit_hours_and_a_way_to_write() -> None:
    for persona in personas():
        assert len(week_of(persona.file.hours, weekend=persona.file.weekend)) == 168
        assert set(persona.file.spellings) <= spellings().keys()
        assert len(persona.emojis) >= 4
