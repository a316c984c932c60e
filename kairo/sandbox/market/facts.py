"""Slots that follow from who writes and when: the town, the day of the week, the season, somebody else's handle."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kairo.sandbox.market.rules import Fact
from kairo.sandbox.market.scene import Rule, Scene

_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ru": ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"),
}
_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "ru": (
        *("январе", "феврале", "марте", "апреле", "мае", "июне"),
        *("июле", "августе", "сентябре", "октябре", "ноябре", "декабре"),
    ),
}
_SEASONS = {"en": ("winter", "spring", "summer", "autumn"), "ru": ("зимой", "весной", "летом", "осенью")}
_DAYPARTS = {
    "en": ("in the middle of the night", "this morning", "at lunch", "this afternoon", "tonight"),
    "ru": ("среди ночи", "сегодня утром", "в обед", "сегодня днём", "сегодня вечером"),
}
_DAYPART_STARTS = (5, 12, 14, 18)


def facts(language: str) -> Mapping[str, Rule]:
    """Return the facts that texts of this language may name."""
    return {name: Fact(says) for name, says in _sayings(language).items()}


def _sayings(language: str) -> dict[str, Callable[[Scene], str]]:
    weekdays, months = _WEEKDAYS[language], _MONTHS[language]
    seasons, dayparts = _SEASONS[language], _DAYPARTS[language]
    return {
        "town": lambda scene: scene.writer.town(language),
        "someone": lambda scene: f"@{scene.dice.pick(scene.strangers)}",
        "my_age": lambda scene: _age(scene.writer.age, language),
        "weekday": lambda scene: weekdays[scene.at.weekday()],
        "last_weekday": lambda scene: weekdays[(scene.at.weekday() - 2 - scene.dice.below(4)) % 7],
        "month": lambda scene: months[scene.at.month - 1],
        "last_month": lambda scene: months[(scene.at.month - 3) % 12],
        "season": lambda scene: seasons[scene.at.month % 12 // 3],
        "daypart": lambda scene: dayparts[sum(scene.at.hour >= start for start in _DAYPART_STARTS)],
    }


def _age(years: int, language: str) -> str:
    if language != "ru":
        return str(years)
    last = years % 10
    return f"{years} {'год' if last == 1 else 'года' if 2 <= last <= 4 else 'лет'}"
