"""Which live sources there are: ours always, those of other packages beside them, and each platform once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from kairo.stages.evidence.adapters.formats.generic import GenericPosts
from kairo.stages.evidence.adapters.live.registry import (
    ENTRY_POINT_GROUP,
    added_sources,
    live_sources,
    unreadable_place,
)
from kairo.stages.evidence.contracts import SurfaceType
from kairo.stages.evidence.ports import BadPlace, Place, SourceFormat, SourcePage, Web


class Pinboard:
    platform = "pinboard"
    label = "Pins"
    keys: Mapping[SurfaceType, str] = {SurfaceType.PROFILE: "ana"}
    newest_first = True
    is_paid = False
    format: SourceFormat = GenericPosts()

    def check(self, place: Place) -> None:
        if not place.key.isalpha():
            raise BadPlace("write a name")

    def read(self, place: Place, web: Web, *, cursor: str | None, marks: Mapping[str, str]) -> SourcePage:
        return SourcePage()


class AnotherRss(Pinboard):
    platform = "rss"


def _point(value: str) -> EntryPoint:
    return EntryPoint(name="any", value=value, group=ENTRY_POINT_GROUP)


def test_a_source_of_another_package_is_added() -> None:
    [added] = added_sources([_point(f"{__name__}:Pinboard")])
    assert added.platform == "pinboard"


@pytest.mark.parametrize("value", [f"{__name__}:AnotherRss", "nowhere:Source", f"{__name__}:Missing", "pathlib:Path"])
def test_a_source_that_cannot_be_used_is_left_out(value: str) -> None:
    assert added_sources([_point(value), _point(f"{__name__}:Pinboard")])[0].platform == "pinboard"


def test_the_package_declares_sources_that_it_has() -> None:
    declared = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["entry-points"]
    for name, value in declared[ENTRY_POINT_GROUP].items():
        module, _, found = value.partition(":")
        assert getattr(import_module(module), found)().platform == name


@pytest.mark.parametrize("source", live_sources().values(), ids=lambda source: source.platform)
def test_the_example_of_each_kind_of_place_is_one_that_can_be_read(source: Pinboard) -> None:
    for surface_type, example in source.keys.items():
        key = example.partition(" or ")[0]
        assert unreadable_place(source.platform, surface_type, key) is None


def test_what_cannot_be_read_says_why() -> None:
    assert (
        unreadable_place("rss", SurfaceType.PROFILE, "x") == "of RSS and Atom feeds only feed can be read, not profile"
    )
    assert "named by its address" in str(unreadable_place("rss", SurfaceType.FEED, "x"))
    assert unreadable_place("linkedin", SurfaceType.PROFILE, "anything") is None
