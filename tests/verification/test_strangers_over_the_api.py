"""What another account can do over HTTP and sockets: nothing. Every case here is made from the OpenAPI document."""

from __future__ import annotations

import itertools
import re
from operator import and_

import pytest
from django.test import Client
from schemathesis.core import NOT_SET

from kairo.interfaces.api import sockets
from tests.factories.everything import operations
from tests.verification.accounts import Account
from tests.verification.calls import schema, valid_calls, with_ids
from tests.verification.ledger import ledger
from tests.verification.open_sockets import close_code

NAMES = re.compile(r"\{(\w+)\}")
ON_ONE_THING = [(method, path) for method, path in operations() if NAMES.search(path)]
ON_PARTS_OF_THINGS = [(method, path) for method, path in ON_ONE_THING if len(NAMES.findall(path)) > 1]
# Not ids but words, which a stranger may use too.
WORDS_OF_ANYBODY = {"brand_slug", "platform", "node_kind"}
SOCKETS = [pattern for pattern in vars(sockets).values() if isinstance(pattern, re.Pattern)]


def takes_more_than_ids(method: str, path: str) -> bool:
    """Tell whether an operation may find fault with something else before it looks for the thing."""
    operation = schema[path][method.upper()]
    return bool(operation.body) or any(True for _ in operation.query)


@pytest.mark.parametrize(("method", "path"), ON_ONE_THING)
def test_a_strangers_thing_is_not_there_and_stays_as_it_is(
    method: str, path: str, account: Account, other_account: Account, lasting_database: str
) -> None:
    before = ledger(lasting_database)

    allowed = {404, 410, 422} if takes_more_than_ids(method, path) else {404}
    found: list[str] = []
    # Where a header or a body is refused more often than not, a dozen calls may all end before the thing is looked for.
    for count in (12, 120):
        answers = []
        for case in valid_calls(method, path, count=count):
            case.path_parameters = {name: account.ids[name] for name in NAMES.findall(path)}
            answers.append(case.call(headers=other_account.headers))
        assert {answer.status_code for answer in answers} <= allowed
        found = [answer.json()["code"] for answer in answers if answer.status_code == 404]
        if found:
            break
    assert found
    assert all(code.endswith("not_found") for code in found)
    assert ledger(lasting_database) == before


@pytest.mark.parametrize(("method", "path"), ON_PARTS_OF_THINGS)
def test_a_strangers_part_of_an_own_thing_is_not_there(
    method: str, path: str, account: Account, other_account: Account, lasting_database: str
) -> None:
    names = NAMES.findall(path)
    before = ledger(lasting_database, tenant_id=account.tenant_id)

    # A word that both use is nobody's.
    is_own = [account.ids[name] != other_account.ids[name] for name in names]
    for foreign in itertools.product([True, False], repeat=len(names)):
        owners = [account if of_other else other_account for of_other in foreign]
        ids = {name: owner.ids[name] for name, owner in zip(names, owners, strict=True)}
        for case in valid_calls(method, path, count=5):
            case.path_parameters = ids
            answer = case.call(headers=other_account.headers)
            assert answer.status_code in {404, 422} or not any(map(and_, foreign, is_own))

    assert ledger(lasting_database, tenant_id=account.tenant_id) == before


@pytest.mark.parametrize(("method", "path"), operations())
def test_a_strangers_ids_in_parameters_and_bodies_lead_to_nothing(
    method: str, path: str, account: Account, other_account: Account, lasting_database: str
) -> None:
    before = ledger(lasting_database, tenant_id=account.tenant_id)

    for case in valid_calls(method, path, count=12):
        case.path_parameters = {name: other_account.ids[name] for name in NAMES.findall(path)}
        case.query = with_ids(dict(case.query), account.ids)
        if case.body is not NOT_SET:
            case.body = with_ids(case.body, account.ids)
        answer = case.call(headers=other_account.headers)
        if answer.status_code < 400:
            told = {name for name, value in account.ids.items() if value in answer.text}
            assert told <= WORDS_OF_ANYBODY

    assert ledger(lasting_database, tenant_id=account.tenant_id) == before


@pytest.mark.parametrize(("method", "path"), operations())
def test_nobody_is_told_anything_without_a_token(method: str, path: str, account: Account) -> None:
    answer = Client().generic(method.upper(), path.format(**account.ids))

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "unauthenticated"


def test_a_brand_file_cannot_be_brought_into_another_account(
    account: Account, other_account: Account, lasting_database: str
) -> None:
    before = ledger(lasting_database)
    text = f"tenant: {account.slug}\nbrand: {{slug: planted, name: Planted}}\n"

    answer = Client(headers=other_account.headers).generic(
        "POST", "/api/brands/import", text, content_type="application/yaml"
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "brand_not_found")
    assert ledger(lasting_database) == before


@pytest.mark.parametrize("pattern", SOCKETS, ids=lambda pattern: pattern.pattern)
def test_a_strangers_socket_tells_nothing(
    pattern: re.Pattern[str], account: Account, other_account: Account, lasting_database: str
) -> None:
    path = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda name: account.ids[name[1]], pattern.pattern)
    ticket = Client(headers=other_account.headers).post("/api/ws-ticket").json()["ticket"]
    before = ledger(lasting_database, tenant_id=account.tenant_id)

    with_ticket = close_code(path, query=f"ticket={ticket}")
    with_token = close_code(path, headers=other_account.headers)
    with_nothing = close_code(path)

    assert (with_ticket, with_token, with_nothing) == (4404, 4404, 4401)
    assert ledger(lasting_database, tenant_id=account.tenant_id) == before


def test_there_are_sockets_and_operations_to_test() -> None:
    assert SOCKETS
    assert len(ON_ONE_THING) > 10
    assert len(ON_PARTS_OF_THINGS) >= 3
