"""A sandbox account in the words of Meta's Graph: what each call answers, without any network.

It keeps what Meta documents: budgets in smallest units, four budget changes of an ad set an hour, a quota of calls an
hour with its usage headers, errors with code and subcode, pages with cursors. Its clock is the market's.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kairo.sandbox.ad_market.market import ACTIVE, AD, AD_SET, CAMPAIGN, HOUR, PAUSED, AdMarket, Entity, EntityMissing
from kairo.sandbox.ad_market.market import Figures as HourFigures

BUDGET_CHANGES_AN_HOUR = 4
READ_COST, WRITE_COST = 1, 3
MOST_ON_A_PAGE = 500
PAGE_ID = "700100200300"
BREAKDOWN = "hourly_stats_aggregated_by_advertiser_time_zone"
STATUSES = {ACTIVE, PAUSED, "ARCHIVED", "DELETED"}
_EDGES = {"campaigns": CAMPAIGN, "adsets": AD_SET, "ads": AD}
Headers = dict[str, str]


class GraphError(Exception):
    """What Meta says no with."""

    def __init__(self, code: int, message: str, *, subcode: int | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.subcode, self.status, self.message = code, subcode, status, message

    def body(self) -> dict[str, Any]:
        kind = "OAuthException" if self.code in {190, 200} or self.code >= 4 else "GraphMethodException"
        told: dict[str, Any] = {"message": self.message, "type": kind, "code": self.code, "fbtrace_id": "Asandbox"}
        if self.subcode is not None:
            told["error_subcode"] = self.subcode
            told["error_user_msg"] = self.message
        return {"error": told}


@dataclass
class GraphAccount:
    """One account as the Graph shows it. `quota` is how many points an hour allows: a read is one, a write three."""

    market: AdMarket
    token: str = "sandbox-token"  # noqa: S105
    quota: int = 5_000
    budget_changes: dict[str, list[datetime]] = field(default_factory=dict)
    calls: deque[tuple[datetime, int]] = field(default_factory=deque)

    @property
    def node(self) -> str:
        return f"act_{self.market.account_id}"

    def take(self, cost: int) -> None:
        """Count a call.

        Raises:
            GraphError: the hour's quota is used up.
        """
        now = self.market.now
        while self.calls and self.calls[0][0] <= now - HOUR:
            self.calls.popleft()
        if self.used() >= self.quota:
            raise GraphError(80_004, "There have been too many calls to this ad-account.", subcode=2_446_079)
        self.calls.append((now, cost))

    def used(self) -> int:
        return sum(cost for _, cost in self.calls)

    def usage_headers(self) -> Headers:
        """Return how much of the hour's quota is used, as Meta's headers tell it."""
        percent = min(round(100 * self.used() / self.quota), 100)
        wait_minutes = 0
        if percent >= 100 and self.calls:
            wait_minutes = max(round((self.calls[0][0] + HOUR - self.market.now) / timedelta(minutes=1)), 1)
        use = {
            "type": "ads_management", "call_count": percent, "total_cputime": percent // 2, "total_time": percent // 2,
            "estimated_time_to_regain_access": wait_minutes, "ads_api_access_tier": "standard_access",
        }  # fmt: skip
        account = {"acc_id_util_pct": float(percent), "reset_time_duration": wait_minutes * 60}
        return {
            "X-Business-Use-Case-Usage": json.dumps({self.market.account_id: [use]}),
            "X-Ad-Account-Usage": json.dumps(account),
            "X-App-Usage": json.dumps({"call_count": percent // 4, "total_time": 0, "total_cputime": 0}),
        }

    def get(self, path: Sequence[str], asked: Mapping[str, str]) -> dict[str, Any]:
        """Answer a question.

        Raises:
            GraphError: Meta would say no.
        """
        self.take(READ_COST)
        node, *edge = path
        if node != self.node:
            return self._shown(self._entity(node), _fields(asked))
        if not edge:
            return self._account(_fields(asked))
        if edge == ["insights"]:
            return _page(self._insights(asked), asked)
        if edge == ["promote_pages"]:
            return _page([{"id": PAGE_ID, "name": "Sandbox page"}], asked)
        if len(edge) == 1 and edge[0] in _EDGES:
            return _page(self._listed(_EDGES[edge[0]], asked), asked)
        raise _unsupported(node)

    def post(self, path: Sequence[str], sent: Mapping[str, str]) -> dict[str, Any]:
        """Carry out a change.

        Raises:
            GraphError: Meta would say no; nothing was changed.
        """
        self.take(WRITE_COST)
        node, *edge = path
        if node == self.node and len(edge) == 1 and edge[0] in _EDGES:
            return {"id": self._made(_EDGES[edge[0]], sent).entity_id}
        entity = self._entity(node)
        if edge:
            raise _unsupported(node)
        budget = self._budget(sent)
        status = _status(sent)
        if budget is not None:
            self._set_budget(entity, budget)
        if status is not None:
            entity.status = status
        if sent.get("bid_amount"):
            entity.bid = int(sent["bid_amount"])
        if sent.get("name"):
            entity.name = sent["name"]
        return {"success": True}

    def _set_budget(self, entity: Entity, budget: int) -> None:
        if entity.kind == AD:
            raise GraphError(100, "(#100) An ad has no budget.", subcode=1_885_183)
        now = self.market.now
        changed = [at for at in self.budget_changes.get(entity.entity_id, []) if at > now - HOUR]
        if len(changed) >= BUDGET_CHANGES_AN_HOUR:
            raise GraphError(
                613, "You can only change your ad set budget 4 times per hour. Please wait.", subcode=1_487_632
            )
        self.budget_changes[entity.entity_id] = [*changed, now]
        entity.daily_budget = budget

    def _budget(self, sent: Mapping[str, str]) -> int | None:
        text = sent.get("daily_budget")
        if text is None:
            return None
        if not text.isascii() or not text.isdecimal():
            raise GraphError(100, "(#100) Param daily_budget must be an integer in the currency's smallest unit.")
        budget, least = int(text), self.market.params.minimum_budget
        if budget < least:
            raise GraphError(100, f"Your budget is too low: it has to be at least {least}.", subcode=1_885_272)
        return budget

    def _made(self, kind: str, sent: Mapping[str, str]) -> Entity:
        if not sent.get("name"):
            raise GraphError(100, "(#100) The parameter name is required.")
        parent_field = {CAMPAIGN: None, AD_SET: "campaign_id", AD: "adset_id"}[kind]
        parent_id = None
        if parent_field is not None:
            parent_id = self._entity(sent.get(parent_field, "")).entity_id
        text, link = _words_of(sent.get("creative")) if kind == AD else ("", "")
        if kind == AD and not text:
            raise GraphError(100, "(#100) The parameter creative is required.")
        return self.market.make(
            kind, sent["name"], parent_id=parent_id, status=_status(sent) or PAUSED, daily_budget=self._budget(sent),
            text=text, link_url=link, audience=sent.get("audience"),
        )  # fmt: skip

    def _entity(self, entity_id: str) -> Entity:
        try:
            return self.market.entity(entity_id)
        except EntityMissing:
            raise _unsupported(entity_id) from None

    def _account(self, fields: Sequence[str]) -> dict[str, Any]:
        known = {
            "id": self.node, "account_id": self.market.account_id, "name": self.market.name, "account_status": 1,
            "currency": self.market.params.currency, "timezone_name": self.market.params.timezone,
        }  # fmt: skip
        return {name: known[name] for name in {"id", *fields} if name in known}

    def _listed(self, kind: str, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        found = [one for one in self.market.of_kind(kind) if one.status in {ACTIVE, PAUSED}]
        for condition in json.loads(asked.get("filtering") or "[]"):
            if condition.get("field") != "name" or condition.get("operator") not in {"EQUAL", "CONTAIN"}:
                raise GraphError(100, "(#100) The sandbox filters by name alone.")
            wanted, exact = condition["value"], condition["operator"] == "EQUAL"
            found = [one for one in found if (one.name == wanted if exact else wanted in one.name)]
        fields = _fields(asked)
        return [self._shown(one, fields) for one in found]

    def _shown(self, entity: Entity, fields: Sequence[str]) -> dict[str, Any]:
        known: dict[str, Any] = {
            "id": entity.entity_id, "name": entity.name, "status": entity.status, "configured_status": entity.status,
            "effective_status": entity.status, "account_id": self.market.account_id,
            "created_time": entity.created_at.isoformat(),
        }  # fmt: skip
        if entity.daily_budget is not None:
            known["daily_budget"] = str(entity.daily_budget)
        if entity.bid is not None:
            known["bid_amount"] = entity.bid
        if entity.kind == CAMPAIGN:
            known["objective"] = "OUTCOME_LEADS"
        above = entity
        while above.parent_id is not None:
            above = self.market.entity(above.parent_id)
            known[above.kind] = self._shown(above, ("id", "name", "status", "objective"))
            known[f"{above.kind}_id"] = above.entity_id
        return {name: known[name] for name in {"id", *fields} if name in known}

    def _insights(self, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        span = json.loads(asked.get("time_range") or "{}")
        if asked.get("level") != "ad" or not span:
            raise GraphError(100, "(#100) The sandbox reports level=ad over a time_range.")
        by_hour = BREAKDOWN in (asked.get("breakdowns") or "")
        zone, rows = ZoneInfo(self.market.params.timezone), dict[tuple[str, date, int], list[HourFigures]]()
        first, last = date.fromisoformat(span["since"]), date.fromisoformat(span["until"])
        begin = datetime.combine(first, time(), zone).astimezone(UTC)
        end = datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)
        for (ad_id, at), figures in self.market.figures.items():
            if begin <= at < end:
                local = at.astimezone(zone)
                rows.setdefault((ad_id, local.date(), local.hour if by_hour else 0), []).append(figures)
        return [self._row(key, rows[key], by_hour=by_hour) for key in sorted(rows)]

    def _row(self, key: tuple[str, date, int], hours: list[HourFigures], *, by_hour: bool) -> dict[str, Any]:
        ad_id, day, hour = key
        leads = sum(one.leads_seen for one in hours)
        row: dict[str, Any] = {
            "ad_id": ad_id, "ad_name": self.market.entity(ad_id).name, "date_start": str(day), "date_stop": str(day),
            "impressions": str(sum(one.impressions for one in hours)),
            "clicks": str(sum(one.clicks for one in hours)),
            "spend": f"{sum(one.spend for one in hours):.2f}", "account_currency": self.market.params.currency,
        }  # fmt: skip
        if int(row["clicks"]):
            row["inline_link_clicks"] = row["clicks"]
        if leads:
            row["actions"] = [{"action_type": "lead", "value": str(leads)}]
        if by_hour:
            row[BREAKDOWN] = f"{hour:02}:00:00 - {hour:02}:59:59"
        return row


def _fields(asked: Mapping[str, str]) -> list[str]:
    """Return the names of the fields that are asked for; what stands in braces behind one is left to us."""
    names, depth, name = [], 0, ""
    for letter in asked.get("fields", "") + ",":
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            names.append(name.split("{")[0].strip())
            name = ""
        else:
            name += letter
    return names


def _page(rows: list[dict[str, Any]], asked: Mapping[str, str]) -> dict[str, Any]:
    limit = min(int(asked.get("limit") or 25), MOST_ON_A_PAGE)
    start = int(base64.b64decode(asked["after"]).decode()) if asked.get("after") else 0
    page: dict[str, Any] = {"data": rows[start : start + limit]}
    if page["data"]:
        after = base64.b64encode(str(start + limit).encode()).decode()
        page["paging"] = {"cursors": {"before": base64.b64encode(str(start).encode()).decode(), "after": after}}
        if start + limit < len(rows):
            page["paging"]["next"] = f"https://graph.facebook.com/next?after={after}"
    return page


def _status(sent: Mapping[str, str]) -> str | None:
    status = sent.get("status")
    if status is not None and status not in STATUSES:
        raise GraphError(100, f"(#100) Param status must be one of {sorted(STATUSES)}.")
    return status


def _words_of(creative: str | None) -> tuple[str, str]:
    """Return a creative's words and where it leads."""
    try:
        link = json.loads(creative or "{}")["object_story_spec"]["link_data"]
    except (ValueError, KeyError, TypeError):
        return "", ""
    return f"{link.get('name', '')}\n{link.get('message', '')}".strip(), str(link.get("link", ""))


def _unsupported(node: str) -> GraphError:
    return GraphError(100, f"Unsupported request. Object with ID '{node}' does not exist.", subcode=33)
