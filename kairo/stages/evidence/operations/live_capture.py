"""Reading one surface from its live source: page by page, each stored in one transaction with where it goes on.

Nothing here waits: a host that wants to be left alone, or fails, gives the surface a later due time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from kairo.errors import KairoError
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.outbound.client import Client, configured_client
from kairo.platform.outbound.contracts import AskedOftenEnough, FetchLimits
from kairo.platform.outbound.pacing import HostPace
from kairo.platform.outbound.polite import SOURCE_PACE
from kairo.stages.brands import queries as brands
from kairo.stages.evidence.adapters.fields.raw import excerpt
from kairo.stages.evidence.adapters.live.registry import live_sources
from kairo.stages.evidence.adapters.live.web import SOURCE_LIMITS, PoliteWeb
from kairo.stages.evidence.contracts import (
    CapturedItem,
    CaptureReport,
    CaptureStatus,
    NotLive,
    RejectedRecord,
    SurfaceNotFound,
    SurfaceType,
    UnableToCapture,
)
from kairo.stages.evidence.models import CaptureRun, Surface
from kairo.stages.evidence.operations.capturing import Capture, Found, Tally
from kairo.stages.evidence.operations.claiming import (
    Claim,
    claim_surface,
    end_run,
    keep_claim,
    note_failure,
    release_claim,
)
from kairo.stages.evidence.ports import BadPlace, BadRecord, LiveSource, Place, RawRecord, SourcePage
from kairo.stages.evidence.rules.backoff import after_success

MAX_PAGES = 10
"""A capture reads no further back; a surface that was never read starts with these."""
MAX_STEPS = 60
"""Pages and the steps in which a source waits for an outside service, together."""
MOST_WARNINGS = 10
DAILY_LIMIT_SETTING = "capture_daily_usd"
DAILY_LIMIT_USD = Decimal(5)
"""What an account's paid captures may cost within a day, the last one aside, unless the brand sets another limit."""

Told = Callable[[CaptureReport], None]

_SEEN_BEFORE = """
SELECT count(*) FROM (
  SELECT DISTINCT platform, platform_item_id FROM unnest(%(platform)s::text[], %(id)s::text[])
    AS page (platform, platform_item_id)
) page
WHERE EXISTS (
  SELECT 1 FROM evidence_item item
  JOIN evidence_sighting sighting ON sighting.tenant_id = item.tenant_id AND sighting.item_id = item.id
  JOIN capture_run run ON run.tenant_id = sighting.tenant_id AND run.id = sighting.capture_run_id
  WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.platform = page.platform
    AND item.platform_item_id = page.platform_item_id
    AND sighting.surface_id = %(surface)s AND run.status = %(succeeded)s
)
"""


@dataclass(frozen=True)
class Network:
    """How captures reach the network: the configured way, unless a test opens a network of its own."""

    client: Client = field(default_factory=configured_client)
    pace: HostPace = SOURCE_PACE
    limits: FetchLimits = SOURCE_LIMITS
    sources: Mapping[str, LiveSource] = field(default_factory=live_sources)
    chance: random.Random = field(default_factory=random.SystemRandom)


def capture_surface(
    *,
    tenant_id: UUID,
    surface_id: UUID,
    at: datetime,
    by: UUID | None = None,
    told: Told | None = None,
    network: Network | None = None,
) -> CaptureReport:
    """Read a surface: what is new is stored, what is known is sighted again, what cannot be taken is kept aside.

    A source that fails, or asks for patience, leaves its error and the next due time on the surface, and the report
    says so; nothing is raised for it. `by` is the job that reads; `told` hears of each page, and what it raises ends
    the reading there. To be called outside any transaction.

    Raises:
        SurfaceNotFound: not there, or somebody else's.
        NotLive: nothing can read the surface.
        CaptureUnderWay: another reads it at this moment.
    """
    using = network or Network()
    with tenant_transaction(tenant_id):
        source = source_of(surface_id, using.sources)
        claim = claim_surface(surface_id, by=by or new_id(), format_name=source.format.name, at=at)
    reading = _Reading(tenant_id, claim, source, using, at)
    if source.is_paid and claim.surface.cursor is None and (refusal := reading.over_the_days_limit()):
        return reading.failed(refusal)
    for _ in range(MAX_STEPS):
        try:
            page = reading.next_page()
        except BadPlace as error:
            return reading.failed(NotLive(f"The surface's key cannot be used: {error.reason}."))
        except AskedOftenEnough as later:
            return reading.put_off(later.retry_after_s)
        except KairoError as error:
            return reading.failed(error)
        is_last = reading.store(page)
        if told is not None:
            told(reading.report())
        if is_last:
            return reading.succeeded()
    endless = f"The source did not come to an end within {MAX_STEPS} steps."
    return reading.failed(UnableToCapture(endless, retryable=True))


def source_of(surface_id: UUID, sources: Mapping[str, LiveSource]) -> LiveSource:
    """Return what reads a surface, within the caller's transaction.

    Raises:
        SurfaceNotFound: not there, or somebody else's.
        NotLive: nothing can read it.
    """
    row = Surface.objects.filter(id=surface_id).first()
    if row is None:
        raise SurfaceNotFound("There is no such surface.")
    source = sources.get(row.platform)
    if source is None or row.surface_type not in source.keys:
        raise NotLive(
            f"Nothing reads {row.surface_type} surfaces of {row.platform}: they get their posts by imports."
            f" Read are {', '.join(sorted(sources))}."
        )
    return source


@dataclass
class _Reading:
    """One claimed surface while it is read."""

    tenant_id: UUID
    claim: Claim
    source: LiveSource
    network: Network
    at: datetime
    unchanged: bool = False

    def __post_init__(self) -> None:
        surface = self.claim.surface
        self._capture = Capture(tenant_id=self.tenant_id, run=self.claim.run, at=self.at)
        self._place = Place(surface_type=SurfaceType(surface.surface_type), key=surface.surface_key)
        self._web = PoliteWeb(
            at=self.at,
            attempt=surface.failure_count + 1,
            client=self.network.client,
            pace=self.network.pace,
            limits=self.network.limits,
        )

    def over_the_days_limit(self) -> KairoError | None:
        """Return why no paid reading may begin: what the last day's have cost leaves nothing."""
        with tenant_transaction(self.tenant_id):
            settings = brands.brand_settings(self.claim.surface.brand_id)
            limit = Decimal(str(settings.get(DAILY_LIMIT_SETTING, DAILY_LIMIT_USD)))
            lately = CaptureRun.objects.filter(started_at__gt=self.at - timedelta(days=1), cost_usd__isnull=False)
            spent = lately.aggregate(total=Sum("cost_usd"))["total"] or Decimal(0)
        if spent < limit:
            return None
        return UnableToCapture(
            f"Paid captures have cost ${spent:.2f} within a day, and the limit is ${limit:.2f}. Wait, or raise the"
            f" brand's setting {DAILY_LIMIT_SETTING}.",
            retryable=True,
        )

    def next_page(self) -> SourcePage:
        """Read the page where the reading stands; talks to the network, outside any transaction."""
        surface = self.claim.surface
        return self.source.read(self._place, self._web, cursor=surface.cursor or None, marks=surface.marks)

    def store(self, page: SourcePage) -> bool:
        """Store a page with where the reading goes on, and say whether it was the last."""
        run = self.claim.run
        found = [self._translated(record, place) for place, record in enumerate(page.records, self._tally.read + 1)]
        items = [record for record in found if isinstance(record, CapturedItem)]
        with tenant_transaction(self.tenant_id):
            was_seen = bool(items) and self.source.newest_first and self._all_seen_before(items)
            self._capture.store_page(found)
            run.page_count += bool(page.records)
            run.warnings = [*run.warnings, *page.warnings][:MOST_WARNINGS]
            is_last = not page.cursor or was_seen or run.page_count >= MAX_PAGES
            if run.page_count >= MAX_PAGES and page.cursor and not was_seen:
                run.warnings = [*run.warnings, f"Older posts than those of {MAX_PAGES} pages were left out."]
            if page.cost_usd is not None:
                run.cost_usd = (run.cost_usd or 0) + page.cost_usd
            run.save(update_fields=["page_count", "warnings", "cost_usd"])
            marks = self.claim.surface.marks if page.marks is None else dict(page.marks)
            keep_claim(self.claim, cursor=None if is_last else page.cursor, marks=marks)
        self.unchanged = page.unchanged
        return is_last

    def succeeded(self) -> CaptureReport:
        """End the run, and give the surface back until its cadence comes round."""
        surface = self.claim.surface
        next_due_at = after_success(self.at, cadence_minutes=surface.cadence_minutes, luck=self._luck())
        with tenant_transaction(self.tenant_id):
            end_run(self.claim.run, CaptureStatus.SUCCEEDED, at=self.at)
            release_claim(
                self.claim, failure_count=0, last_error=None, last_captured_at=self.at, next_due_at=next_due_at
            )
        return self.report()

    def failed(self, error: KairoError) -> CaptureReport:
        """End the run with its error, and have the surface wait longer the more often it has failed."""
        # What was paid for is not paid for again: the next reading goes on with it.
        goes_on_at = self.claim.surface.cursor if self.source.is_paid and error.retryable else None
        with tenant_transaction(self.tenant_id):
            note_failure(self.claim, error, at=self.at, luck=self._luck(), goes_on_at=goes_on_at)
        return self.report()

    def put_off(self, wait_s: int) -> CaptureReport:
        """Leave the run open, to go on where it stands when the host may be asked again."""
        next_due_at = self.at + timedelta(seconds=wait_s)
        with tenant_transaction(self.tenant_id):
            release_claim(self.claim, cursor=self.claim.surface.cursor or "", next_due_at=next_due_at)
        return self.report()

    def report(self) -> CaptureReport:
        """Say how far the reading is."""
        surface, run, tally = self.claim.surface, self.claim.run, self._tally
        return CaptureReport(
            surface_id=surface.id,
            platform=surface.platform,
            surface_key=surface.surface_key,
            capture_run_id=run.id,
            status=CaptureStatus(run.status),
            read=tally.read,
            new=tally.new,
            known=tally.items - tally.new,
            rejected=tally.rejected,
            pages=run.page_count,
            unchanged=self.unchanged,
            error=run.error,
            warnings=run.warnings,
            cost_usd=run.cost_usd,
            next_due_at=surface.next_due_at,
        )

    @property
    def _tally(self) -> Tally:
        return self._capture.tally

    def _luck(self) -> float:
        return self.network.chance.random()

    def _translated(self, record: RawRecord, row: int) -> Found:
        if record.fields is None:
            error = record.error or RejectedRecord(row, "unreadable", "the record could not be read")
            return replace(error, row=row)
        try:
            return self.source.format.to_item(record.fields, received_at=self.at)
        except BadRecord as error:
            return RejectedRecord(row, error.code, error.reason, excerpt(record.fields))

    def _all_seen_before(self, items: Sequence[CapturedItem]) -> bool:
        """Whether a complete reading of this surface has seen every post of the page; one that failed left a gap."""
        named = {(item.platform, item.platform_item_id) for item in items}
        [[seen]] = rows(
            _SEEN_BEFORE,
            {
                "tenant": self.tenant_id,
                "surface": self.claim.surface.id,
                "succeeded": CaptureStatus.SUCCEEDED.value,
                "platform": [platform for platform, _ in named],
                "id": [item_id for _, item_id in named],
            },
        )
        return int(seen) == len(named)
