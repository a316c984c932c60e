"""A CRM in HubSpot's shape: deals that can be searched by last change, pipelines, limits, an index that lags.

It keeps what HubSpot documents: a search shows at most 10,000 results (`most_results`), sorts by one property, answers
429 with the policy's name when it is asked too often, and finds a changed deal only after a while. Its clock stands
still until somebody waits.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

from kairo.sandbox.ad_market.deals import Deal
from kairo.sandbox.ad_market.params import WON, Params
from kairo.sandbox.serving import serving

SEARCH, PIPELINES = "/crm/v3/objects/deals/search", "/crm/v3/pipelines/deals"
MOST_ON_A_PAGE = 200
TOKEN = "pat-na1-local"  # noqa: S105


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


@dataclass
class Portal:
    """What the server knows. `a_second` is how many searches it takes in one; `wait` moves its clock."""

    at: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)
    lag: timedelta = timedelta(0)
    most_results: int = 10_000
    a_second: int = 5
    daily: int | None = None
    searches: int = 0
    refused: int = 0
    broken: int = 0
    changed_between_pages: list[str] = field(default_factory=list)
    probabilities: dict[str, str] = field(default_factory=lambda: {"qualifiedtobuy": "0.4", "parked": "0.0"})
    deals: dict[str, dict[str, str]] = field(default_factory=dict)
    _indexed: dict[str, tuple[datetime, dict[str, str]]] = field(default_factory=dict)
    _asked_at: list[datetime] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, deal_id: int, *, at: datetime | None = None, **properties: str) -> None:
        """Make or change a deal."""
        changed_at = at or self.at
        before = self.deals.get(str(deal_id), {"createdate": changed_at.isoformat(), "dealstage": "qualifiedtobuy"})
        deal = {**before, **properties, "hs_object_id": str(deal_id), "hs_lastmodifieddate": changed_at.isoformat()}
        self.deals[str(deal_id)] = deal
        self._indexed[str(deal_id)] = (self.at + self.lag, deal)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)

    def take(self) -> str | None:
        """Count a search; return the name of the policy that it offends, if it does."""
        self._asked_at = [at for at in self._asked_at if self.at - at < timedelta(seconds=1)]
        if self.daily is not None and self.searches >= self.daily:
            return "DAILY"
        if len(self._asked_at) >= self.a_second:
            return "SECONDLY"
        self._asked_at.append(self.at)
        self.searches += 1
        return None

    def found(self, query: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer a search."""
        after = int(query.get("after") or 0)
        limit = int(query.get("limit") or 10)
        if limit > MOST_ON_A_PAGE or after + limit > self.most_results:
            return 400, {"status": "error", "category": "VALIDATION_ERROR", "message": "paging past 10,000"}
        groups = [group["filters"] for group in query.get("filterGroups", [])]
        shown = [deal for visible_at, deal in self._indexed.values() if visible_at <= self.at]
        matching = [deal for deal in shown if not groups or any(_fits(deal, filters) for filters in groups)]
        [sort] = query.get("sorts") or [{"propertyName": "hs_object_id"}]
        matching.sort(key=lambda deal: _value(deal, sort["propertyName"]))
        page = matching[after : after + limit]
        wanted = {*query.get("properties", []), "hs_lastmodifieddate", "hs_object_id", "createdate"}
        results = [
            {
                "id": deal["hs_object_id"],
                "properties": {name: deal.get(name) for name in wanted},
                "updatedAt": deal["hs_lastmodifieddate"],
            }
            for deal in page
        ]
        answer: dict[str, Any] = {"total": len(matching), "results": results}
        if after + limit < len(matching):
            answer["paging"] = {"next": {"after": str(after + limit)}}
        if self.changed_between_pages:
            self.put(int(self.changed_between_pages.pop()))
        return 200, answer

    def pipelines(self) -> dict[str, Any]:
        stages = [
            {"id": name, "label": name, "displayOrder": place, "metadata": {"probability": chance, "isClosed": "false"}}
            for place, (name, chance) in enumerate(self.probabilities.items())
        ]
        for name, chance in (("closedwon", "1.0"), ("closedlost", "0.0")):
            stages.append(
                {"id": name, "label": name, "displayOrder": 90, "metadata": {"probability": chance, "isClosed": "true"}}
            )
        return {"results": [{"id": "default", "label": "Sales", "stages": stages}]}


def portal_of(params: Params, *, at: datetime) -> Portal:
    """Return the CRM of a sandbox market, empty; `show` brings its deals in."""
    chances = {stage.name: str(0.2 * (place + 1)) for place, stage in enumerate(params.stages)}
    return Portal(at=at, probabilities=chances)


def show(portal: Portal, deal: Deal, *, until: datetime) -> None:
    """Bring a deal up to how it stands at a moment."""
    stage, at = deal.steps_until(until)[-1]
    is_closed = deal.steps[-1][0] == stage
    told = {
        "dealstage": stage, "pipeline": "default", "amount": f"{deal.amount:.2f}",
        "createdate": deal.created_at.isoformat(), "hs_is_closed": str(is_closed).lower(),
        "hs_is_closed_won": str(stage == WON).lower(),
    }  # fmt: skip
    if is_closed:
        told["closedate"] = at.isoformat()
    if deal.ad_id is not None:
        told["ad_id"] = deal.ad_id
    portal.put(deal.deal_id, at=at, **told)


def _value(deal: dict[str, str], name: str) -> float | str:
    text = deal.get(name, "")
    if name in {"hs_lastmodifieddate", "createdate"}:
        return _millis(datetime.fromisoformat(text))
    return int(text) if text.isdecimal() else text


def _fits(deal: dict[str, str], filters: list[dict[str, str]]) -> bool:
    for one in filters:
        found, wanted = _value(deal, one["propertyName"]), int(one["value"])
        assert not isinstance(found, str)
        if not {"GTE": found >= wanted, "GT": found > wanted, "EQ": found == wanted}[one["operator"]]:
            return False
    return True


@contextmanager
def hubspot_server(portal: Portal, *, port: int = 0) -> Iterator[str]:
    """Serve a portal for the block; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with portal.lock:
                self._answer(*self._searched(body))

        def do_GET(self) -> None:
            with portal.lock:
                self._answer(200, portal.pipelines(), {})

        def _searched(self, body: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                return 401, {"status": "error", "category": "INVALID_AUTHENTICATION"}, {}
            if portal.broken:
                portal.broken -= 1
                return 502, {"status": "error"}, {}
            policy = portal.take()
            if policy is not None:
                portal.refused += 1
                problem = {"status": "error", "errorType": "RATE_LIMIT", "policyName": policy}
                return 429, problem, {"X-HubSpot-RateLimit-Interval-Milliseconds": "1000"}
            return *portal.found(body), {"X-HubSpot-RateLimit-Remaining": "100"}

        def _answer(self, status: int, answer: dict[str, Any], headers: dict[str, str]) -> None:
            data = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with serving(Handler, port=port) as address:
        yield address
