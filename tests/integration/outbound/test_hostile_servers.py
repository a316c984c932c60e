"""Servers that want something else than to be read: each ends with its reason, soon and in little memory."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from ipaddress import IPv4Address

import pytest

from kairo.platform.outbound.client import Client
from kairo.platform.outbound.contracts import (
    FetchError,
    FetchFailed,
    FetchLimits,
    FetchTimedOut,
    FetchTooLarge,
    TooManyRedirects,
    UnsafeAddress,
    WrongCharset,
)
from kairo.platform.outbound.resolving import SystemResolver
from tests.integration.outbound.servers import LOOPBACK, Seen, Site, moved, page
from tests.unit.outbound.resolvers import Answers

CLIENT = Client(policy=LOOPBACK)
SMALL = FetchLimits(max_bytes=100_000)
HASTY = FetchLimits(max_seconds=0.6, read_s=0.3)


def _slowly(data: bytes, *, every_s: float = 0.05) -> Callable[[Seen, socket.socket], None]:
    def drip(seen: Seen, connection: socket.socket) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(every_s)

    return drip


def _for_ever(head: bytes, piece: bytes) -> Callable[[Seen, socket.socket], None]:
    def flood(seen: Seen, connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return flood


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433:{port}/",
        "http://user@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/_",
        "//10.0.0.1/",
        "http://127.0.0.1:6379/",
        "http://inside.example:{port}/",
    ],
)
def test_a_redirect_into_a_closed_network_is_refused_at_the_hop(location: str) -> None:
    client = Client(policy=LOOPBACK, resolver=Answers(inside__example=[["127.0.0.2"]]))
    with Site(page(b"secret"), address="127.0.0.2") as inside, Site(moved(location.format(port=inside.port))) as site:
        with pytest.raises(UnsafeAddress):
            client.fetch(site.url())

        assert len(site.requests) == 1
        assert inside.requests == []


def test_a_name_that_changes_its_address_between_two_hops_is_refused_at_the_second() -> None:
    resolver = Answers(rebinding__example=[["127.0.0.1"], ["169.254.169.254"]])
    with Site(lambda seen, to: to.sendall(moved(site.url("/again", host="rebinding.example")))) as site:
        with pytest.raises(UnsafeAddress, match="link-local"):
            Client(policy=LOOPBACK, resolver=resolver).fetch(site.url(host="rebinding.example"))

        assert len(site.requests) == 1


def test_a_name_is_looked_up_once_a_hop_so_that_nothing_can_change_between_check_and_connection() -> None:
    resolver = Answers(rebinding__example=[["127.0.0.1"], ["127.0.0.2"]])
    with Site(page(b"public")) as site:
        fetched = Client(policy=LOOPBACK, resolver=resolver).fetch(site.url(host="rebinding.example"))

    assert fetched.body == b"public"
    assert resolver.asked == ["rebinding.example"]


def test_an_endless_redirect_ends_after_five() -> None:
    with Site(lambda seen, to: to.sendall(moved(seen.path + "x"))) as site:
        with pytest.raises(TooManyRedirects, match="more than 5"):
            CLIENT.fetch(site.url("/"))

        assert len(site.requests) == 6


def test_a_redirect_to_itself_ends() -> None:
    with Site(moved("/")) as site, pytest.raises(TooManyRedirects):
        CLIENT.fetch(site.url("/"))


@pytest.mark.parametrize(
    "answer",
    [
        _slowly(page(b"x" * 1000)),
        _slowly(b"HTTP/1.1 200 OK\r\nx-a: " + b"a" * 1000),
        _slowly(b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
        _slowly(page(b"", headers={"transfer-encoding": "chunked"}, length=False) + b"1;" + b"a" * 1000),
    ],
    ids=["body", "head", "interim answers", "chunk extension"],
)
def test_a_byte_now_and_then_does_not_keep_a_request_alive(answer: Callable[[Seen, socket.socket], None]) -> None:
    with Site(answer) as site:
        started = time.monotonic()
        with pytest.raises(FetchTimedOut, match="not complete after") as failure:
            CLIENT.fetch(site.url(), limits=HASTY)

    assert time.monotonic() - started < 1.5
    assert failure.value.retryable


def test_a_host_that_falls_silent_is_left() -> None:
    with Site(lambda seen, to: time.sleep(3)) as site:
        started = time.monotonic()
        with pytest.raises(FetchTimedOut, match="fell silent"):
            CLIENT.fetch(site.url(), limits=FetchLimits(max_seconds=10, read_s=0.2))

    assert time.monotonic() - started < 1.5


def test_slow_redirects_share_one_deadline() -> None:
    def later(seen: Seen, connection: socket.socket) -> None:
        time.sleep(0.25)
        connection.sendall(moved(seen.path + "x"))

    with Site(later) as site:
        started = time.monotonic()
        with pytest.raises(FetchTimedOut):
            CLIENT.fetch(site.url("/"), limits=HASTY)

    assert time.monotonic() - started < 1.5


def test_a_tls_handshake_that_never_ends_is_left() -> None:
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(FetchTimedOut):
        CLIENT.fetch(f"https://127.0.0.1:{mute.getsockname()[1]}/", limits=HASTY)

    assert time.monotonic() - started < 1.5


def test_a_receiver_that_does_not_read_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        started = time.monotonic()
        with pytest.raises(FetchTimedOut):
            CLIENT.fetch(url, method="POST", body=b"x" * 30_000_000, limits=HASTY)

    assert time.monotonic() - started < 1.5


def test_a_lookup_that_hangs_is_left() -> None:
    class Hanging(SystemResolver):
        def _look_up(self, host: str, answer: object) -> None:
            threading.Event().wait(3)
            self._free.release()

    started = time.monotonic()
    with pytest.raises(FetchTimedOut, match="is"):
        Client(policy=LOOPBACK, resolver=Hanging()).fetch("http://slow.example/", limits=HASTY)

    assert time.monotonic() - started < 1.5


CHUNKED = page(b"", headers={"transfer-encoding": "chunked"}, length=False)
TOO_LARGE = {
    "long body": page(b"x" * 200_000),
    "announced body": page(b"x", headers={"content-length": "999999999999"}, length=False),
    "endless body": _for_ever(page(b"", length=False), b"x" * 10_000),
    "endless chunks": _for_ever(CHUNKED, b"2710\r\n" + b"x" * 10_000 + b"\r\n"),
    "chunks of air": _for_ever(CHUNKED, b"1;" + b"a" * 9_000 + b"\r\nx\r\n"),
    "endless hints": _for_ever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100),
    "many headers": _for_ever(b"HTTP/1.1 200 OK\r\n", b"x-header: " + b"a" * 1_000 + b"\r\n"),
    "long when unpacked": page(gzip.compress(b" " * 500_000, mtime=0), headers={"content-encoding": "gzip"}),
    "long header": _for_ever(b"HTTP/1.1 200 OK\r\nx-one: ", b"a" * 10_000),
    "endless trailers": _for_ever(CHUNKED + b"0\r\n", b"x-a: b\r\n" * 100),
}


@pytest.mark.parametrize("answer", TOO_LARGE.values(), ids=TOO_LARGE)
def test_more_than_the_limit_is_refused(answer: bytes | Callable[[Seen, socket.socket], None]) -> None:
    with Site(answer) as site, pytest.raises(FetchTooLarge) as failure:
        CLIENT.fetch(site.url(), limits=SMALL)

    assert not failure.value.retryable


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(bytes(50_000_000), 9, mtime=0)),
        ("deflate", zlib.compress(bytes(50_000_000), 9)),
        ("gzip", gzip.compress(b"", mtime=0) * 100_000),
    ],
    ids=["gzip", "deflate", "many empty parts"],
)
def test_a_bomb_is_refused_in_little_memory(encoding: str, packed: bytes) -> None:
    with Site(page(packed, headers={"content-encoding": encoding})) as site:
        tracemalloc.start()
        try:
            with pytest.raises(FetchTooLarge):
                CLIENT.fetch(site.url())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 25_000_000


def test_a_small_page_may_expand_a_lot() -> None:
    with Site(page(gzip.compress(b" " * 900_000, mtime=0), headers={"content-encoding": "gzip"})) as site:
        assert len(CLIENT.fetch(site.url()).body) == 900_000


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (page(b"xx", headers={"content-encoding": "br"}), "packed as 'br'"),
        (page(b"xx", headers={"content-encoding": "zstd"}), "packed as 'zstd'"),
        (page(gzip.compress(b"x", mtime=0), headers={"content-encoding": "gzip, gzip"}), "packed as 'gzip, gzip'"),
        (page(b"not packed", headers={"content-encoding": "gzip"}), "damaged"),
        (page(b"not packed", headers={"content-encoding": "deflate"}), "damaged"),
        (page(gzip.compress(b"x" * 999, mtime=0)[:-9], headers={"content-encoding": "gzip"}), "cut short"),
        (page(b"short", headers={"content-length": "99"}, length=False), "speak HTTP"),
        (page(b"", headers={"transfer-encoding": "chunked"}, length=False) + b"zz\r\n", "speak HTTP"),
        (b"220 mail.example ESMTP\r\n", "speak HTTP"),
        (b"", "speak HTTP"),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nx-a: 1\r\n folded: \0\r\n\r\n", "speak HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc", "speak HTTP"),
    ],
)
def test_a_malformed_answer_is_refused_with_its_reason(answer: bytes, message: str) -> None:
    with Site(answer) as site, pytest.raises(FetchFailed, match=message):
        CLIENT.fetch(site.url())


def test_a_connection_that_is_torn_down_is_worth_another_try() -> None:
    def tear_down(seen: Seen, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
        time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with Site(tear_down) as site, pytest.raises(FetchFailed, match=r"connection to .* broke") as failure:
        CLIENT.fetch(site.url())

    assert failure.value.retryable


def test_a_host_that_does_not_speak_tls_is_said_to_break_the_connection() -> None:
    def greet(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"220 mail.example ESMTP\r\n")
            connection.recv(1_000)

    with socket.create_server(("127.0.0.1", 0)) as plain:
        threading.Thread(target=greet, args=(plain,), daemon=True).start()
        with pytest.raises(FetchFailed, match="connection to https://127"):
            CLIENT.fetch(f"https://127.0.0.1:{plain.getsockname()[1]}/")


def test_a_name_without_an_address_is_said_to_have_none() -> None:
    with pytest.raises(FetchFailed, match="has no address"):
        Client(policy=LOOPBACK, resolver=Answers(empty__example=[[]])).fetch("http://empty.example/")


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("text/html; charset=utf-8", b"Gr\xfc\xdfe", "says that it is in utf-8"),
        ("text/html", b"Gr\xfc\xdfe", "says that it is in utf-8"),
        ("text/html; charset=klingon", b"x", "does not exist"),
        ("text/html; charset=utf-7", b"+ADw-script+AD4-", "no web page"),
        ("text/html; charset=unicode_escape", b"\\u003cscript>", "no web page"),
        ("text/html; charset=rot13", b"x", "no web page"),
        ("text/html; charset=zip", b"x", "no web page"),
        ('text/html; charset="a\\0b"', b"x", "does not exist"),
    ],
)
def test_a_wrong_charset_is_refused_with_its_reason(content_type: str, body: bytes, message: str) -> None:
    with Site(page(body, headers={"content-type": content_type})) as site:
        fetched = CLIENT.fetch(site.url())

    with pytest.raises(WrongCharset, match=message):
        fetched.text()


def test_a_byte_order_mark_speaks_louder_than_the_header() -> None:
    with Site(page("\ufeffGrüße".encode(), headers={"content-type": "text/xml; charset=latin-1"})) as site:
        assert CLIENT.fetch(site.url()).text() == "Grüße"


def test_marks_that_could_not_be_sent_back_are_not_kept() -> None:
    with Site(page(headers={"etag": "x" * 5_000, "last-modified": "gestern\xe9"})) as site:
        fetched = CLIENT.fetch(site.url())

    assert (fetched.etag, fetched.last_modified) == (None, None)


def test_every_refusal_has_a_word_of_its_own() -> None:
    errors: list[type[FetchError]] = [
        UnsafeAddress,
        FetchTooLarge,
        FetchTimedOut,
        TooManyRedirects,
        FetchFailed,
        WrongCharset,
    ]

    assert len({error.code for error in errors}) == len(errors)


def test_the_systems_resolver_answers_and_says_when_it_cannot() -> None:
    assert IPv4Address("127.0.0.1") in SystemResolver().resolve("localhost", within_s=2)
    with pytest.raises(OSError, match="too long"):
        SystemResolver().resolve("a" * 70 + ".example", within_s=2)
