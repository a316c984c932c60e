"""The network as live sources see it: guarded, bounded, at each host's pace, and never waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kairo.platform.outbound.client import Client, configured_client
from kairo.platform.outbound.contracts import Fetched, FetchLimits
from kairo.platform.outbound.pacing import HostPace
from kairo.platform.outbound.polite import SOURCE_PACE, fetch_politely

SOURCE_LIMITS = FetchLimits(max_bytes=5_000_000, max_seconds=30.0)
"""The largest feeds in the wild stay below two megabytes."""


@dataclass(frozen=True)
class PoliteWeb:
    """Asks hosts for pages on behalf of one capture; `attempt` counts from 1 how often its surface has failed."""

    at: datetime
    attempt: int = 1
    client: Client = field(default_factory=configured_client)
    pace: HostPace = SOURCE_PACE
    limits: FetchLimits = SOURCE_LIMITS

    def get(self, url: str, *, etag: str | None = None, last_modified: str | None = None) -> Fetched:
        """Ask for a page; see the port."""
        return fetch_politely(
            url,
            at=self.at,
            attempt=self.attempt,
            etag=etag,
            last_modified=last_modified,
            limits=self.limits,
            client=self.client,
            pace=self.pace,
        )

    def send(
        self,
        url: str,
        *,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        max_seconds: float | None = None,
    ) -> Fetched:
        """Make a request that carries something; see the port."""
        limits = (
            self.limits
            if max_seconds is None
            else FetchLimits(max_bytes=self.limits.max_bytes, max_seconds=max_seconds, read_s=max_seconds)
        )
        return self.client.fetch(url, method=method, headers=headers, body=body, limits=limits)
