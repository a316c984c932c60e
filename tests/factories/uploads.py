"""Files sent over HTTP, and their imports worked off by the worker's own function."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobDTO
from kairo.platform.jobs.queries import job
from kairo.platform.jobs.runner import run_job_by_id


def as_jsonl(lines: Iterable[Mapping[str, object]]) -> bytes:
    """Write records as JSON lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def sent(client: Client, brand_id: UUID, content: bytes, *, name: str = "posts.jsonl", **fields: str) -> UUID:
    """Send a file and return the id of the job that will import it."""
    answer = client.post(
        f"/api/brands/{brand_id}/evidence/import", {"file": SimpleUploadedFile(name, content), **fields}
    )
    assert answer.status_code == 202, answer.content
    return UUID(answer.json()["job_id"])


def worked_off(tenant_id: UUID, job_id: UUID) -> JobDTO:
    """Run a job once and return how it stands then."""
    run_job_by_id(job_id)
    with tenant_transaction(tenant_id):
        return job(job_id)
