"""Actors of Apify: places without an open interface, read for money by the official client.

The client is an extra of the installation and its requests go through the guard like all others. A run is started
once: its id is the cursor, so that a reading that is cut short goes on with the run that was paid for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from pydantic import JsonValue

from kairo.stages.evidence.adapters.live.answers import records_of
from kairo.stages.evidence.adapters.registry import known_formats
from kairo.stages.evidence.contracts import CapturedItem, SurfaceType, UnableToCapture
from kairo.stages.evidence.ports import BadPlace, BadRecord, Place, Record, SourceFormat, SourcePage, Web

if TYPE_CHECKING:
    from apify_client import ApifyClient

DEFAULT_API = "https://api.apify.com"
PAGE_RECORDS = 50
WAIT_STEP = timedelta(seconds=20)
_ACTOR_AND_INPUT = re.compile(r"([A-Za-z0-9._-]+[/~][A-Za-z0-9._-]+)(?:\s+(\{.*\}))?", re.DOTALL)
_NAME = re.compile(r"[@#]?([\w.-]{1,100})")
_ENDED_WELL = frozenset({"SUCCEEDED", "TIMED-OUT"})
_UNDER_WAY = frozenset({"READY", "RUNNING", "TIMING-OUT", "ABORTING"})


@dataclass(frozen=True)
class ActorLimits:
    """What one run may cost at most: records, money and time; the platform itself keeps to them."""

    max_items: int = 100
    max_charge_usd: Decimal = Decimal("0.50")
    max_time: timedelta = timedelta(minutes=5)


class AnyKnownFormat:
    """Records of whichever known shape each of them has."""

    name = "apify"
    label = "an actor's records"
    format_has_author = True

    def recognises(self, record: Record) -> bool:
        return any(known.recognises(record) for known in known_formats())

    def to_item(self, record: Record, *, received_at: datetime) -> CapturedItem:
        for known in known_formats():
            if known.recognises(record):
                return known.to_item(record, received_at=received_at)
        raise BadRecord("unknown_shape", "the actor's record has no shape that Kairo knows")


ActorInput = dict[str, JsonValue]


class ApifyActor:
    """One actor, given its input by the kind of place that is to be read."""

    newest_first = False
    is_paid = True
    format: SourceFormat = AnyKnownFormat()

    def __init__(
        self,
        platform: str,
        label: str,
        actor: str,
        inputs: Mapping[SurfaceType, tuple[str, Callable[[str, int], ActorInput]]],
        *,
        api: str = DEFAULT_API,
        token: str | None = None,
        limits: ActorLimits | None = None,
    ) -> None:
        self.platform = platform
        self.label = label
        self.keys: Mapping[SurfaceType, str] = {kind: example for kind, (example, _) in inputs.items()}
        self._actor = actor
        self._inputs = inputs
        self._api = api
        self._token = token
        self._limits = limits or ActorLimits()

    def check(self, place: Place) -> None:
        self._order(place)

    def read(self, place: Place, web: Web, *, cursor: str | None, marks: Mapping[str, str]) -> SourcePage:
        client = apify_client(web, token=self._token, api=self._api)
        step, _, rest = (cursor or "").partition(":")
        with _explained():
            if step == "run":
                return _awaited(client, rest)
            if step == "data":
                return _records(client, rest)
            if step == "ended":
                raise UnableToCapture(f"The actor {self._actor} did not finish its run: {rest}")
            return self._started(client, place)

    def _started(self, client: ApifyClient, place: Place) -> SourcePage:
        actor, given = self._order(place)
        run = client.actor(actor).start(
            run_input=given,
            max_items=self._limits.max_items,
            max_total_charge_usd=self._limits.max_charge_usd,
            run_timeout=self._limits.max_time,
        )
        return SourcePage(cursor=f"run:{run.id}")

    def _order(self, place: Place) -> tuple[str, ActorInput]:
        name = _NAME.fullmatch(place.key)
        if place.surface_type is not SurfaceType.SEARCH and name is None:
            raise BadPlace(f"write it like {self.keys[place.surface_type]}")
        _, make_input = self._inputs[place.surface_type]
        return self._actor, make_input(name[1] if name else place.key, self._limits.max_items)


class AnyActor(ApifyActor):
    """Whichever actor the key names, with its input as JSON behind it."""

    def __init__(self, *, api: str = DEFAULT_API, token: str | None = None, limits: ActorLimits | None = None) -> None:
        example = 'apify/instagram-scraper {"directUrls": ["https://www.instagram.com/acme/"]}'
        super().__init__(
            "apify", "Apify actors", "", {SurfaceType.LIST: (example, _no_input)}, api=api, token=token, limits=limits
        )

    def _order(self, place: Place) -> tuple[str, ActorInput]:
        written = _ACTOR_AND_INPUT.fullmatch(place.key)
        if written is None:
            raise BadPlace(f"name the actor and its input, like {self.keys[SurfaceType.LIST]}")
        try:
            given = json.loads(written[2] or "{}")
        except (ValueError, RecursionError) as error:
            raise BadPlace(f"the actor's input is not JSON: {error}") from error
        return written[1], given


def _no_input(_key: str, _most: int) -> ActorInput:
    return {}


def _awaited(client: ApifyClient, run_id: str) -> SourcePage:
    """Wait for the run for a moment; the service holds the request until then."""
    run = client.run(run_id).wait_for_finish(wait_duration=WAIT_STEP)
    if run is None:
        raise UnableToCapture(f"Apify knows no run {run_id} any more.")
    if run.status in _UNDER_WAY:
        return SourcePage(cursor=f"run:{run_id}")
    cost = None if run.usage_total_usd is None else Decimal(str(run.usage_total_usd))
    if run.status not in _ENDED_WELL:
        return SourcePage(
            cursor=f"ended:{run.status} ({(run.status_message or 'no reason given')[:200]})", cost_usd=cost
        )
    warnings = ["The actor ran out of time; what it had found was taken."] if run.status == "TIMED-OUT" else []
    return SourcePage(cursor=f"data:{run.default_dataset_id}:0", cost_usd=cost, warnings=warnings)


def _records(client: ApifyClient, place: str) -> SourcePage:
    dataset, _, offset = place.rpartition(":")
    page = client.dataset(dataset).list_items(offset=int(offset), limit=PAGE_RECORDS, clean=True)
    following = int(offset) + PAGE_RECORDS
    return SourcePage(
        records=records_of(page.items), cursor=f"data:{dataset}:{following}" if following < page.total else None
    )


def apify_client(web: Web, *, token: str | None, api: str) -> ApifyClient:
    """Return the official client on our network. Raises UnableToCapture where the extra or the token is missing."""
    try:
        from apify_client import ApifyClient

        from kairo.stages.evidence.adapters.live.apify_transport import GuardedApifyTransport
    except ImportError as error:
        raise UnableToCapture(
            "This surface is read by an actor of Apify, whose client is not installed. Install the extra: kairo[apify]."
        ) from error
    found = token or settings.APIFY_TOKEN
    if not found:
        raise UnableToCapture("This surface is read by an actor of Apify, which needs a token. Set APIFY_TOKEN.")
    return ApifyClient.with_custom_http_client(token=found, api_url=api, http_client=GuardedApifyTransport(web))


@contextmanager
def _explained() -> Iterator[None]:
    from apify_client.errors import ApifyApiError, ApifyClientError

    try:
        yield
    except ApifyApiError as error:
        may_pass = error.status_code >= 500 or error.status_code in (408, 429)
        raise UnableToCapture(
            f"Apify answered {error.status_code}: {(error.message or error.type or 'no reason given')[:300]}",
            retryable=may_pass,
        ) from error
    except (ApifyClientError, KeyError, ValueError) as error:
        # The client takes the form of its answers for granted.
        raise UnableToCapture("Apify answered with something that its client cannot read. Try again later.") from error


def actors() -> tuple[ApifyActor, ...]:
    """List the places that Kairo knows actors for, and the way to use any other actor."""
    return (
        ApifyActor(
            "instagram",
            "Instagram (by Apify)",
            "apify/instagram-scraper",
            {
                SurfaceType.PROFILE: ("acme", lambda name, most: _instagram(f"{name}/", most)),
                SurfaceType.HASHTAG: ("skincare", lambda tag, most: _instagram(f"explore/tags/{tag}/", most)),
            },
        ),
        ApifyActor(
            "tiktok",
            "TikTok (by Apify)",
            "clockworks/tiktok-scraper",
            {
                SurfaceType.PROFILE: ("acme", lambda name, most: {"profiles": [name], "resultsPerPage": most}),
                SurfaceType.HASHTAG: ("skincare", lambda tag, most: {"hashtags": [tag], "resultsPerPage": most}),
                SurfaceType.SEARCH: (
                    "calm skin routine",
                    lambda words, most: {"searchQueries": [words], "resultsPerPage": most},
                ),
            },
        ),
        AnyActor(),
    )


def _instagram(path: str, most: int) -> ActorInput:
    return {"directUrls": [f"https://www.instagram.com/{path}"], "resultsType": "posts", "resultsLimit": most}
