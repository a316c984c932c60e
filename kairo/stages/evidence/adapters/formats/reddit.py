"""Reddit: submissions and comments as its own interface and archives write them, the web shape, and Apify's actor."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from kairo.stages.evidence.adapters.captured import captured_item, web_address
from kairo.stages.evidence.adapters.fields.dates import published
from kairo.stages.evidence.adapters.fields.numbers import count_of, signed_of
from kairo.stages.evidence.adapters.fields.shapes import is_true
from kairo.stages.evidence.adapters.fields.texts import optional_text, text_of, unescaped
from kairo.stages.evidence.contracts import CapturedItem, Counts, MediaType
from kairo.stages.evidence.ports import BadRecord, Record

_HOME = "https://www.reddit.com"
_IMAGE_HOSTS = ("i.redd.it", "i.imgur.com", "imgur.com", "i.reddituploads.com")
_GONE = frozenset({"[deleted]", "[removed]"})


class RedditPosts:
    """Submissions and comments with `created_utc`; the author counts as a field of the format where the file has it."""

    name = "reddit"
    label = "Reddit submissions and comments (JSON or CSV with created_utc)"
    format_has_author = True
    keep = (
        "id",
        "name",
        "author",
        "created_utc",
        "title",
        "selftext",
        "body",
        "permalink",
        "url",
        "subreddit",
        "score",
    )

    def recognises(self, record: Record) -> bool:
        if "created_utc" not in record:
            return False
        if "title" in record:
            return any(name in record for name in ("permalink", "num_comments", "selftext", "subreddit"))
        return "body" in record and ("link_id" in record or "parent_id" in record)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        is_comment = "title" not in record
        item_id = record.get("id") or optional_text(record, "name").partition("_")[2]
        # Submissions and comments count their ids apart from each other.
        return captured_item(
            record,
            platform="reddit",
            item_id=f"t1_{item_id}" if is_comment and isinstance(item_id, str) and item_id else item_id,
            published_at=published(record["created_utc"], "created_utc", received_at=received_at),
            keep=self.keep,
            title="" if is_comment else unescaped(text_of(record, "title")),
            body=_markdown(text_of(record, "body" if is_comment else "selftext")),
            url=_post_address(optional_text(record, "permalink")),
            author=optional_text(record, "author"),
            format_has_author="author" in record,
            media_type=_media_type(record, is_comment=is_comment),
            counts=Counts(likes=_shown_score(record), comments=count_of(record, "num_comments")),
        )


class RedditWebPosts:
    """The shape of scrapers of Reddit's pages."""

    name = "reddit_web"
    label = "Reddit posts as scraped from its pages (postId, publishingDate, postUpvotes)"
    format_has_author = True
    keep = ("postId", "title", "link", "publishingDate", "postUpvotes", "commentCount", "author")

    def recognises(self, record: Record) -> bool:
        return "postId" in record and "title" in record and ("publishingDate" in record or "postUpvotes" in record)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        link = optional_text(record, "link", "url")
        return captured_item(
            record,
            platform="reddit",
            item_id=text_of(record, "postId").removeprefix("t3_"),
            published_at=published(record.get("publishingDate"), "publishingDate", received_at=received_at),
            keep=self.keep,
            title=unescaped(text_of(record, "title")),
            body=_markdown(text_of(record, "text", "body", "content")),
            url=_post_address(link),
            author=optional_text(record, "author", "authorName").removeprefix("u/"),
            format_has_author="author" in record or "authorName" in record,
            media_type=MediaType.TEXT,
            counts=Counts(likes=_not_below_zero(record, "postUpvotes"), comments=count_of(record, "commentCount")),
        )


class ApifyRedditPosts:
    """Apify's Reddit actor: posts and comments in one list."""

    name = "apify_reddit"
    label = "Reddit posts and comments from Apify"
    format_has_author = True
    keep = (
        "id",
        "parsedId",
        "url",
        "username",
        "title",
        "body",
        "createdAt",
        "upVotes",
        "numberOfComments",
        "dataType",
    )

    def recognises(self, record: Record) -> bool:
        return "dataType" in record and ("parsedId" in record or "communityName" in record)

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        kind = optional_text(record, "dataType")
        if kind not in ("post", "comment"):
            raise BadRecord("not_a_post", "the record describes a community or a user, not a post")
        item_id = text_of(record, "id", "parsedId")
        return captured_item(
            record,
            platform="reddit",
            item_id=item_id.removeprefix("t3_") if kind == "post" else item_id,
            published_at=published(record.get("createdAt"), "createdAt", received_at=received_at),
            keep=self.keep,
            title=unescaped(text_of(record, "title")) if kind == "post" else "",
            body=_markdown(text_of(record, "body")),
            url=_post_address(optional_text(record, "url")),
            author=optional_text(record, "username"),
            media_type=MediaType.VIDEO if is_true(record.get("isVideo")) else MediaType.TEXT,
            counts=Counts(likes=_not_below_zero(record, "upVotes"), comments=count_of(record, "numberOfComments")),
        )


def _markdown(text: str) -> str:
    """Decode twice: the interface escapes what people wrote, and people write entities of their own."""
    return "" if text in _GONE else unescaped(unescaped(text))


def _post_address(permalink: str) -> str:
    """Return the one address of a post, whichever of Reddit's hosts the record names."""
    if permalink.startswith("/"):
        return f"{_HOME}{permalink}"
    try:
        parts = urlsplit(permalink)
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    is_reddit = host == "reddit.com" or host.endswith(".reddit.com")
    return f"{_HOME}{parts.path}" if is_reddit else web_address(permalink) or ""


def _shown_score(record: Record) -> int | None:
    return _not_below_zero(record, "score") if record.get("score") not in (None, "") else _not_below_zero(record, "ups")


def _not_below_zero(record: Record, name: str) -> int | None:
    """Return the score as Reddit shows it: a post that was voted down stands at 0."""
    score = signed_of(record, name)
    if score is not None and score < 0:
        return 0
    return count_of(record, name)


def _media_type(record: Record, *, is_comment: bool) -> MediaType:
    if is_comment or is_true(record.get("is_self")):
        return MediaType.TEXT
    domain = optional_text(record, "domain").lower()
    if is_true(record.get("is_gallery")):
        return MediaType.CAROUSEL
    if is_true(record.get("is_video")) or domain == "v.redd.it":
        return MediaType.VIDEO
    if domain in _IMAGE_HOSTS:
        return MediaType.IMAGE
    return MediaType.LINK if domain and not domain.startswith("self.") else MediaType.TEXT
