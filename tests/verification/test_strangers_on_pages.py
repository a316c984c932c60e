"""What a signed-in member of another account finds on the pages of the first: nothing. Made from the pages' paths."""

from __future__ import annotations

import itertools
import re

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from kairo.interfaces.web.urls import urlpatterns
from kairo.platform.tenancy.operations import create_tenant, issue_sign_in_link
from tests.verification.accounts import Account
from tests.verification.ledger import ledger

NAMES = re.compile(r"<\w+:(\w+)>")
ROUTES = [str(page.pattern) for page in urlpatterns if isinstance(page, URLPattern)]
OF_A_BRAND = [route for route in ROUTES if NAMES.search(route)]


def member_of(account: Account) -> Client:
    """Return the browser of a member who has signed in."""
    browser = Client()
    token = issue_sign_in_link(tenant_id=account.tenant_id, email="eve@example.com", at=timezone.now())
    assert browser.post("/sign-in", {"token": token}).status_code == 302
    return browser


def opened(browser: Client, path: str) -> tuple[int, str | None]:
    """Open a page, by the method that it takes, and return the status and where it sends to."""
    answer = browser.get(path)
    if answer.status_code == 405:
        answer = browser.post(path)
    return answer.status_code, answer.headers.get("Location")


def path_of(route: str, ids: dict[str, str]) -> str:
    return "/" + NAMES.sub(lambda name: ids[name[1]], route)


@pytest.mark.parametrize("route", OF_A_BRAND)
def test_a_strangers_page_is_not_there(route: str, account: Account, lasting_database: str) -> None:
    other = create_tenant(slug=f"empty-{ROUTES.index(route)}")
    browser = member_of(Account(tenant_id=other.id, slug=other.slug, token="", ids={}))
    before = ledger(lasting_database)

    status, _ = opened(browser, path_of(route, account.ids))

    assert status == 404
    assert ledger(lasting_database) == before


@pytest.mark.parametrize("route", [route for route in OF_A_BRAND if len(NAMES.findall(route)) > 1])
def test_a_strangers_thing_is_not_there_under_an_own_brand(
    route: str, account: Account, other_account: Account, lasting_database: str
) -> None:
    browser = member_of(other_account)
    # Both have a brand of this slug and use the same words; whose it is, the session says.
    told_apart = [name for name in NAMES.findall(route) if account.ids[name] != other_account.ids[name]]
    before = ledger(lasting_database, tenant_id=account.tenant_id)

    # The whole of one's own comes last: what it removes is not there afterwards.
    for own in itertools.product([False, True], repeat=len(told_apart)):
        chosen = {
            name: (other_account if is_own else account).ids for name, is_own in zip(told_apart, own, strict=True)
        }
        status, _ = opened(
            browser, path_of(route, other_account.ids | {name: ids[name] for name, ids in chosen.items()})
        )
        assert (status != 404) == all(own), (route, own)

    assert ledger(lasting_database, tenant_id=account.tenant_id) == before


@pytest.mark.parametrize("route", sorted(set(ROUTES) - {"sign-in", "sign-out", "language"}))
def test_who_is_not_signed_in_sees_no_page(route: str, account: Account) -> None:
    assert opened(Client(), path_of(route, account.ids)) == (302, "/sign-in")
