"""Requests that were made to do harm: each is refused with a reason, quickly, and none is a fault of ours."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DataError, OperationalError
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.test import Client
from ninja import NinjaAPI
from ninja.testing import TestClient

from kairo.interfaces.api.errors import install_error_handlers
from kairo.interfaces.api.strict_requests import StrictParser
from kairo.shapes import Strict
from tests.verification.accounts import Account

BRAND = "brand: {slug: glow, name: Glow}\n"
BRAND_PAGES = "/api/brands/{brand_id}"


def get(account: Account, path: str) -> tuple[int, dict[str, Any]]:
    answer = Client(headers=account.headers).get(path.format(**account.ids))
    return answer.status_code, answer.json()


def bring(account: Account, body: bytes, content_type: str = "application/yaml") -> tuple[int, dict[str, Any]]:
    answer = Client(headers=account.headers).generic("POST", "/api/brands/import", body, content_type=content_type)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "path",
    [
        "/api/jobs?kind=%00",
        "/api/jobs?state=a%00b",
        "/api/jobs?limit=0",
        "/api/jobs?limit=201",
        "/api/jobs?limit=1e3",
        "/api/jobs?limit=" + "9" * 5000,
        "/api/jobs?cursor=%00",
        "/api/brands?cursor=' OR 1=1 --",
        BRAND_PAGES + "/evidence?platform=%00",
        BRAND_PAGES + "/evidence?lang=%00&limit=1",
        BRAND_PAGES + "/gates?as_of=0001-01-01T00:00:00Z",
        BRAND_PAGES + "/gates?as_of=9999-12-31T23:59:59Z",
        BRAND_PAGES + "/gates?as_of=1999-12-31T23:59:59Z",
        BRAND_PAGES + "/gates?as_of=infinity",
        BRAND_PAGES + "/gates?as_of=1780000000",
        "/api/brands/" + "0" * 5000,
        "/api/runs/{run_id}/events?after_seq=-1",
        "/api/runs/{run_id}/events?after_seq=2147483648",
    ],
)
def test_a_parameter_that_nothing_can_be_asked_with_is_refused(account: Account, path: str) -> None:
    status, problem = get(account, path)

    assert status == 422
    assert problem["errors"]


@pytest.mark.parametrize(
    "as_of",
    [
        "2026-06-01T12:00:00",
        "2026-06-01",
        "2026-06-01T12:00:00%2B15:30",
        "2058-04-19T12:06:53-16:33",
        "2099-12-31T23:59Z",
    ],
)
def test_every_moment_of_our_time_is_taken(account: Account, as_of: str) -> None:
    assert get(account, f"{BRAND_PAGES}/gates?as_of={as_of}")[0] == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\xff\xfe\x00", "unreadable_body"),
        (b"", "invalid_brand_file"),
        (b"\x00", "invalid_brand_file"),
        (b"!!python/object/apply:os.system ['true']", "invalid_brand_file"),
        (b"brand: {slug: glow, name: 2020-99-99}", "invalid_brand_file"),
        (b'brand: {slug: glow, name: "a\\0b"}', "invalid"),
        (b'brand: {slug: glow, name: "\\ud800"}', "invalid_brand_file"),
        (BRAND.encode() + b"personas: [{name: A, channel_biases: {x: .nan}}]", "invalid"),
        (BRAND.encode() + b"personas: [{name: A, channel_biases: {x: .inf}}]", "invalid"),
        (BRAND.encode() + b"pillars: [{name: A, priority_rank: " + b"9" * 4000 + b"}]", "invalid_brand_file"),
        (BRAND.encode() + b"pillars: [" + b"{name: ''}, " * 5000 + b"]", "invalid_brand_file"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\n" + BRAND.encode(), "invalid_brand_file"),
        (b"[" * 150_000, "invalid_brand_file"),
        (b"[" * 75_000 + b"]" * 75_000, "invalid_brand_file"),
        (b"{a: " * 50_000, "invalid_brand_file"),
        (b"- " * 100_000, "invalid_brand_file"),
        (b"x" * 200_001, "invalid_brand_file"),
    ],
    ids=lambda part: repr(part[:30]),
)
def test_a_brand_file_that_does_harm_is_refused_at_once(account: Account, body: bytes, code: str) -> None:
    since = time.process_time()

    status, problem = bring(account, body)

    assert (status, problem["code"]) == (422, code)
    # What is refused late takes minutes: the bound is wide enough for a machine that is slow or watched.
    assert time.process_time() - since < 30
    assert len(str(problem)) < 20_000


@pytest.mark.parametrize(
    "content_type", ["text/html", "application/json", "multipart/form-data", "x", "a/b; charset=évil"]
)
def test_the_content_type_makes_no_brand_file_of_something_else(account: Account, content_type: str) -> None:
    status, problem = bring(account, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--', content_type)

    assert (status, problem["code"]) == (422, "invalid_brand_file")


def test_a_body_that_is_too_large_for_its_operation_is_refused(account: Account) -> None:
    status, problem = bring(account, b"x" * 3_000_000)

    assert (status, problem["code"]) == (413, "too_large")


class Numbers(Strict):
    name: str = ""
    count: int = 0


api = NinjaAPI(urls_namespace="hostile-requests", parser=StrictParser(), docs_url=None, openapi_url=None)
install_error_handlers(api)


@api.post("/json")
def take_json(request: HttpRequest, body: Numbers) -> dict[str, int]:
    """Stand for any operation that takes JSON."""
    return {"count": body.count}


@api.post("/any")
def take_anything(request: HttpRequest, body: dict[str, Any]) -> dict[str, int]:
    """Stand for any operation that stores what it is given."""
    return {"count": len(body)}


def send(path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    answer = TestClient(api).post(path, data=body)  # type: ignore[arg-type]
    return answer.status_code, answer.json()


@pytest.mark.parametrize("path", ["/json", "/any"])
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"name": ' + b'{"a": ' * 60 + b"1" + b"}" * 61,
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        b'{"\\u0000": 1}',
        b'{"count": NaN}',
        b'{"count": Infinity}',
        b'{"count": 1e999}',
        b'{"count": 9223372036854775808}',
        b'{"count": ' + b"9" * 10_000 + b"}",
    ],
    ids=lambda part: repr(part[:20]),
)
def test_json_that_nothing_can_hold_is_refused(path: str, body: bytes) -> None:
    status, answer = send(path, body)

    assert status == 422
    assert answer["code"] in {"unreadable_body", "invalid"}


def test_json_that_is_as_it_should_be_is_taken() -> None:
    body = b'\xef\xbb\xbf{"name": "\xf0\x9f\x8c\xb1", "count": 9223372036854775807}'

    assert send("/json", body) == (200, {"count": 2**63 - 1})


class OutOfRange(psycopg.DataError):
    sqlstate = "22003"


class DivisionByZero(psycopg.DataError):
    sqlstate = "22012"


def raised(error: Exception, cause: Exception | None = None) -> tuple[int, str]:
    """Let an operation fail, and return what it answered."""

    def fail() -> None:
        raise error from cause

    request = HttpRequest()
    request.path = "/api/any"
    try:
        fail()
    except Exception as failure:  # noqa: BLE001 - whatever it is, the API has an answer to it
        answer = api.on_exception(request, failure)
    return answer.status_code, answer.headers["Content-Type"]


@pytest.mark.parametrize(
    ("error", "cause", "status"),
    [
        (TooManyFieldsSent(), None, 422),
        (MultiPartParserError(), None, 422),
        (UnreadablePostError(), None, 422),
        (RequestDataTooBig(), None, 413),
        (DataError(), OutOfRange(), 422),
        (DataError(), DivisionByZero(), 500),
        (ZeroDivisionError(), None, 500),
    ],
)
def test_each_kind_of_failure_has_its_status(error: Exception, cause: Exception | None, status: int) -> None:
    assert raised(error, cause) == (status, "application/problem+json")


def test_an_outage_is_left_to_who_answers_for_the_database() -> None:
    with pytest.raises(OperationalError):
        raised(OperationalError("away"))
