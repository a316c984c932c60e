"""Packages take the form of ads that won on the same subject, and say which; without winners nothing is another."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.content.contracts import ContentPackageDTO, VariantDTO
from kairo.stages.learning import operations as learning
from kairo.stages.learning.contracts.winners import WinnerDraft
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities.contracts import Channel, TextOpening
from tests.factories.boards import NOON, make_brand, make_item, make_opportunity
from tests.factories.callers import caller
from tests.factories.packages import package_made, variants_made
from tests.fakes.content_models import Writer
from tests.integration.outbound.servers import Site

ASKED = "How do I descale my machine?"
ANSWERED = "Citric acid, 20 minutes, two rinses, done."
CHANNELS = [Channel.INSTAGRAM, Channel.LINKEDIN, Channel.YOUTUBE, Channel.X]
LEAD: dict[str, float] = {"expected_roas": 3.0, "rest_roas": 1.2, "low": 2.4, "high": 3.7, "results": 41}
QUESTION = "When did you last look into your machine? Most people never did. What would you find in there?"
STATEMENT = "Scale costs flavour. A clean machine tastes of coffee. Order your kit today."


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def win(tenant: UUID, ad_id: str, text: str) -> None:
    with tenant_transaction(tenant):
        learning.add_winner(draft=WinnerDraft(ad_id=ad_id, text=text, metrics=LEAD, why="It sold."), at=NOON)


def opportunity(tenant: UUID, brand_id: UUID, *ad_ids: str) -> UUID:
    """Make an opportunity for which these ads speak, the first the most."""
    effects: dict[str, JsonValue] = {ad_id: 2.0 - place / 10 for place, ad_id in enumerate(ad_ids)}
    part: dict[str, JsonValue] = {"value": 40.0, "weight": 0.05, "reason": "Ads like this won.", "effects": effects}
    asked = make_item(tenant, brand_id=brand_id, text=ASKED, author_ref="ana")
    answered = make_item(tenant, brand_id=brand_id, text=ANSWERED, author_ref="ben")
    return make_opportunity(
        tenant,
        brand_id=brand_id,
        cites=[(asked, ASKED), (answered, ANSWERED)],
        suggested_channels=CHANNELS[1:],
        score_breakdown={"winners": part} if ad_ids else {},
    )


def made(tenant: UUID, brand_id: UUID, *ad_ids: str) -> tuple[ContentPackageDTO, list[VariantDTO]]:
    package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity(tenant, brand_id, *ad_ids))
    return package, variants_made(tenant, package_id=package.id)


def bodies(variants: list[VariantDTO]) -> list[tuple[str, str | None]]:
    return [(one.body, one.call_to_action) for one in variants]


def test_texts_open_and_ask_as_winners_do(tenant: UUID, brand_id: UUID) -> None:
    win(tenant, "asks", QUESTION)
    win(tenant, "says", STATEMENT)
    _, asking = made(tenant, brand_id, "asks")
    _, saying = made(tenant, brand_id, "says")
    assert all(ASKED in one.body.split("\n")[0] for one in asking)
    assert not any(ASKED in one.body.split("\n")[0] for one in saying)
    assert all((one.call_to_action or "").endswith("?") for one in asking if one.channel is Channel.LINKEDIN)
    assert not any((one.call_to_action or "").endswith("?") for one in saying if one.channel is Channel.INSTAGRAM)


def test_the_package_says_which_winners_shaped_it(tenant: UUID, brand_id: UUID) -> None:
    win(tenant, "asks", QUESTION)
    package, _ = made(tenant, brand_id, "asks")
    shown = caller(tenant).get(f"/api/packages/{package.id}").json()["winners"]
    assert [(one["ad_id"], one["expected"], one["beside"], one["results"], one["why"]) for one in shown] == [
        ("asks", 3.0, 1.2, 41, "It sold.")
    ]
    assert package.winners[0].form.opening is TextOpening.QUESTION


def test_without_winners_nothing_is_another(tenant: UUID, brand_id: UUID) -> None:
    win(tenant, "asks", QUESTION)
    package, variants = made(tenant, brand_id)
    with tenant_transaction(tenant):
        opportunities.withdraw_winners(ad_ids=["asks"])
    gone, again = made(tenant, brand_id, "asks")
    assert (package.winners, gone.winners) == ([], [])
    assert bodies(variants) == bodies(again)


def test_winners_that_do_not_agree_shape_nothing(tenant: UUID, brand_id: UUID) -> None:
    win(tenant, "asks", QUESTION)
    win(tenant, "says", STATEMENT)
    _, usual = made(tenant, brand_id)
    package, torn = made(tenant, brand_id, "asks", "says")
    assert [one.ad_id for one in package.winners] == ["asks", "says"]
    assert [one.body.split("\n")[0] for one in torn] == [one.body.split("\n")[0] for one in usual]


def test_variants_go_by_the_winners_of_their_package(tenant: UUID, brand_id: UUID) -> None:
    win(tenant, "asks", QUESTION)
    package = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity(tenant, brand_id, "asks"))
    with tenant_transaction(tenant):
        opportunities.withdraw_winners(ad_ids=["asks"])
    variants = variants_made(tenant, package_id=package.id)
    assert all(ASKED in one.body.split("\n")[0] for one in variants)


@contextlib.contextmanager
def served_by(writer: Writer, settings: Settings) -> Iterator[Site]:
    settings.LLM_DISABLED = False
    with Site(writer) as site:
        settings.OPENAI_API_KEY = "sk-test"
        settings.OPENAI_BASE_URL = site.url("/v1")
        yield site


def test_a_model_is_told_how_winners_were_built_and_none_of_their_words(
    tenant: UUID, brand_id: UUID, settings: Settings
) -> None:
    win(tenant, "asks", QUESTION)
    with served_by(Writer(), settings) as site:
        package, variants = made(tenant, brand_id, "asks")
    questions = [seen.body.decode() for seen in site.requests]
    assert package.generator == "model"
    assert len(questions) == 1 + len(variants)
    assert all("opens with a question: 1 of 1" in question for question in questions)
    assert not any("look into your machine" in question or "3.0" in question for question in questions)


def test_a_model_is_asked_what_it_was_asked_before_where_nothing_won(
    tenant: UUID, brand_id: UUID, settings: Settings
) -> None:
    with served_by(Writer(), settings) as site:
        made(tenant, brand_id)
    assert not any(b"that won" in seen.body for seen in site.requests)


def test_a_winner_of_another_day_does_not_change_a_package_that_is_there(tenant: UUID, brand_id: UUID) -> None:
    opportunity_id = opportunity(tenant, brand_id, "asks")
    first = package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id)
    with tenant_transaction(tenant):
        draft = WinnerDraft(ad_id="asks", text=QUESTION, metrics=LEAD)
        learning.add_winner(draft=draft, at=NOON + timedelta(days=1))
    assert package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id) == first
