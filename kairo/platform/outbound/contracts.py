"""The shapes of outgoing requests and webhooks: limits, answers, deliveries, and why an address is refused."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel, JsonValue

from kairo.errors import Conflict, Invalid, KairoError, NotFound, TooMany, Unauthenticated, Unavailable
from kairo.shapes import Frozen

DELIVER_WEBHOOK = "outbound.deliver"
ALL_EVENTS = "*"


class FetchError(KairoError):
    """A request to an address outside did not give a usable answer."""

    code = "fetch_failed"


class UnsafeAddress(FetchError, Invalid):
    """The address leads, or may lead, to somewhere that Kairo must not be sent to."""

    code = "unsafe_address"


class FetchTooLarge(FetchError):
    """The answer is larger than the stated bound, packed or unpacked."""

    code = "fetch_too_large"


class FetchTimedOut(FetchError):
    """The answer was not there, or not whole, in time."""

    code = "fetch_timed_out"
    retryable = True


class TooManyRedirects(FetchError):
    """The address leads from one address to the next without an end."""

    code = "too_many_redirects"


class FetchFailed(FetchError):
    """The host was not reached, or does not speak HTTP as it should."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class WrongCharset(FetchError):
    """The answer is not in the character set that it names."""

    code = "wrong_charset"


class TryLater(TooMany):
    """The host must be left alone for now; `retry_after_s` is a due time for whoever asks again, never a sleep."""

    code = "try_later"


class AskedOftenEnough(TryLater):
    """Kairo itself has asked the host as often as is polite; nothing is wrong with the host."""


class InvalidSignature(Unauthenticated):
    """A webhook was not signed with one of the given keys, or not lately."""

    code = "invalid_signature"


class WebhookKeyUnreadable(Unavailable):
    """The installation's secret key is not the one under which the endpoint's keys were made."""

    code = "webhook_key_unreadable"


class EndpointNotFound(NotFound):
    code = "webhook_endpoint_not_found"


class DeliveryNotFound(NotFound):
    code = "webhook_delivery_not_found"


class TooManyEndpoints(Conflict):
    code = "too_many_webhook_endpoints"


@dataclass(frozen=True)
class FetchLimits:
    """How much a request may cost. `max_bytes` holds for the body as it comes and again for the body unpacked.

    `max_seconds` is the whole request's, redirects and name lookups included. `max_expansion` is how many times
    larger a body may become when it is unpacked.
    """

    max_bytes: int = 10_000_000
    max_seconds: float = 30.0
    connect_s: float = 5.0
    read_s: float = 10.0
    max_redirects: int = 5
    max_expansion: int = 100


@dataclass(frozen=True)
class Fetched:
    """An answer, whatever its status. Header names are in lower case; `charset` is the declared one, as declared."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    final_url: str
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    def text(self, *, otherwise: str = "utf-8") -> str:
        """Return the body as text: by its byte order mark, else its declared character set, else as the other.

        Raises:
            WrongCharset: the body is not in that character set, or there is no such one.
        """
        charset = _marked_charset(self.body) or self.charset or otherwise
        try:
            name = codecs.lookup(charset).name
        except (LookupError, ValueError) as error:
            raise WrongCharset(f"The source names a character set that does not exist: {charset[:40]!r}.") from error
        if name not in _CHARSETS:
            raise WrongCharset(f"The source names {charset[:40]!r}, which no web page is written in.")
        try:
            return self.body.decode(name)
        except UnicodeDecodeError as error:
            raise WrongCharset(
                f"The source says that it is in {name}, but it is not (byte {error.start}). Ask its owner to mend it."
            ) from error


# What browsers read (encoding.spec.whatwg.org), by Python's names. Left out with the rest: utf-7, idna, unicode_escape
# and other codecs that turn innocent bytes into markup.
_CHARSETS = frozenset(
    {
        "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "ascii", "iso8859-1", "iso8859-2", "iso8859-3",
        "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9", "iso8859-10", "iso8859-11",
        "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp866", "cp874", "cp1250", "cp1251", "cp1252",
        "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "koi8-r", "koi8-u", "mac-roman",
        "mac-cyrillic", "gb2312", "gbk", "gb18030", "big5", "big5hkscs", "euc_jp", "shift_jis", "cp932",
        "iso2022_jp", "euc_kr", "cp949", "tis-620",
    }
)  # fmt: skip
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def _marked_charset(body: bytes) -> str | None:
    return next((charset for mark, charset in _MARKS if body.startswith(mark)), None)


class DeliveryState(StrEnum):
    """What became of a webhook: `failed` used up its attempts, `missed` was due for a day and was not sent."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    MISSED = "missed"


class KeyDTO(Frozen):
    """One of an endpoint's signing keys; the key itself is shown once, where it is made."""

    id: UUID
    fingerprint: str
    created_at: datetime
    retires_at: datetime | None = None


class EndpointDTO(Frozen):
    """Where a tenant's webhooks go; `events` are names, or the one entry "*" for all."""

    id: UUID
    url: str
    description: str
    events: list[str]
    is_active: bool
    keys: list[KeyDTO]
    created_at: datetime


class NewKey(Frozen):
    """An endpoint with a new signing key, whose text ("whsec_…") is shown this once."""

    endpoint: EndpointDTO
    secret: str


class DeliveryDTO(Frozen):
    """One event on its way to one endpoint; `message_id` is what the receiver sees as webhook-id."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    message_id: str
    event: str
    payload: JsonValue
    state: DeliveryState
    attempts: int
    next_at: datetime | None = None
    response_status: int | None = None
    error: str | None = None
    created_at: datetime
    finished_at: datetime | None = None


class Sweep(Frozen):
    """What a look after due deliveries found: those given up as missed, and those asked for again."""

    missed: int
    enqueued: int


class DeliverWebhook(Frozen):
    """The message that asks for one attempt at a delivery."""

    delivery_id: UUID


class Enqueue(Protocol):
    """Asks for background work as part of the caller's transaction, no earlier than `available_at`."""

    def __call__(
        self, kind: str, payload: BaseModel, *, dedupe_key: str | None = None, available_at: datetime | None = None
    ) -> object: ...
