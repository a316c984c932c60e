"""HubSpot, by its official client. Where it is, is decided in one place; what its limits allow, its answers say."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from kairo.stages.revenue.contracts.deals import HubSpotAway, HubSpotMissing, HubSpotRefused
from kairo.stages.revenue.contracts.stages import DEFAULT_CURRENCY, PipelineStages
from kairo.stages.revenue.ports import FoundDeal, SearchFrom, Wait
from kairo.stages.revenue.rules.hubspot_facts import moment_of, stages_of_pipeline

# Search may be asked five times a second, and says nothing of it in its answers.
SEARCH_PAUSE_S = 0.25
LONGEST_WAIT_S = 15.0
TIMEOUT_S = (5.0, 30.0)
ATTEMPTS = 5
FIRST_PAUSE_S = 1.0
MODIFIED, OBJECT_ID = "hs_lastmodifieddate", "hs_object_id"


def hubspot_client(access_token: str) -> Any:
    """Make HubSpot's client; the one place that says which host it talks to.

    Raises:
        HubSpotMissing: the client is not installed.
    """
    try:
        from hubspot import HubSpot
        from urllib3.util.retry import Retry
    except ImportError as error:
        raise HubSpotMissing("Pulling from HubSpot needs its client: pip install 'kairo[hubspot]'.") from error
    # Waiting and asking again is decided here, where the limits are read.
    return HubSpot(access_token=access_token, host=settings.KAIRO_HUBSPOT_API_URL.rstrip("/"), retry=Retry(0))


@dataclass
class HubSpotDeals:
    """The deals of one portal."""

    client: Any
    wait: Wait
    currency: str = DEFAULT_CURRENCY
    waited_s: float = field(default=0.0)
    _owed_s: float = field(default=0.0)

    def search(self, start: SearchFrom, *, properties: Sequence[str]) -> list[FoundDeal]:
        """Return the next deals by their last change."""
        filters, sort = _asked(start)
        body = {
            "filterGroups": [{"filters": filters}] if filters else [],
            "sorts": [{"propertyName": sort, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": start.most,
        }
        search = self.client.crm.deals.search_api.do_search
        answer = self._answer(
            lambda: search(public_object_search_request=body, _preload_content=False, _request_timeout=TIMEOUT_S)
        )
        self._owed_s = max(self._owed_s, SEARCH_PAUSE_S)
        found = (_found(result) for result in answer.get("results", []))
        return [deal for deal in found if deal is not None]

    def pipelines(self) -> list[PipelineStages]:
        """Return the stages of all pipelines, with the probabilities of their metadata."""
        ask = self.client.crm.pipelines.pipelines_api.get_all
        answer = self._answer(lambda: ask("deals", _preload_content=False, _request_timeout=TIMEOUT_S))
        return [
            stages_of_pipeline(
                str(pipeline["id"]),
                [
                    (str(stage["id"]), stage.get("metadata") or {})
                    for stage in sorted(pipeline.get("stages", []), key=lambda stage: stage.get("displayOrder", 0))
                    if not stage.get("archived")
                ],
                currency=self.currency,
            )
            for pipeline in answer.get("results", [])
            if not pipeline.get("archived")
        ]

    def _answer(self, ask: Callable[[], Any]) -> dict[str, Any]:
        """Ask, as often as the limits and the server need, and return what was answered."""
        from hubspot.crm.deals.exceptions import OpenApiException
        from urllib3.exceptions import HTTPError

        pause = FIRST_PAUSE_S
        for attempt in range(1, ATTEMPTS + 1):
            self._pay()
            try:
                answer = ask()
            except (OpenApiException, HTTPError) as error:
                if attempt == ATTEMPTS:
                    raise HubSpotAway(
                        "HubSpot does not answer. What was read is kept; the next pull goes on."
                    ) from error
                self._owed_s = max(self._owed_s, _pause_after(error, pause))
                pause *= 2
                continue
            self._owed_s = max(self._owed_s, _pause_of(answer.headers))
            return _read(answer.data)
        raise HubSpotAway("HubSpot does not answer.")

    def _pay(self) -> None:
        if self._owed_s > 0:
            owed, self._owed_s = self._owed_s, 0.0
            self.waited_s += owed
            self.wait(owed)


def _asked(start: SearchFrom) -> tuple[list[dict[str, str]], str]:
    """Return the filters of a search, and by what its answer is sorted."""
    if start.at is None:
        return [], MODIFIED
    moment = str(round(start.at.timestamp() * 1000))
    if start.behind_id is None:
        return [{"propertyName": MODIFIED, "operator": "GTE", "value": moment}], MODIFIED
    return [
        {"propertyName": MODIFIED, "operator": "EQ", "value": moment},
        {"propertyName": OBJECT_ID, "operator": "GT", "value": str(start.behind_id)},
    ], OBJECT_ID


def _found(result: Mapping[str, Any]) -> FoundDeal | None:
    properties = {str(name): value for name, value in (result.get("properties") or {}).items()}
    modified_at = moment_of(properties.get(MODIFIED)) or moment_of(result.get("updatedAt"))
    if modified_at is None:
        return None
    return FoundDeal(deal_id=str(result["id"]), properties=properties, modified_at=modified_at)


def _pause_after(error: Exception, pause: float) -> float:
    """Return for how long to wait before the same is asked again.

    Raises:
        HubSpotRefused: asking again would not help.
        HubSpotAway: it would help, but not soon.
    """
    status = getattr(error, "status", None)
    if status in {401, 403}:
        raise HubSpotRefused(
            "HubSpot does not take the access token: it needs the scope crm.objects.deals.read. Connect again."
        ) from error
    if status == 429:
        headers = {name.lower(): value for name, value in dict(getattr(error, "headers", None) or {}).items()}
        wanted = _number(headers.get("retry-after")) or _interval(headers) or pause
        is_daily = '"DAILY"' in str(getattr(error, "body", ""))
        if is_daily or wanted > LONGEST_WAIT_S:
            raise HubSpotAway("HubSpot's limit is used up. What was read is kept; the next pull goes on.") from error
        return wanted
    if status is not None and 400 <= status < 500 and status != 408:
        raise HubSpotRefused(f"HubSpot refused the question with {status}.") from error
    return pause


def _pause_of(headers: Mapping[str, str]) -> float:
    """Return for how long to wait after an answer: until the interval is over, where no question is left in it."""
    given = {name.lower(): value for name, value in dict(headers).items()}
    remaining = _number(given.get("x-hubspot-ratelimit-remaining"))
    return min(_interval(given), LONGEST_WAIT_S) if remaining is not None and remaining < 1 else 0.0


def _interval(headers: Mapping[str, str]) -> float:
    return (_number(headers.get("x-hubspot-ratelimit-interval-milliseconds")) or 0.0) / 1000


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdecimal() else None


def _read(data: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(data)
    except ValueError as error:
        raise HubSpotAway("HubSpot's answer is no JSON.") from error
    if not isinstance(answer, dict):
        raise HubSpotAway("HubSpot's answer has another shape than it should have.")
    return answer
