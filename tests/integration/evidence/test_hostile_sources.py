"""Sources that mean harm or are out of order, each a real server: refused with its reason, and the others go on."""

from __future__ import annotations

import gzip
import re
import socket
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.outbound.contracts import FetchLimits
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.contracts import CaptureStatus, SurfaceDTO
from tests.factories.brands import stored_brand
from tests.factories.surfaces import NOON, captured, entry, feed, loopback, stored_surface, surface_now
from tests.integration.outbound.servers import Seen, Site, moved, page

GOOD = feed([entry(0), entry(1)])
RSS = {"content-type": "application/rss+xml"}
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 if n > 1 else str()};" * 10}">'.encode() for n in range(1, 10))
    + b"]><rss version='2.0'><channel><item><guid>1</guid><title>&lol9;</title></item></channel></rss>"
)


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def _said(headers: Mapping[str, str] | None = None, body: bytes = GOOD) -> bytes:
    """Write an answer down that says of itself what the headers say."""
    told = RSS | dict(headers or {})
    return page(body, headers=told, length="content-length" not in told)


def _drip(_: Seen, connection: socket.socket) -> None:
    """Send one byte every tenth of a second, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.1)


def _endless(_: Seen, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\n\r\n<rss>")
    while True:
        connection.sendall(b"<item/>" * 10_000)


LATIN = "<rss><channel><title>Crème</title></channel></rss>".encode("latin-1")
HTML = b"<!doctype html><html><body>Hi</body></html>"
Hostile = bytes | Callable[[Seen, socket.socket], None]

# What it does, and what the surface says of it.
FOR_A_PERSON_TO_MEND: dict[str, tuple[Hostile, str]] = {
    "endless": (_endless, "larger than 5,000,000 bytes"),
    "announced as huge": (_said({"content-length": "99999999999"}), "larger than 5,000,000 bytes"),
    "redirects for ever": (moved("/feed.xml"), "redirects more than 5 times"),
    "redirects to a private address": (moved("http://10.0.0.1/feed"), "a private address"),
    "redirects to a cloud's secrets": (moved("http://169.254.169.254/latest/"), "a link-local address"),
    "redirects to a file": (moved("file:///etc/passwd"), "Only http:// and https://"),
    "broken XML": (_said(body=b"<rss><channel><item><title>no end"), "XML is broken"),
    "billion laughs": (_said(body=LAUGHS), "declares entities of its own"),
    "zip bomb": (_said({"content-encoding": "gzip"}, gzip.compress(b" " * 50_000_000)), "larger than|grows more than"),
    "packed strangely": (_said({"content-encoding": "br"}, b"\x1b\x00"), "which nobody asked for"),
    "packed and damaged": (_said({"content-encoding": "gzip"}, b"\x1f\x8bnot gzip"), "it is damaged"),
    "wrong charset": (_said({"content-type": "text/xml; charset=utf-8"}, LATIN), "it is in utf-8, but it is not"),
    "unknown charset": (_said({"content-type": "text/xml; charset=klingon"}), "character set that does not exist"),
    "a picture": (_said({"content-type": "image/png"}), "answers with image/png, not with a feed"),
    "longer than it says": (_said({"content-length": "60"}), "XML is broken|no feed"),
    "a web page": (_said({"content-type": "text/html"}, HTML), "leads to a web page, not to a feed"),
    "empty": (_said(body=b""), "is no feed"),
    "gone": (page(b"", status=410), "says that it is gone for good"),
    "closed": (page(b"", status=403), "does not let Kairo read this"),
}
MAY_PASS: dict[str, tuple[Hostile, str]] = {
    "shorter than it says": (_said({"content-length": str(len(GOOD) + 9)}), "does not speak HTTP|cut short|broke"),
    "out of order": (page(b"", status=500), "answered 500"),
    "overworked": (page(b"", status=503), "answered 503"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", "does not speak HTTP"),
    "silent": (b"", "does not speak HTTP|broke"),
}


@pytest.mark.parametrize("how", [*FOR_A_PERSON_TO_MEND, *MAY_PASS])
def test_a_hostile_feed_is_refused_with_its_reason_and_the_others_go_on(tenant: UUID, brand_id: UUID, how: str) -> None:
    answer, reason = (FOR_A_PERSON_TO_MEND | MAY_PASS)[how]
    with Site({"/feed.xml": answer}) as hostile, Site(page(GOOD, headers=RSS)) as good:
        bad = stored_surface(tenant, brand_id, hostile.url("/feed.xml"), cadence_minutes=60)
        fine = stored_surface(tenant, brand_id, good.url("/feed.xml"))
        reports = [captured(tenant, surface) for surface in (bad, fine)]

    assert [report.status for report in reports] == [CaptureStatus.FAILED, CaptureStatus.SUCCEEDED]
    assert (reports[0].new, reports[1].new) == (0, 2)
    wait = timedelta(minutes=2) if how in MAY_PASS else timedelta(minutes=120)
    _expect_refusal(tenant, bad, reason, wait=wait)


def _expect_refusal(tenant: UUID, surface: SurfaceDTO, reason: str, *, wait: timedelta) -> None:
    now = surface_now(tenant, surface)
    assert now.last_error is not None
    assert now.last_run is not None
    assert re.search(reason, now.last_error)
    assert now.last_run.error == now.last_error
    assert now.failure_count == 1
    assert now.last_captured_at is None
    assert now.next_due_at is not None
    assert now.next_due_at - NOON == wait


def test_a_feed_that_drips_is_given_up_in_time(tenant: UUID, brand_id: UUID) -> None:
    started = time.monotonic()
    with Site(_drip) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"))
        captured(tenant, surface, network=loopback(limits=FetchLimits(max_seconds=1.0)))

    assert time.monotonic() - started < 5
    _expect_refusal(tenant, surface, "not complete after 1 s", wait=timedelta(minutes=2))


def test_a_private_address_is_refused_by_the_configured_guard(tenant: UUID, brand_id: UUID) -> None:
    with Site(page(GOOD, headers=RSS)) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"))
        report = operations.capture_surface(tenant_id=tenant, surface_id=surface.id, at=NOON)

        assert site.requests == []
    assert report.status is CaptureStatus.FAILED
    assert "this machine itself" in str(report.error)


def test_a_hosts_own_wish_for_patience_is_kept(tenant: UUID, brand_id: UUID) -> None:
    with Site(page(b"", status=429, headers={"retry-after": "1800"})) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"), cadence_minutes=5)
        captured(tenant, surface)

    now = surface_now(tenant, surface)
    assert now.last_error is not None
    assert "answered 429" in now.last_error
    assert now.next_due_at is not None
    assert now.next_due_at - NOON >= timedelta(minutes=30)


def test_a_surface_that_keeps_failing_waits_longer_and_one_success_ends_that(tenant: UUID, brand_id: UUID) -> None:
    with Site(page(b"", status=500)) as site:
        surface = stored_surface(tenant, brand_id, site.url("/feed.xml"), cadence_minutes=60)
        waits = []
        for _ in range(3):
            captured(tenant, surface)
            waits.append((surface_now(tenant, surface).next_due_at or NOON) - NOON)
        site.answer = page(GOOD, headers=RSS)
        captured(tenant, surface)

    assert waits == [timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8)]
    now = surface_now(tenant, surface)
    assert (now.failure_count, now.last_error, now.next_due_at) == (0, None, NOON + timedelta(minutes=60))


def test_a_page_that_names_its_feed_says_where_that_is(tenant: UUID, brand_id: UUID) -> None:
    head = b'<html><head><link rel="alternate" type="application/rss+xml" href="/blog/feed.xml"></head></html>'
    with Site(page(head, headers={"content-type": "text/html"})) as site:
        surface = stored_surface(tenant, brand_id, site.url("/"))
        report = captured(tenant, surface)

        assert str(report.error).endswith(f"The page names one: {site.url('/blog/feed.xml')}")


def test_a_feed_with_a_flaw_is_read_with_a_warning(tenant: UUID, brand_id: UUID) -> None:
    flawed = GOOD.replace(b"Post 1", b"Post 1 & more").replace(b"</rss>", b"")
    with Site(page(flawed, headers=RSS)) as site:
        report = captured(tenant, stored_surface(tenant, brand_id, site.url("/feed.xml")))

    assert (report.status, report.new) == (CaptureStatus.SUCCEEDED, 2)
    assert "not well-formed" in report.warnings[0]


def test_an_entry_that_cannot_be_taken_is_kept_aside_with_its_reason(tenant: UUID, brand_id: UUID) -> None:
    entries = [entry(0), {"guid": "2", "link": "https://blog.example/2"}, entry(3, description="x" * 100_001)]
    with Site(page(feed(entries), headers=RSS)) as site:
        report = captured(tenant, stored_surface(tenant, brand_id, site.url("/feed.xml")))

    assert (report.new, report.rejected) == (1, 2)
    with tenant_transaction(tenant):
        kept = queries.rejections(report.capture_run_id, limit=10)
    assert [(reject.row, reject.code) for reject in kept] == [(2, "no_text"), (3, "text_too_long")]
