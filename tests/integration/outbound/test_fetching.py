"""Fetching from real servers: what a well-behaved source gets, and what reaches whom."""

from __future__ import annotations

import gzip
import logging
import ssl
import zlib

import pytest

from kairo.platform.outbound.client import Client, fetch, if_changed
from kairo.platform.outbound.contracts import FetchFailed, FetchLimits, UnsafeAddress
from tests.integration.outbound.servers import CERTIFICATE, LOOPBACK, Site, moved, page
from tests.unit.outbound.resolvers import Answers

CLIENT = Client(policy=LOOPBACK)
TEXT = "Grüße aus Köln. " * 200


def test_an_answer_comes_back_with_what_a_later_request_needs() -> None:
    headers = {
        "content-type": 'application/rss+xml; charset="ISO-8859-1"',
        "etag": '"v1"',
        "last-modified": "Mon, 01 Jun 2026 12:00:00 GMT",
    }
    with Site(page("Grüße".encode("latin-1"), headers=headers)) as site:
        fetched = CLIENT.fetch(site.url("/feed?page=1#top"))

    assert (fetched.status, fetched.succeeded, fetched.not_modified) == (200, True, False)
    assert fetched.text() == "Grüße"
    assert (fetched.charset, fetched.etag) == ("iso-8859-1", '"v1"')
    assert fetched.last_modified == "Mon, 01 Jun 2026 12:00:00 GMT"
    assert fetched.final_url == site.url("/feed?page=1")
    assert fetched.headers["content-type"].startswith("application/rss+xml")


def test_an_unchanged_source_says_so_without_a_body() -> None:
    with Site(page(b"", status=304, length=False)) as site:
        fetched = CLIENT.fetch(site.url(), headers=if_changed(etag='"v1"', last_modified="yesterday"))

    assert fetched.not_modified
    assert fetched.body == b""
    assert site.requests[0].headers["if-none-match"] == '"v1"'
    assert site.requests[0].headers["if-modified-since"] == "yesterday"


def test_a_failing_source_is_an_answer_not_an_error() -> None:
    with Site(page(b"gone", status=404)) as site:
        assert CLIENT.fetch(site.url()).status == 404


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(TEXT.encode(), mtime=0)),
        ("x-gzip", gzip.compress(TEXT.encode(), mtime=0)),
        ("gzip", gzip.compress(TEXT.encode()[:999], mtime=0) + gzip.compress(TEXT.encode()[999:], mtime=0)),
        ("gzip", gzip.compress(TEXT.encode(), mtime=0) + b"\0\0\0"),
        ("deflate", zlib.compress(TEXT.encode())),
        ("deflate", zlib.compress(TEXT.encode(), wbits=-15)),
        ("identity", TEXT.encode()),
    ],
    ids=["gzip", "x-gzip", "gzip in two parts", "gzip with padding", "deflate", "bare deflate", "plain"],
)
def test_packed_bodies_are_unpacked(encoding: str, packed: bytes) -> None:
    with Site(page(packed, headers={"content-encoding": encoding})) as site:
        assert CLIENT.fetch(site.url()).text() == TEXT


def test_a_packed_body_that_comes_byte_by_byte_is_unpacked() -> None:
    packed = gzip.compress(TEXT.encode()[:99], mtime=0) + gzip.compress(TEXT.encode()[99:], mtime=0)
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in packed) + b"0\r\n\r\n"
    headers = {"content-encoding": "gzip", "transfer-encoding": "chunked"}
    with Site(page(b"", headers=headers, length=False) + chunks) as site:
        assert CLIENT.fetch(site.url()).text() == TEXT


def test_a_redirect_is_followed_to_its_end() -> None:
    with Site({"/old": moved("/new", 301), "/new": moved("newest?x=1", 307), "/newest?x=1": page(b"here")}) as site:
        fetched = CLIENT.fetch(site.url("/old"))

    assert fetched.body == b"here"
    assert fetched.final_url == site.url("/newest?x=1")


def test_secrets_stay_behind_when_a_redirect_leads_to_another_host() -> None:
    resolver = Answers(other__example=[["127.0.0.1"]])
    with Site(page(b"theirs")) as other, Site({"/": moved(other.url(host="other.example"))}) as site:
        client = Client(policy=LOOPBACK, resolver=resolver)
        client.fetch(site.url(), headers={"Authorization": "Bearer s", "X-Api-Key": "k", "Accept": "text/xml"})

    assert site.requests[0].headers["authorization"] == "Bearer s"
    assert {"authorization", "x-api-key"}.isdisjoint(other.requests[0].headers)
    assert other.requests[0].headers["accept"] == "text/xml"


def test_a_body_is_never_sent_on_by_a_redirect() -> None:
    with Site({"/hook": moved("/elsewhere", 307)}) as site:
        fetched = CLIENT.fetch(site.url("/hook"), method="POST", body=b"{}")

    assert fetched.status == 307
    assert [seen.path for seen in site.requests] == ["/hook"]
    assert site.requests[0].body == b"{}"


def test_the_environments_proxies_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site(page(b"proxied")) as proxy, Site(page(b"direct")) as site:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())

        assert CLIENT.fetch(site.url()).body == b"direct"

    assert proxy.requests == []


def test_tls_and_the_host_header_keep_the_name_while_the_connection_goes_to_the_checked_address() -> None:
    client = Client(
        policy=LOOPBACK,
        resolver=Answers(feeds__example=[["127.0.0.1"]]),
        tls=ssl.create_default_context(cafile=str(CERTIFICATE)),
    )
    with Site(page(b"secure"), secured=True) as site:
        fetched = client.fetch(site.url("/a", host="feeds.example"))

    assert fetched.body == b"secure"
    assert site.names == ["feeds.example"]
    assert site.requests[0].headers["host"] == f"feeds.example:{site.port}"


@pytest.mark.parametrize(
    ("host", "trusted"), [("feeds.example", False), ("other.example", True)], ids=["unknown issuer", "another name"]
)
def test_a_certificate_that_does_not_fit_ends_the_request(host: str, trusted: bool) -> None:
    client = Client(
        policy=LOOPBACK,
        resolver=Answers(feeds__example=[["127.0.0.1"]], other__example=[["127.0.0.1"]]),
        tls=ssl.create_default_context(cafile=str(CERTIFICATE)) if trusted else None,
    )
    with (
        Site(page(b"secure"), secured=True) as site,
        pytest.raises(FetchFailed, match=f"certificate of {host}") as failure,
    ):
        client.fetch(site.url(host=host))

    assert site.requests == []
    assert not failure.value.retryable


def test_the_second_address_of_a_name_is_tried_when_the_first_does_not_answer() -> None:
    policy_of_two = Client(policy=LOOPBACK, resolver=Answers(feeds__example=[["127.0.0.1", "127.0.0.1"]]))
    with Site(page(b"here")) as site:
        assert policy_of_two.fetch(site.url(host="feeds.example")).body == b"here"


def test_a_closed_port_is_said_to_be_unreachable() -> None:
    with Site(page()) as site:
        closed = site.url()

    with pytest.raises(FetchFailed, match="cannot be reached") as failure:
        CLIENT.fetch(closed)

    assert failure.value.retryable


def test_an_unread_body_is_not_waited_for() -> None:
    with Site(page(b"x" * 100, length=False, headers={"content-length": "999999999"})) as site:
        fetched = CLIENT.fetch(site.url(), limits=FetchLimits(max_bytes=10), with_body=False)

    assert (fetched.status, fetched.body) == (200, b"")


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "connection"])
def test_callers_cannot_set_the_connections_own_headers(name: str) -> None:
    with pytest.raises(ValueError, match="sets these headers itself"):
        CLIENT.fetch("http://127.0.0.1:8080/", headers={name: "x"})


def test_a_header_with_a_line_break_is_not_sent() -> None:
    with Site(page()) as site, pytest.raises(FetchFailed) as failure:
        CLIENT.fetch(site.url(), headers={"x-a": "1\r\nx-b: 2"})

    assert site.requests == []
    assert not failure.value.retryable


def test_no_log_line_holds_what_may_be_a_secret_in_an_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Site(page()) as site:
        CLIENT.fetch(site.url("/private/feed?key=s3cret"), headers={"authorization": "Bearer t0ken"})

    assert len(site.requests) == 1
    assert "s3cret" not in caplog.text
    assert "t0ken" not in caplog.text


def test_without_an_opened_network_the_loopback_is_closed() -> None:
    with Site(page(b"secret")) as site, pytest.raises(UnsafeAddress, match="this machine itself"):
        fetch(site.url())

    assert site.requests == []
