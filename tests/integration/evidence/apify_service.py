"""Apify's interface as a local server: a run that needs some looks to finish, and its data set."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.integration.evidence.open_services import json_page
from tests.integration.outbound.servers import Seen

RUN = "run1"
DATASET = "data1"


@dataclass
class ApifyService:
    """Answers as the service does; `started` holds the runs that were asked for: (actor, parameters, input)."""

    items: list[dict[str, object]]
    status: str = "SUCCEEDED"
    looks_until_done: int = 1
    cost_usd: float = 0.0421
    is_away: bool = False
    started: list[tuple[str, Mapping[str, str], object]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def __call__(self, seen: Seen, connection: socket.socket) -> None:
        url = urlsplit(seen.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.tokens.add(seen.headers.get("authorization", ""))
        connection.sendall(self._answer(seen, url.path.removeprefix("/v2/"), asked))

    def _answer(self, seen: Seen, path: str, asked: Mapping[str, str]) -> bytes:
        if seen.method == "POST" and path.startswith(("acts/", "actors/")):
            self.started.append((path.split("/")[1], asked, json.loads(seen.body)))
            return json_page({"data": _run("READY", None)}, status=201)
        if path == f"actor-runs/{RUN}":
            self.looks_until_done -= 1
            done = self.looks_until_done < 0
            return json_page({"data": _run(self.status, self.cost_usd) if done else _run("RUNNING", None)})
        if self.is_away:
            return json_page({"error": {"type": "internal", "message": "Try again"}}, status=502)
        if path == f"datasets/{DATASET}/items":
            first = int(asked.get("offset", 0))
            found = self.items[first : first + int(asked["limit"])]
            told = {
                "total": len(self.items),
                "offset": first,
                "count": len(found),
                "limit": asked["limit"],
                "desc": "false",
            }
            return json_page(found, headers={f"x-apify-pagination-{name}": str(value) for name, value in told.items()})
        return json_page({"error": {"type": "record-not-found", "message": f"No {path}"}}, status=404)


def _run(status: str, cost_usd: float | None) -> dict[str, object]:
    return {
        "id": RUN, "actId": "act1", "userId": "user1", "status": status, "startedAt": "2026-06-01T12:00:00.000Z",
        "statusMessage": "The page could not be opened" if status == "FAILED" else None,
        "meta": {"origin": "API"},
        "stats": {"inputBodyLen": 10, "restartCount": 0, "resurrectCount": 0, "computeUnits": 0.1},
        "options": {"build": "latest", "timeoutSecs": 300, "memoryMbytes": 1024, "diskMbytes": 2048},
        "buildId": "build1", "defaultKeyValueStoreId": "store1", "defaultDatasetId": DATASET,
        "defaultRequestQueueId": "queue1", "usageTotalUsd": cost_usd,
    }  # fmt: skip


def instagram_post(number: int) -> dict[str, object]:
    """Build one record of the actor for Instagram."""
    return {
        "inputUrl": "https://www.instagram.com/acme/",
        "id": str(number),
        "type": "Image",
        "shortCode": f"C{number}",
        "caption": f"Calm skin, day {number} #skincare",
        "hashtags": ["skincare"],
        "url": f"https://www.instagram.com/p/C{number}/",
        "commentsCount": number,
        "likesCount": 10 * number,
        "timestamp": "2026-05-30T10:00:00.000Z",
        "ownerUsername": "acme",
        "ownerId": "1",
    }
