"""Surfaces that are listened to, and feeds in the wild's own words."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.outbound.client import Client
from kairo.platform.outbound.contracts import FetchLimits
from kairo.platform.outbound.pacing import HostPace
from kairo.stages.evidence import operations, queries
from kairo.stages.evidence.adapters.live.registry import live_sources
from kairo.stages.evidence.adapters.live.web import SOURCE_LIMITS
from kairo.stages.evidence.contracts import CaptureReport, SurfaceDraft, SurfaceDTO, SurfaceType
from kairo.stages.evidence.operations.live_capture import Network
from kairo.stages.evidence.ports import LiveSource
from tests.factories.posts import VOICES
from tests.integration.outbound.servers import LOOPBACK

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Steady(random.Random):
    """Chance that never adds anything, so that due times can be written down."""

    def random(self) -> float:
        return 0.0


def loopback(*sources: LiveSource, pace: HostPace | None = None, limits: FetchLimits = SOURCE_LIMITS) -> Network:
    """Open the loopback, unhurried; `sources` stand in for the public services of the same platform."""
    known = dict(live_sources()) | {source.platform: source for source in sources}
    return Network(
        client=Client(policy=LOOPBACK),
        pace=pace or HostPace(per_second=1000, burst=1000),
        limits=limits,
        sources=known,
        chance=Steady(),
    )


def stored_surface(tenant_id: UUID, brand_id: UUID, key: str, **changes: object) -> SurfaceDTO:
    """Store a surface; a feed, unless it says otherwise."""
    fields: dict[str, object] = {"platform": "rss", "surface_type": SurfaceType.FEED, "surface_key": key}
    with tenant_transaction(tenant_id):
        return operations.add_surface(brand_id=brand_id, draft=SurfaceDraft.model_validate(fields | changes))


def surface_now(tenant_id: UUID, surface: SurfaceDTO) -> SurfaceDTO:
    """Read a surface again."""
    with tenant_transaction(tenant_id):
        return queries.surface(surface.brand_id, surface.id)


def captured(
    tenant_id: UUID, surface: SurfaceDTO, *sources: LiveSource, at: datetime = NOON, network: Network | None = None
) -> CaptureReport:
    """Read a surface over the loopback."""
    return operations.capture_surface(
        tenant_id=tenant_id, surface_id=surface.id, at=at, network=network or loopback(*sources)
    )


def entry(number: int, *, at: datetime = NOON, **changes: str) -> dict[str, str]:
    """Build one entry of a feed, an hour older for each number."""
    return {
        "guid": f"https://blog.example/posts/{number}",
        "link": f"https://blog.example/posts/{number}?utm_source=rss",
        "title": f"Post {number}",
        "description": f"<p>{VOICES[number % len(VOICES)]}</p>",
        "pubDate": format_datetime(at - timedelta(hours=number + 1)),
        "author": f"person{number}@blog.example (Person {number})",
        "category": "skincare",
    } | changes


def feed(entries: Iterable[Mapping[str, str]], *, title: str = "The Blog") -> bytes:
    """Write a feed down as RSS."""
    items = "".join(
        f"<item>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in each.items())}</item>"
        for each in entries
    )
    channel = f"<title>{escape(title)}</title><link>https://blog.example/</link><language>en</language>{items}"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{channel}</channel></rss>'.encode()
