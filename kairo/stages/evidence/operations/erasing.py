"""Erasing a person: hidden from every read in the transaction that asks for it, deleted by a job in another one.

Later stages cite evidence and must let go of it first. They say how in their jobs.py (`lets_go`), and are called, the
last stage first, inside the transaction that deletes: either all of it happens, or nothing. A stage that holds on to
an item makes the deletion fail by its foreign key, loudly and as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.db import transaction

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import execute, rows
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.contracts import JobAcceptedDTO
from kairo.platform.jobs.operations import enqueue
from kairo.platform.jobs.registry import load_kinds
from kairo.stages.evidence.contracts import AuthorDTO, EraseAuthor
from kairo.stages.evidence.models import AuthorErasure
from kairo.stages.evidence.operations.postings import unpost_items
from kairo.stages.evidence.operations.refusing import rejected_file
from kairo.stages.evidence.operations.uploads import forget_abandoned_uploads
from kairo.stages.evidence.rules.erasing import author_digest

ERASE = "evidence.erase_author"

LetGo: TypeAlias = Callable[[Sequence[UUID]], None]
"""Removes whatever a stage keeps of these items; called again for the same ones it changes nothing."""
_LETTING_GO: dict[str, LetGo] = {}

_ITEMS = """
SELECT item.id FROM evidence_item item
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.platform = %(platform)s AND item.author_key = %(author)s
"""
# Who cites an item holds a lock on it until he commits: this waits for him, and sees his citation afterwards.
_LOCK = " FOR UPDATE"
_WAIT_FOR_IMPORTS = "SELECT pg_advisory_xact_lock(hashtextextended('evidence.erasure:' || %s, 0))"

# Of the posts of others that repeat an erased one, the earliest becomes the original.
_HAND_OVER_COPIES = """
WITH copy AS (
  SELECT stored.item_id, stored.is_near_duplicate_of_id AS erased, item.published_at
  FROM normalized_evidence_item stored JOIN evidence_item item ON item.id = stored.item_id
  WHERE stored.tenant_id = %(tenant)s AND stored.is_near_duplicate_of_id = ANY (%(items)s)
    AND NOT stored.item_id = ANY (%(items)s)
), heir AS (
  SELECT DISTINCT ON (erased) erased, item_id FROM copy ORDER BY erased, published_at NULLS LAST, item_id
)
UPDATE normalized_evidence_item stored SET is_near_duplicate_of_id = NULLIF(heir.item_id, copy.item_id)
FROM copy JOIN heir USING (erased)
WHERE stored.tenant_id = %(tenant)s AND stored.item_id = copy.item_id
"""

# What a refused record began with is kept beside its reason. Whose it was is not known, so that all of the surfaces on
# which the person was seen lose it, and wherever the handle stands in it.
_RUNS_TO_CLEAR = """
SELECT run.id FROM capture_run run
WHERE run.tenant_id = %(tenant)s AND (
  run.surface_id IN (
    SELECT surface_id FROM evidence_sighting WHERE tenant_id = %(tenant)s AND item_id = ANY (%(items)s))
  OR EXISTS (
    SELECT 1 FROM capture_rejection rejected
    WHERE rejected.tenant_id = %(tenant)s AND rejected.capture_run_id = run.id
      AND strpos(lower(rejected.excerpt), %(author)s) > 0))
"""
_CLEAR_REJECTIONS = """
UPDATE capture_rejection SET excerpt = '' WHERE tenant_id = %(tenant)s AND capture_run_id = ANY (%(runs)s)
"""
_DELETE = (
    "DELETE FROM normalized_evidence_item WHERE tenant_id = %(tenant)s AND item_id = ANY (%(items)s)",
    "DELETE FROM evidence_sighting WHERE tenant_id = %(tenant)s AND item_id = ANY (%(items)s)",
    "DELETE FROM evidence_item WHERE tenant_id = %(tenant)s AND id = ANY (%(items)s)",
)


def lets_go(stage: str) -> Callable[[LetGo], LetGo]:
    """Register the function below as how a later stage lets go of items that are erased."""

    def register(let_go: LetGo) -> LetGo:
        _LETTING_GO[stage] = let_go
        return let_go

    return register


def request_erasure(*, author: AuthorDTO, tenant_id: UUID, at: datetime) -> JobAcceptedDTO:
    """Hide a person's items from now on, take what later stages made of them away, and have them deleted."""
    erasure, _ = AuthorErasure.objects.update_or_create(
        platform=author.platform,
        author_digest=author_digest(author.author_key, platform=author.platform, tenant_id=tenant_id),
        defaults={"author_key": author.author_key, "requested_at": at, "erased_at": None},
    )
    items = _items_of(erasure, tenant_id)
    unpost_items(items, tenant_id=tenant_id)
    _let_go(items)
    job = enqueue(ERASE, EraseAuthor(erasure_id=erasure.id), dedupe_key=f"{ERASE}:{erasure.id}")
    return JobAcceptedDTO(job_id=job.id, poll_url=f"/api/jobs/{job.id}")


def erase_author(*, message: EraseAuthor, job: JobContext, at: datetime) -> Completion:
    """Delete all that is kept of a person, in one transaction with what later stages made of it."""
    with tenant_transaction(job.tenant_id):
        erased = _erase(message.erasure_id, tenant_id=job.tenant_id, at=at)
    return Completion(outcome={"items": erased})


def _erase(erasure_id: UUID, *, tenant_id: UUID, at: datetime) -> int:
    erasure = AuthorErasure.objects.select_for_update().get(id=erasure_id)
    if erasure.erased_at is not None:
        return erasure.item_count
    execute(_WAIT_FOR_IMPORTS, [str(tenant_id)])
    items = _items_of(erasure, tenant_id, lock=True)
    unpost_items(items, tenant_id=tenant_id)
    _let_go(items)
    parameters: dict[str, object] = {"tenant": tenant_id, "items": items, "author": erasure.author_key}
    _clear_rejections(parameters)
    forget_abandoned_uploads(at=at, kept_for=timedelta(0))
    execute(_HAND_OVER_COPIES, parameters)
    for statement in _DELETE:
        execute(statement, parameters)
    AuthorErasure.objects.filter(id=erasure_id).update(author_key="", item_count=len(items), erased_at=at)
    return len(items)


def _items_of(erasure: AuthorErasure, tenant_id: UUID, *, lock: bool = False) -> list[UUID]:
    parameters = {"tenant": tenant_id, "platform": erasure.platform, "author": erasure.author_key}
    return [row[0] for row in rows(_ITEMS + (_LOCK if lock else ""), parameters)]


def _let_go(items: Sequence[UUID]) -> None:
    load_kinds()
    for let_go in reversed(_LETTING_GO.values()):
        let_go(items)


def _clear_rejections(parameters: dict[str, object]) -> None:
    runs = [row[0] for row in rows(_RUNS_TO_CLEAR, parameters)]
    execute(_CLEAR_REJECTIONS, {**parameters, "runs": runs})
    transaction.on_commit(lambda: _remove_files(runs))


def _remove_files(runs: Sequence[UUID]) -> None:
    for run_id in runs:
        rejected_file(run_id).unlink(missing_ok=True)
