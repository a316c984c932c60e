"""From an invented market's posts to approved variants, in a tenant that is made for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from kairo.errors import KairoError
from kairo.interfaces.cli.brands import store_brand
from kairo.interfaces.cli.demo import BRAND_FILE
from kairo.interfaces.cli.opportunities import await_job
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobDTO, JobState
from kairo.platform.jobs.runner import run_job_by_id
from kairo.platform.tenancy.lookups import tenants
from kairo.sandbox.market import Market, load_subject
from kairo.sandbox.market.post import MarketPost
from kairo.stages.brands.operations import read_brand_file
from kairo.stages.content import operations as content
from kairo.stages.content import queries as content_queries
from kairo.stages.content.contracts import VariantDTO
from kairo.stages.evidence import operations as evidence
from kairo.stages.insights import operations as insights
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities import queries as opportunity_queries
from kairo.stages.opportunities.contracts import DecisionRequestDTO, DecisionType, Generator, TodayBoardDTO

SUBJECT = "houseplants"
PERSON = "simulated editor"
LOOK_BACK_DAYS = 30


@dataclass
class Desk:
    """A brand's editors in the simulation: they bring posts in, look at boards and approve the best of them."""

    tenant_id: UUID
    tenant_slug: str
    brand_id: UUID
    posts: Iterator[MarketPost]
    used: set[UUID] = field(default_factory=set)
    _held: MarketPost | None = None

    @classmethod
    def opened(cls, *, seed: int, start: datetime, days: int, posts_per_day: float) -> Desk:
        """Make a tenant of its own with the demo's brand, and an invented market whose posts will come in."""
        file = read_brand_file(BRAND_FILE)
        slug = free_slug(f"loop-{seed}")
        brand = file.brand.model_copy(update={"slug": slug})
        made = store_brand(file.model_copy(update={"tenant": slug, "brand": brand}), is_synthetic=True)
        tenant_id = next(tenant.id for tenant in tenants() if tenant.slug == slug)
        first = start - timedelta(days=LOOK_BACK_DAYS)
        market = Market(
            seed=seed,
            start=first,
            days=days + LOOK_BACK_DAYS,
            posts_per_day=posts_per_day,
            subject=load_subject(SUBJECT),
        )
        posts = iter(sorted(market.posts(), key=lambda post: post.published_at))
        return cls(tenant_id, slug, made.brand.id, posts)

    def bring_in(self, until: datetime) -> int:
        """Import the posts that were published by a moment, and put them into clusters; return how many."""
        due = list(self._due(until))
        with TemporaryDirectory() as folder:
            for platform in sorted({post.platform.value for post in due}):
                path = Path(folder, f"{platform}-{until:%Y%m%d}.jsonl")
                lines = [json.dumps(post.to_apify()) for post in due if post.platform.value == platform]
                path.write_text("\n".join(lines) + "\n", encoding="utf-8")
                evidence.import_file(tenant_id=self.tenant_id, brand_id=self.brand_id, path=path, at=until)
        evidence.normalise_pending(tenant_id=self.tenant_id, at=until)
        insights.aggregate(tenant_id=self.tenant_id)
        insights.score(tenant_id=self.tenant_id, at=until)
        return len(due)

    def board(self, at: datetime) -> TodayBoardDTO:
        """Have a board made as of a moment."""
        with tenant_transaction(self.tenant_id):
            asked = opportunities.regenerate(brand_id=self.brand_id, as_of=at, generator=Generator.EXTRACTIVE)
        _work(self.tenant_id, asked.job_id)
        with tenant_transaction(self.tenant_id):
            return opportunity_queries.look_at_today(self.brand_id, at=at).to_contract()

    def approved(self, board: TodayBoardDTO, *, most: int, at: datetime) -> list[VariantDTO]:
        """Approve one variant of each of the best opportunities that have no package yet."""
        found: list[VariantDTO] = []
        for opportunity in board.opportunities:
            if len(found) >= most:
                break
            if opportunity.id in self.used:
                continue
            self.used.add(opportunity.id)
            variants = self._variants(opportunity.id, at=at)
            found += [variant for variant in variants[:1] if self._approve(variant, at=at)]
        return found

    def _due(self, until: datetime) -> Iterator[MarketPost]:
        while True:
            post = self._held or next(self.posts, None)
            self._held = None
            if post is None:
                return
            if post.published_at > until:
                self._held = post
                return
            yield post

    def _variants(self, opportunity_id: UUID, *, at: datetime) -> list[VariantDTO]:
        with tenant_transaction(self.tenant_id):
            asked = content.request_package(brand_id=self.brand_id, opportunity_id=opportunity_id, at=at)
        if asked.job is not None and _work(self.tenant_id, asked.job.id).state is not JobState.SUCCEEDED:
            return []
        with tenant_transaction(self.tenant_id):
            package = content_queries.package_of(opportunity_id)
            if package is None:
                return []
            job = content.request_variants(package_id=package.id, generator=Generator.EXTRACTIVE)
        _work(self.tenant_id, job.id)
        with tenant_transaction(self.tenant_id):
            return content_queries.variants(package.id).variants

    def _approve(self, variant: VariantDTO, *, at: datetime) -> bool:
        request = DecisionRequestDTO(decision_type=DecisionType.APPROVE)
        try:
            with tenant_transaction(self.tenant_id):
                content.decide_on_variant(variant_id=variant.id, request=request, by=PERSON, at=at)
        except KairoError:
            # A text that policy does not let out is passed over, as an editor would.
            return False
        return True


def _work(tenant_id: UUID, job_id: UUID) -> JobDTO:
    """Work on a job here at once; where a worker was faster, wait for it."""
    run_job_by_id(job_id)
    return await_job(tenant_id, job_id)


def free_slug(wanted: str) -> str:
    """Return a slug that no tenant has: the one wanted, else with a number."""
    taken = {tenant.slug for tenant in tenants()}
    place, slug = 1, wanted
    while slug in taken:
        place += 1
        slug = f"{wanted}-{place}"
    return slug
