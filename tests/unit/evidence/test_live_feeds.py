"""Feeds as they are in the wild, read from bytes; no network is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from kairo.platform.outbound.contracts import Fetched
from kairo.stages.evidence.adapters.live.feeds import FeedSource, canonical_link
from kairo.stages.evidence.contracts import CapturedItem, MediaType, SurfaceType, UnableToCapture
from kairo.stages.evidence.ports import BadRecord, Place

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADDRESS = "https://blog.example/feed.xml"


class OnePage:
    """A network on which every address holds the same bytes."""

    def __init__(self, body: bytes, headers: Mapping[str, str]) -> None:
        self._body = body
        self._headers = headers

    def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        charset = self._headers.get("content-type", "").partition("charset=")[2] or None
        return Fetched(200, self._headers, self._body, url, charset=charset)

    def send(
        self,
        url: str,
        *,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        max_seconds: float | None = None,
    ) -> Fetched:
        raise AssertionError("A feed is only read.")


def _read(body: str | bytes, content_type: str = "application/xml") -> list[CapturedItem]:
    web = OnePage(body.encode() if isinstance(body, str) else body, {"content-type": content_type})
    page = FeedSource().read(Place(SurfaceType.FEED, ADDRESS), web, cursor=None, marks={})
    return [FeedSource.format.to_item(record.fields, received_at=NOON) for record in page.records if record.fields]


def _rss(*items: str, head: str = "") -> str:
    written = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel><title>The Blog</title>{head}{written}</channel></rss>'


ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">
  <title>Notizen</title><author><name>Jana</name></author>
  <entry>
    <id>tag:notizen.example,2026:7</id><title>Sieben</title>
    <link rel="alternate" href="https://notizen.example/7"/><link rel="self" href="https://notizen.example/7.atom"/>
    <published>2026-05-30T23:30:00+02:00</published><updated>2026-05-31T08:00:00Z</updated>
    <content type="html">&lt;p&gt;Guten &amp;amp; Tag&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</content>
  </entry>
</feed>"""


def test_an_atom_entry_keeps_its_id_its_own_link_and_its_moment_in_utc() -> None:
    [item] = _read(ATOM)

    assert (item.platform, item.platform_item_id) == ("rss", "tag:notizen.example,2026:7")
    assert (item.url, item.author_ref, item.language) == ("https://notizen.example/7", "Jana", "de")
    assert item.published_at == datetime(2026, 5, 30, 21, 30, tzinfo=UTC)
    assert item.text_content.startswith("Sieben\nGuten & Tag")


@pytest.mark.parametrize(
    ("fields", "identity"),
    [
        ("<guid>https://blog.example/?p=1</guid><link>https://blog.example/one</link>", "https://blog.example/?p=1"),
        ('<guid isPermaLink="false">17</guid><link>https://blog.example/one</link>', "blog.example#17"),
        ("<link>https://Blog.example/one?utm_source=x&amp;a=1#top</link>", "https://blog.example/one?a=1"),
    ],
    ids=["an address", "a number", "none"],
)
def test_an_entry_is_known_by_what_is_unique_everywhere(fields: str, identity: str) -> None:
    [item] = _read(_rss(f"<title>One</title>{fields}"))
    assert item.platform_item_id == identity


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ana@blog.example (Ana Lee)", "Ana Lee"),
        ("Ana Lee", "Ana Lee"),
        ("ana@blog.example", "The Blog"),
        ("", "The Blog"),
    ],
)
def test_an_author_is_a_name_and_never_an_address_for_mail(written: str, name: str) -> None:
    [item] = _read(_rss(f"<guid>1</guid><title>One</title><author>{written}</author>"))
    assert item.author_ref == name


def test_an_entry_without_a_date_is_kept_undated() -> None:
    entries = ("<guid>1</guid><title>One</title>", "<guid>2</guid><title>Two</title><pubDate>someday</pubDate>")
    assert [item.published_at for item in _read(_rss(*entries))] == [None, None]


def test_a_feed_says_its_character_set_itself() -> None:
    written = '<?xml version="1.0" encoding="windows-1251"?>' + _rss("<guid>1</guid><title>Привет</title>")
    [item] = _read(written.encode("cp1251"))
    assert item.text_content == "Привет"


def test_a_film_is_a_video_and_an_article_a_link() -> None:
    film = '<guid>1</guid><title>One</title><enclosure url="https://x.example/1.mp4" type="video/mp4" length="9"/>'
    kinds = [item.media_type for item in _read(_rss(film, "<guid>2</guid><title>Two</title>"))]
    assert kinds == [MediaType.VIDEO, MediaType.LINK]


def test_an_entry_without_words_is_no_item() -> None:
    with pytest.raises(BadRecord, match="no title and no text"):
        _read(_rss("<guid>1</guid>"))


def test_a_file_of_this_machine_is_never_read() -> None:
    with pytest.raises(UnableToCapture):
        _read("/etc/passwd", "text/plain")
    external = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + _rss("<title>&x;</title><guid>1</guid>")
    with pytest.raises(UnableToCapture, match="entities of its own"):
        _read(external)


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("HTTPS://Blog.Example/A?utm_medium=x&b=2&fbclid=y#c", "https://blog.example/A?b=2"),
        ("https://blog.example/a?q=%D1%8F", "https://blog.example/a?q=%D1%8F"),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_a_link_loses_what_only_follows_readers(link: str, canonical: str) -> None:
    assert canonical_link(link) == canonical
