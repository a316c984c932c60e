"""The drawer: the real post behind a claim."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests.factories.boards import make_brand, make_item
from tests.integration.web.conftest import at_most, sign_in


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def _drawer(client: Client, item_id: UUID, quote: str = "") -> str:
    response = client.get(f"/b/northwind/evidence/{item_id}/drawer", {"quote": quote})
    assert response.status_code == 200
    return response.content.decode()


def test_the_drawer_shows_the_post_with_its_quote_marked(client: Client, tenant: UUID, brand_id: UUID) -> None:
    item = make_item(
        tenant,
        brand_id=brand_id,
        text="Help! How do I <b>descale</b> it?",
        author_ref="maria",
        url="https://instagram.example/p/1?a=1&b=2",
        counts={"view_count": 12_345, "like_count": 7},
    )

    with at_most(10):
        html = _drawer(client, item, "How do I <b>descale</b>")

    assert "Help! <mark>How do I &lt;b&gt;descale&lt;/b&gt;</mark> it?" in html
    assert "maria" in html
    assert "12,345" in html
    assert 'href="https://instagram.example/p/1?a=1&amp;b=2" target="_blank" rel="noopener noreferrer"' in html
    assert "Comments" not in html


def test_a_quote_of_the_transcript_is_marked_there(client: Client, tenant: UUID, brand_id: UUID) -> None:
    item = make_item(tenant, brand_id=brand_id, text="Watch this", transcript="and then you pour it slowly")

    assert "<mark>pour it slowly</mark>" in _drawer(client, item, "pour it slowly")


def test_words_that_the_post_does_not_hold_are_said_to_be_missing(client: Client, tenant: UUID, brand_id: UUID) -> None:
    item = make_item(tenant, brand_id=brand_id, text="Watch this")

    html = _drawer(client, item, "never said")

    assert "The cited words are not in this post" in html
    assert "<mark>" not in html


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://", "ftp://a.example/x"])
def test_an_address_that_is_not_of_the_web_becomes_no_link(
    client: Client, tenant: UUID, brand_id: UUID, url: str
) -> None:
    item = make_item(tenant, brand_id=brand_id, text="Watch this", url=url)

    html = _drawer(client, item)

    assert "href=" not in html
    assert "cannot be opened safely" in html


@pytest.mark.parametrize(
    ("author", "format_has_author", "words"),
    [(None, False, "no author in this format"), (None, True, "author not given")],
)
def test_an_absent_author_is_told_apart_from_a_format_without_authors(
    client: Client, tenant: UUID, brand_id: UUID, author: None, format_has_author: bool, words: str
) -> None:
    item = make_item(tenant, brand_id=brand_id, text="x", author_ref=author, format_has_author=format_has_author)

    assert words in _drawer(client, item)


def test_a_post_without_a_date_says_so(client: Client, tenant: UUID, brand_id: UUID) -> None:
    assert "date not given" in _drawer(client, make_item(tenant, brand_id=brand_id, text="x", published_at=None))


def test_the_post_has_a_page_of_its_own(client: Client, tenant: UUID, brand_id: UUID) -> None:
    item = make_item(tenant, brand_id=brand_id, text="Watch this")

    page = client.get(f"/b/northwind/evidence/{item}", {"quote": "this"}).content.decode()

    assert "<title>Evidence" in page
    assert "Watch <mark>this</mark>" in page


def test_posts_of_nobody_and_of_another_tenant_are_not_found(tenant: UUID, stranger: UUID, brand_id: UUID) -> None:
    item = make_item(tenant, brand_id=brand_id, text="Watch this")
    make_brand(stranger, slug="theirs")
    theirs = sign_in(stranger, email="mallory@example.com")

    assert theirs.get(f"/b/theirs/evidence/{item}/drawer").status_code == 404
    assert theirs.get(f"/b/theirs/evidence/{uuid4()}").status_code == 404
