"""`kairo brand settings` as it is typed."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from kairo.interfaces.cli.brands import brand_app
from kairo.platform.policy.contracts import UnusableDomainRule
from kairo.stages.brands.contracts import BrandNotFound, InvalidBrandSettings
from tests.factories.brands import stored_brand


def settings(*arguments: str) -> Result:
    return CliRunner().invoke(brand_app, ["settings", *arguments], terminal_width=200)


def test_settings_are_listed_with_their_defaults_after_the_change(tenant: UUID) -> None:
    stored_brand(tenant)

    changed = settings("glow", "--set", "gates.min_items=12", "--set", "denied_domains=a.com,b.com")
    read = json.loads(settings("glow", "--json").stdout)

    assert changed.exit_code == 0
    line = next(line for line in changed.stdout.splitlines() if line.startswith("gates.min_items "))
    assert line.split() == ["gates.min_items", "12", "8", "changed"]
    assert read["changed"] == ["denied_domains", "gates.min_items"]
    assert read["settings"]["denied_domains"] == ["a.com", "b.com"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("colour=red", InvalidBrandSettings),
        ("gates.min_items=none", InvalidBrandSettings),
        ("agents=humans", InvalidBrandSettings),
        ("allowed_domains=co.uk", UnusableDomainRule),
    ],
)
def test_what_cannot_be_set_is_refused_and_changes_nothing(tenant: UUID, change: str, error: type[Exception]) -> None:
    stored_brand(tenant)

    refused = settings("glow", "--set", change)

    assert isinstance(refused.exception, error)
    assert json.loads(settings("glow", "--json").stdout)["changed"] == []


def test_a_change_without_a_value_is_a_mistake_of_the_caller(tenant: UUID) -> None:
    stored_brand(tenant)

    assert settings("glow", "--set", "agents").exit_code == 2
    assert isinstance(settings("elsewhere").exception, BrandNotFound)
