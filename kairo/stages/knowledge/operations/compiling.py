"""Compiling a brand's profile: asked for once at a time, made outside transactions, stored if it says anything new."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant, tenant_transaction
from kairo.platform.database.sql import execute
from kairo.platform.embeddings import StaticEmbedder, default_embedder
from kairo.platform.embeddings.vocabulary import static_vocabulary
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobDTO
from kairo.platform.jobs.operations import enqueue
from kairo.stages.brands import queries as brands
from kairo.stages.knowledge import queries
from kairo.stages.knowledge.contracts.profiles import BrandIR, CompiledProfile, CompileProfile
from kairo.stages.knowledge.models.profiles import BrandProfile
from kairo.stages.knowledge.rules.profiles.compiling import ProfileInputs, Tools, compiled
from kairo.stages.knowledge.rules.profiles.weights import has_drifted

COMPILE = "knowledge.compile"
PRIORITY = 7
# Who asks while a compile stores waits for it: either the compile sees the change, or the asker finds no live job.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('knowledge.compile:' || %s, 0))"


def request_compile(
    *, brand_id: UUID, priority: int = PRIORITY, drift: bool = False, as_of: datetime | None = None
) -> JobDTO:
    """Ask for a brand's profile in the caller's transaction; while a compile is live, that one is the answer.

    With `drift` a profile that is there stays as long as its weights have hardly moved; with `as_of` they are counted
    in the posts of that moment.

    Raises:
        BrandNotFound: no such brand of this tenant.
    """
    brands.brand(brand_id)
    _take_turn(brand_id)
    message = CompileProfile(brand_id=brand_id, drift=drift, as_of=as_of)
    return _enqueued(message, queries.compile_key(brand_id), priority=priority)


def compile_all(*, tenant_id: UUID) -> int:
    """Ask for the profile of each of a tenant's brands that are not archived; return how many."""
    with tenant_transaction(tenant_id):
        listed = brands.brands()
    for brand in listed:
        with tenant_transaction(tenant_id):
            request_compile(brand_id=brand.id, priority=9, drift=True)
    return len(listed)


def compile_profile(*, message: CompileProfile, job: JobContext, at: datetime) -> Completion:
    """Compile a brand's profile; the returned effects store it in the completing transaction, if it says anything new.

    Raises:
        BrandNotFound: the brand is gone.
    """
    brand_id = message.brand_id
    with tenant_transaction(job.tenant_id):
        inputs = queries.profile_inputs(brand_id, as_of=message.as_of or at)
        newest = queries.newest_profile(brand_id)
    job.progress("compile", total=1, note=f"{len(inputs.posts)} posts, {len(inputs.texts)} approved texts")
    made = compiled(inputs, _tools(), profile_id=new_id(), version=(newest.version if newest else 0) + 1, at=at)
    is_new = newest is None or says_something_new(newest, made.ir, drift=message.drift)
    return Completion(
        outcome={
            "brand_id": str(brand_id),
            "version": made.ir.version if is_new or newest is None else newest.version,
            "changed": is_new,
        },
        effects=lambda: store_profile(made, inputs, is_new=is_new),
        result_url=f"/api/brands/{brand_id}/profile",
    )


def says_something_new(newest: BrandIR, made: BrandIR, *, drift: bool) -> bool:
    """Tell whether a compiled profile is worth a version of its own beside the newest one."""
    if newest.voice_erased:
        return True
    if newest.content_sha256 == made.content_sha256:
        return False
    is_same_brand = (newest.inputs_sha256, newest.embedder) == (made.inputs_sha256, made.embedder)
    return not (drift and is_same_brand) or has_drifted(newest, made)


def _tools() -> Tools:
    embedder = default_embedder()
    return Tools(embedder.name, embedder.embed, static_vocabulary(), StaticEmbedder.name)


def store_profile(made: CompiledProfile, inputs: ProfileInputs, *, is_new: bool) -> None:
    """Store a compiled profile in the completing transaction, and ask for another where the brand has changed since."""
    brand_id = made.ir.brand_id
    _take_turn(brand_id)
    before = BrandProfile.objects.filter(brand_id=brand_id, version__gte=made.ir.version)
    if is_new and not before.exists():
        BrandProfile.of(made).save(force_insert=True)
    if queries.profile_inputs(brand_id).sha256() != inputs.sha256():
        # Whoever changed the brand meanwhile was told of this job, which had read already.
        _enqueued(CompileProfile(brand_id=brand_id), f"{queries.compile_key(brand_id)}:again", priority=PRIORITY)


def _enqueued(message: CompileProfile, key: str, *, priority: int) -> JobDTO:
    result_url = f"/api/brands/{message.brand_id}/profile"
    return enqueue(COMPILE, message, dedupe_key=key, priority=priority, result_url=result_url)


def _take_turn(brand_id: UUID) -> None:
    execute(_ONE_AT_A_TIME, [f"{current_tenant()}:{brand_id}"])
