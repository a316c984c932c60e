"""The ten gates as they stand now."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.test import Client
from django.utils import timezone

from tests.factories.boards import make_brand, make_item
from tests.factories.posts import import_posts, posts
from tests.integration.web.conftest import at_most, sign_in

GATES = "/b/northwind/gates"


def test_every_gate_is_shown_with_its_value_and_what_mends_it(client: Client, tenant: UUID) -> None:
    make_item(tenant, brand_id=make_brand(tenant).id, text="Alone", published_at=timezone.now())

    with at_most(10):
        page = client.get(GATES).content.decode()

    assert page.count('scope="row"') == 10
    assert "too thin for a board" in page
    assert '<td role="cell" data-column="Found">1 post</td>' in page
    assert '<td role="cell" data-column="Asked">at least 8 posts</td>' in page
    assert "What to do" in page
    assert "--brand northwind" in page
    assert "--brand SLUG" not in page


def test_evidence_that_is_enough_is_said_to_carry_a_board(client: Client, tenant: UUID, tmp_path: Path) -> None:
    at = timezone.now()
    import_posts(posts(12, at=at), tenant_id=tenant, brand_id=make_brand(tenant).id, folder=tmp_path, at=at)

    with at_most(10):
        page = client.get(GATES).content.decode()

    assert "The evidence carries a board" in page
    assert "No gate fails" in page
    assert "What to do" not in page
    assert page.count("Passed") == 10


def test_a_brand_without_posts_is_judged_too(client: Client, tenant: UUID) -> None:
    make_brand(tenant)

    with at_most(10):
        page = client.get(GATES).content.decode()

    assert "0 posts" in page
    assert "What to do" in page


def test_a_stranger_finds_no_gates(tenant: UUID, stranger: UUID) -> None:
    make_brand(tenant)

    assert sign_in(stranger, email="mallory@example.com").get(GATES).status_code == 404
    assert Client().get(GATES)["Location"] == "/sign-in"
