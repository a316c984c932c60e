"""Which formats there are: ours always, those of other packages beside them, and each name once."""

from __future__ import annotations

import tomllib
from datetime import datetime
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

from kairo.stages.evidence.adapters.formats.reddit import RedditPosts
from kairo.stages.evidence.adapters.registry import ENTRY_POINT_GROUP, added_formats, known_formats
from kairo.stages.evidence.contracts import CapturedItem
from kairo.stages.evidence.ports import Record, SourceFormat


class PinboardPins:
    name = "pinboard"
    label = "Pins"
    format_has_author = False

    def recognises(self, record: Record) -> bool:
        return "pin" in record

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        return CapturedItem(platform="pinboard", platform_item_id=str(record["pin"]), published_at=received_at)


class AnotherReddit(PinboardPins):
    name = "reddit"


def _point(value: str) -> EntryPoint:
    return EntryPoint(name="any", value=value, group=ENTRY_POINT_GROUP)


def test_every_format_has_a_name_of_its_own_and_a_label_and_the_generic_one_comes_last() -> None:
    formats: tuple[SourceFormat, ...] = known_formats()

    assert len({known.name for known in formats}) == len(formats)
    assert all(known.label for known in formats)
    assert formats[-1].name == "generic"


def test_the_package_declares_the_formats_that_it_has() -> None:
    declared = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["entry-points"]

    loaded = {
        name: getattr(import_module(value.split(":")[0]), value.split(":")[1])
        for name, value in declared[ENTRY_POINT_GROUP].items()
    }

    assert {name: found.name for name, found in loaded.items()} == {name: name for name in loaded}
    assert set(loaded) == {known.name for known in known_formats() if type(known).__module__.startswith("kairo.")}


def test_a_format_of_another_package_is_added() -> None:
    [added] = added_formats([_point(f"{__name__}:PinboardPins")])

    assert added.name == "pinboard"
    assert added.recognises({"pin": 1})


def test_our_own_entry_points_are_not_added_a_second_time() -> None:
    assert added_formats([_point(f"{RedditPosts.__module__}:RedditPosts")]) == []


def test_what_cannot_be_loaded_or_takes_a_name_of_ours_is_left_out() -> None:
    points = [
        _point("no_such_package_anywhere:Format"),
        _point(f"{__name__}:NoSuchClass"),
        _point(f"{__name__}:AnotherReddit"),
        _point("json:dumps"),
        _point(f"{__name__}:PinboardPins"),
        _point(f"{__name__}:PinboardPins"),
    ]

    assert [added.name for added in added_formats(points)] == ["pinboard"]
