"""Sandbox accounts over HTTP in the shape of Meta's Graph."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kairo.sandbox.ad_market.faults import Fault, Faults
from kairo.sandbox.ad_market.graph import GraphAccount, GraphError
from kairo.sandbox.serving import serving

Answer = tuple[int, dict[str, Any], dict[str, str]]


@dataclass
class MetaSite:
    """The accounts that a server shows. Each has its own token, market and clock."""

    accounts: list[GraphAccount]
    faults: Faults = field(default_factory=Faults)

    def answer(self, method: str, path: str, given: Mapping[str, str], token: str) -> Answer:
        """Answer one call, as Meta would."""
        known = [account for account in self.accounts if account.token == token]
        if not known:
            return 400, GraphError(190, "Invalid OAuth access token - Cannot parse access token").body(), {}
        parts = [part for part in path.split("/") if part]
        if len(parts) < 2 or not parts[0].startswith("v"):
            return 400, GraphError(2_500, "Unknown path components: name a version.").body(), {}
        account = self._whose(known, parts[1])
        with account.market.lock:
            try:
                told = account.get(parts[1:], given) if method == "GET" else account.post(parts[1:], given)
            except GraphError as error:
                return error.status, error.body(), account.usage_headers()
            return 200, told, account.usage_headers()

    def _whose(self, known: list[GraphAccount], node: str) -> GraphAccount:
        for account in known:
            if node == account.node or node in account.market.entities:
                return account
        return known[0]


@contextmanager
def meta_server(site: MetaSite, *, port: int = 0) -> Iterator[str]:
    """Serve the accounts for the block; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._take("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            told = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(told)
            if len(body) < told:
                # Whoever was sending it is gone: half a change is none.
                self.close_connection = True
                return
            self._take("POST", body.decode())

        def _take(self, method: str, sent: str) -> None:
            given = {name: values[-1] for name, values in parse_qs(sent, keep_blank_values=True).items()}
            query = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
            bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
            token = bearer or given.get("access_token") or query.get("access_token") or ""
            fault = site.faults.next(method)
            if fault is Fault.SLOW:
                time.sleep(site.faults.slow_s)
            if fault is Fault.THROTTLED:
                refused = GraphError(17, "User request limit reached", subcode=2_446_079)
                self._answer(400, refused.body(), {})
            elif fault is Fault.BROKEN:
                self._answer(500, GraphError(2, "Service temporarily unavailable", status=500).body(), {})
            elif fault is Fault.GATEWAY:
                self._send(502, b"<html><body>gateway error</body></html>", "text/html", {})
            else:
                told = site.answer(method, urlsplit(self.path).path, given, token)
                if fault is Fault.LOST:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self._answer(*told)

        def _answer(self, status: int, told: dict[str, Any], headers: dict[str, str]) -> None:
            self._send(status, json.dumps(told).encode(), "application/json", headers)

        def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Type": kind, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with serving(Handler, port=port) as address:
        yield address
