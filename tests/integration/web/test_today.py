"""The Today board as a page, in each of its states."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone
from pydantic import JsonValue

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.stages.opportunities.contracts import BoardState, Channel
from kairo.stages.opportunities.operations import regenerate
from tests.factories.boards import NOON, make_board, make_brand, make_item, make_opportunity, make_ready_board
from tests.integration.web.conftest import at_most

HTMX = {"HX-Request": "true", "HX-Target": "board"}


def _words(html: str) -> str:
    """Return what a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def _page(client: Client, path: str = "/b/northwind/today") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_the_way_in_leads_to_the_first_brand(client: Client, tenant: UUID) -> None:
    make_brand(tenant, slug="zeta")
    make_brand(tenant, slug="alpha")

    assert client.get("/")["Location"] == "/b/alpha/today"


def test_without_a_brand_the_page_says_how_to_get_one(client: Client) -> None:
    assert "kairo brand import FILE --tenant acme" in _page(client, "/")


def test_a_ready_board_shows_all_that_a_card_holds(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant, name="Northwind Coffee")
    item = make_item(tenant, brand_id=brand.id, text="My kettle is slow", author_ref="maria", platform="tiktok")
    opportunity = make_opportunity(
        tenant,
        brand_id=brand.id,
        cites=[(item, "kettle")],
        title="Race two kettles",
        angle="Slow kettles annoy people.",
        why_now="Three posts since Monday.",
        primary_channel=Channel.TIKTOK,
        suggested_channels=[Channel.TIKTOK, Channel.META_ADS],
        score=82.4,
        score_breakdown={"evidence_strength": {"value": 70.0, "weight": 0.25, "reason": "3 voices in 2 days"}},
        independent_voices=3,
        would_change_our_mind="Nobody mentions kettles for a week.",
        prediction={
            "measure": "posts",
            "statement": "At least 5 more posts on slow kettles.",
            "threshold": 5,
            "due_at": (NOON + timedelta(days=7)).isoformat(),
            "probability": 0.6,
        },
    )
    make_board(tenant, brand_id=brand.id, opportunity_ids=[opportunity])

    words = _words(_page(client))

    for expected in (
        "Northwind Coffee",
        "Ready 1 opportunity Generated 20 Nov 2026, 12:00 UTC Generator: extractive, no model",
        "Trend TikTok Race two kettles",
        "Slow kettles annoy people.",
        "Why now Three posts since Monday.",
        "For Home barista Pillar Brewing Channels TikTok, Meta Ads",
        "82 of / 100",
        "Evidence strength 70 of 100, weight 25 % 3 voices in 2 days",
        "1 post, 3 independent voices",
        "kettle TikTok maria 19 Nov 2026",
        "At least 5 more posts on slow kettles. 60 % likely, due 27 Nov 2026",
        "Nobody mentions kettles for a week.",
    ):
        assert expected in words, expected


def test_outside_text_is_shown_and_never_run(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    item = make_item(tenant, brand_id=brand.id, text=hostile, author_ref=hostile)
    opportunity = make_opportunity(tenant, brand_id=brand.id, cites=[(item, hostile)], title=hostile)
    make_board(tenant, brand_id=brand.id, opportunity_ids=[opportunity])

    html = _page(client)

    assert "<script>alert" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_demo_data_says_that_it_is_synthetic(client: Client, tenant: UUID) -> None:
    make_ready_board(tenant, brand_id=make_brand(tenant, slug="real").id)
    make_ready_board(tenant, brand_id=make_brand(tenant, slug="demo", is_synthetic=True).id)

    assert "This is synthetic demo data" in _page(client, "/b/demo/today")
    assert "This is synthetic demo data" not in _page(client, "/b/real/today")


def test_a_degraded_board_says_so_and_why(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    diagnostics: dict[str, JsonValue] = {
        "ready_reason": "generated",
        "degraded": True,
        "reason": "model_unavailable",
    }
    make_board(tenant, brand_id=brand.id, diagnostics_json=diagnostics)

    words = _words(_page(client))

    assert "This board is degraded. No model could be reached" in words


def test_a_board_without_opportunities_says_why(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    make_board(tenant, brand_id=brand.id, diagnostics_json={"ready_reason": "no_valid_candidates"})

    assert "no idea passed the checks" in _words(_page(client))


def test_too_few_posts_are_counted_and_the_next_step_is_named(client: Client, tenant: UUID) -> None:
    make_brand(tenant)

    words = _words(_page(client))

    assert "0 of 8 posts are here" in words
    assert "kairo ingest import FILE --brand northwind" in words


def test_the_first_look_at_enough_posts_starts_the_first_board(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    for number in range(8):
        make_item(tenant, brand_id=brand.id, text=f"Post {number}", published_at=timezone.now())

    with at_most(10):
        html = _page(client)

    assert "Generating a new board" in html
    assert "Waiting for a worker" in client.get("/b/northwind/today/progress", headers=HTMX).content.decode()


def test_each_gate_shows_its_value_its_threshold_and_its_verdict(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    gates: list[JsonValue] = [
        {"code": "insufficient_items", "kind": "quality", "measured": 3, "threshold": 8, "verdict": "failed",
         "message": "3 items found, need 8"},
        {"code": "missing_platforms", "kind": "quality", "measured": ["reddit"], "threshold": ["instagram", "tiktok"],
         "verdict": "failed", "message": "reddit found"},
        {"code": "too_many_duplicates", "kind": "usability", "measured": 0.125, "threshold": 0.2, "verdict": "passed"},
        {"code": "few_authors", "kind": "usability", "measured": 0, "threshold": 3, "verdict": "not_applicable",
         "message": "these sources have no author field"},
    ]  # fmt: skip
    shortfall: dict[str, JsonValue] = {
        "required_items": 8,
        "found_items": 3,
        "transcript_coverage": 0,
        "min_transcript_coverage": 0.3,
        "gates": gates,
    }
    make_board(
        tenant,
        brand_id=brand.id,
        state=BoardState.INSUFFICIENT_EVIDENCE,
        remediation="Import more posts (`kairo ingest import FILE --brand SLUG`).",
        evidence_shortfall_json=shortfall,
    )

    html = _page(client)
    words = _words(html)

    assert "Posts in the window 3 posts at least 8 posts Not passed" in words
    assert "Reddit one of Instagram, TikTok Not passed" in words
    assert "Posts that repeat another 12.5 % less than 20 % Passed" in words
    assert "these sources have no author field 0 authors at least 3 authors Does not apply" in words
    assert "<code>kairo ingest import FILE --brand northwind</code>" in html
    assert "Check again" in words


def test_a_failed_board_tells_the_run_id_and_offers_to_try_again(client: Client, tenant: UUID) -> None:
    brand, run_id = make_brand(tenant), uuid4()
    notes: list[JsonValue] = ["The disk is full."]
    make_board(tenant, brand_id=brand.id, state=BoardState.ERROR, run_id=run_id, diagnostics_json={"notes": notes})

    words = _words(_page(client))

    assert "Generation failed" in words
    assert "The disk is full." in words
    assert str(run_id) in words
    assert "Try again" in words


def test_regenerating_without_the_script_comes_back_to_the_board(client: Client, tenant: UUID) -> None:
    make_brand(tenant)

    response = client.post("/b/northwind/today/regenerate", follow=True)

    assert response.redirect_chain == [("/b/northwind/today", 302)]
    assert "Generating a new board" in response.content.decode()


def test_while_a_job_works_the_previous_board_stays_marked_as_such(client: Client, tenant: UUID) -> None:
    make_ready_board(tenant, brand_id=make_brand(tenant).id)

    fragment = client.post("/b/northwind/today/regenerate", headers=HTMX).content.decode()
    words = _words(fragment)

    assert fragment.startswith('<div id="board"')
    assert "Waiting for a worker" in words
    assert words.index("Previous board") < words.index("Show how to descale in five minutes")
    assert 'hx-trigger="load, run-event throttle:300ms, every 2s"' in fragment


def test_progress_tells_the_step_in_words(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    with tenant_transaction(tenant):
        job_id = regenerate(brand_id=brand.id).job_id
        progress = {"step": "gates", "done": 1, "total": 4, "note": "12 items"}
        Job.objects.filter(id=job_id).update(state=JobState.RUNNING, progress=progress, started_at=NOON)

    fragment = client.get("/b/northwind/today/progress", headers=HTMX).content.decode()

    assert "Checking the evidence gates" in fragment
    assert '<progress max="4" value="1"' in fragment
    assert "12 items" in fragment
    assert 'id="board"' not in fragment


def test_the_end_of_the_job_hands_over_the_board(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    with tenant_transaction(tenant):
        job_id = regenerate(brand_id=brand.id).job_id
        Job.objects.filter(id=job_id).update(state=JobState.SUCCEEDED)
    make_ready_board(tenant, brand_id=brand.id)

    response = client.get("/b/northwind/today/progress", headers=HTMX)

    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#board", "outerHTML")
    assert 'data-announce="The new board is here."' in response.content.decode()
    assert "Show how to descale in five minutes" in response.content.decode()


def test_cancelling_a_waiting_job_brings_the_board_back(client: Client, tenant: UUID) -> None:
    make_ready_board(tenant, brand_id=make_brand(tenant).id)
    client.post("/b/northwind/today/regenerate", headers=HTMX)

    fragment = client.post("/b/northwind/today/cancel", headers=HTMX).content.decode()

    assert "Cancelled. The board is as it was before." in fragment
    assert "Generating a new board" not in fragment


def test_cancelling_a_running_job_says_that_it_stops(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    with tenant_transaction(tenant):
        job_id = regenerate(brand_id=brand.id).job_id
        Job.objects.filter(id=job_id).update(state=JobState.RUNNING, started_at=NOON)

    fragment = client.post("/b/northwind/today/cancel", headers=HTMX).content.decode()

    assert "Stopping" in fragment
    assert 'id="cancel"' not in fragment


def test_cancelling_when_nothing_runs_changes_nothing(client: Client, tenant: UUID) -> None:
    make_ready_board(tenant, brand_id=make_brand(tenant).id)

    response = client.post("/b/northwind/today/cancel", headers=HTMX)

    assert response.status_code == 200
    assert "The work had ended already." in response.content.decode()


def test_a_refused_step_leaves_the_board_and_tells_of_itself(client: Client) -> None:
    response = client.post("/b/nowhere/today/regenerate", headers=HTMX)

    assert (response.status_code, response["HX-Retarget"]) == (404, "#notices")
    assert "<html" not in response.content.decode()


def test_looking_at_a_board_and_the_packages_of_its_cards_takes_six_queries(client: Client, tenant: UUID) -> None:
    brand = make_brand(tenant)
    items = [make_item(tenant, brand_id=brand.id, text=f"Post {number}") for number in range(4)]
    opportunities = [make_opportunity(tenant, brand_id=brand.id, cites=[(item, "Post")]) for item in items]
    make_board(tenant, brand_id=brand.id, opportunity_ids=opportunities)

    with at_most(6):
        assert "4 opportunities" in _page(client)


def test_looking_while_a_job_works_takes_six_queries_and_a_poll_four(client: Client, tenant: UUID) -> None:
    make_ready_board(tenant, brand_id=make_brand(tenant).id)
    client.post("/b/northwind/today/regenerate", headers=HTMX)

    with at_most(6):
        assert "Generating a new board" in _page(client)
    with at_most(4):
        assert "Waiting" in client.get("/b/northwind/today/progress", headers=HTMX).content.decode()
