"""Writes of departments: the account's own list, and the copy of the CMS's list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from kairo.platform.database.sessions import current_tenant, tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.jobs.contexts import Completion, JobContext
from kairo.platform.jobs.operations import enqueue
from kairo.stages.knowledge.adapters.payload_cms import PayloadCms
from kairo.stages.knowledge.contracts.departments import (
    Department,
    DepartmentList,
    DepartmentsAreElsewhere,
    DepartmentsDraft,
    DepartmentsFrom,
    DepartmentsUnavailable,
    RefreshDepartments,
)
from kairo.stages.knowledge.models import DepartmentCopy, DepartmentRow
from kairo.stages.knowledge.queries.departments import cms_url, department_list, kept_copy
from kairo.stages.knowledge.rules.default_departments import DEFAULT_DEPARTMENTS

REFRESH = "knowledge.refresh_departments"
FRESH_FOR = timedelta(minutes=5)
"""For so long the CMS's list is used without asking again."""
# Who replaces the list, or takes the default set on, waits for who does so now: two lists never mix.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('knowledge.departments:' || %s, 0))"


def set_departments(*, draft: DepartmentsDraft) -> DepartmentList:
    """Replace the account's own departments by these.

    Raises:
        DepartmentsAreElsewhere: a CMS lists them.
    """
    if cms_url() is not None:
        raise DepartmentsAreElsewhere("The departments are kept in the CMS (PAYLOAD_BASE_URL): change them there.")
    with transaction.atomic():
        rows(_ONE_AT_A_TIME, [str(current_tenant())])
        DepartmentRow.objects.all().delete()
        _insert([Department.model_validate(one.model_dump()) for one in draft.departments])
    return department_list()


def listed_departments(*, at: datetime) -> DepartmentList:
    """Return the departments that hold, and have the CMS asked again in the background where its copy is old."""
    base_url = cms_url()
    listed = department_list()
    if base_url is not None and (listed.as_of is None or at - listed.as_of > FRESH_FOR):
        enqueue(REFRESH, RefreshDepartments(), dedupe_key=REFRESH)
    return listed


def departments_to_gather(tenant_id: UUID, *, at: datetime) -> DepartmentList:
    """Return the departments to gather for, lowest number first; called outside of transactions, for it may ask a CMS.

    Raises:
        DepartmentsUnavailable: the CMS does not answer, and never did.
    """
    listed = _own_list(tenant_id) if cms_url() is None else refreshed_departments(tenant_id, at=at, fresh_for=FRESH_FOR)
    chosen = tuple(one for one in listed.departments if one.gather_check and one.is_active)
    return listed.model_copy(update={"departments": chosen})


def refreshed_departments(tenant_id: UUID, *, at: datetime, fresh_for: timedelta = timedelta(0)) -> DepartmentList:
    """Return the CMS's list, asked for again unless its copy is fresh; the last good copy where it does not answer.

    Raises:
        DepartmentsUnavailable: the CMS does not answer, and never did; or none is configured.
    """
    base_url = cms_url()
    if base_url is None:
        raise DepartmentsUnavailable("No CMS is configured: set PAYLOAD_BASE_URL, or use the account's own list.")
    with tenant_transaction(tenant_id):
        kept = kept_copy(base_url)
    if kept is not None and _is_fresh(kept, at=at, fresh_for=fresh_for):
        return kept
    try:
        found = PayloadCms(base_url, key=settings.PAYLOAD_API_KEY).departments()
    except DepartmentsUnavailable as error:
        return _last_good_copy(tenant_id, base_url, error, at=at)
    with tenant_transaction(tenant_id):
        _keep(base_url, found, at=at)
    return DepartmentList(departments=found, source=DepartmentsFrom.PAYLOAD_CMS, as_of=at)


def refresh_departments(*, job: JobContext, at: datetime) -> Completion:
    """Ask the CMS for its list; where it does not answer the copy says so, and no attempt is repeated for it."""
    if cms_url() is None:
        return Completion(outcome={"departments": 0})
    listed = refreshed_departments(job.tenant_id, at=at)
    return Completion(outcome={"departments": len(listed.departments), "source": listed.source})


def _is_fresh(kept: DepartmentList, *, at: datetime, fresh_for: timedelta) -> bool:
    if kept.as_of is None or kept.source is not DepartmentsFrom.PAYLOAD_CMS:
        return False
    return timedelta(0) <= at - kept.as_of < fresh_for


def _last_good_copy(tenant_id: UUID, base_url: str, error: DepartmentsUnavailable, *, at: datetime) -> DepartmentList:
    with tenant_transaction(tenant_id):
        DepartmentCopy.objects.filter(base_url=base_url).update(failed_at=at, error=error.message)
        kept = kept_copy(base_url)
    if kept is None:
        raise error
    return kept


def _keep(base_url: str, departments: Sequence[Department], *, at: datetime) -> None:
    told = [department.model_dump(mode="json") for department in departments]
    DepartmentCopy.objects.update_or_create(
        base_url=base_url, defaults={"departments": told, "fetched_at": at, "failed_at": None, "error": None}
    )


def _own_list(tenant_id: UUID) -> DepartmentList:
    """Return the account's own list; at the first use the default set becomes its own."""
    with tenant_transaction(tenant_id):
        if not DepartmentRow.objects.exists():
            rows(_ONE_AT_A_TIME, [str(tenant_id)])
            if not DepartmentRow.objects.exists():
                _insert(DEFAULT_DEPARTMENTS)
        return department_list()


def _insert(departments: Sequence[Department]) -> None:
    DepartmentRow.objects.bulk_create(
        [
            DepartmentRow(
                slug=department.slug,
                name=department.name,
                description=department.description,
                code_dep_number=department.code_dep_number,
                gather_check=department.gather_check,
                is_active=department.is_active,
                default_model=department.default_model,
                coordination_settings=department.coordination_settings.model_dump(mode="json"),
            )
            for department in departments
        ]
    )
