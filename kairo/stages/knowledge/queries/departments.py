"""Reads of departments: the account's own list, or the last copy of the CMS's. Nothing here reaches the network."""

from __future__ import annotations

from django.conf import settings

from kairo.stages.knowledge.contracts.departments import (
    Department,
    DepartmentList,
    DepartmentNotFound,
    DepartmentsFrom,
)
from kairo.stages.knowledge.models import DepartmentCopy, DepartmentRow
from kairo.stages.knowledge.rules.default_departments import DEFAULT_DEPARTMENTS


def cms_url() -> str | None:
    """Return the address of the CMS that lists departments, or None where the account's own table does."""
    url = getattr(settings, "PAYLOAD_BASE_URL", None)
    return str(url).rstrip("/") if url else None


def own_departments() -> tuple[Department, ...]:
    """Return the account's own departments by their numbers; the default set where it has none yet."""
    found = tuple(row.to_contract() for row in DepartmentRow.objects.order_by("code_dep_number", "slug"))
    return found or DEFAULT_DEPARTMENTS


def kept_copy(base_url: str) -> DepartmentList | None:
    """Return what the CMS listed last, or None where it never did; `note` says so where it does not answer now."""
    row = DepartmentCopy.objects.filter(base_url=base_url).first()
    if row is None:
        return None
    departments = tuple(Department.model_validate(one) for one in row.departments)
    if row.failed_at is None:
        return DepartmentList(departments=departments, source=DepartmentsFrom.PAYLOAD_CMS, as_of=row.fetched_at)
    note = f"The CMS did not answer ({row.error}) This is its list of {row.fetched_at:%Y-%m-%d %H:%M} UTC."
    return DepartmentList(
        departments=departments, source=DepartmentsFrom.LAST_GOOD_COPY, as_of=row.fetched_at, note=note
    )


def department_list() -> DepartmentList:
    """Return the departments that hold: of the CMS where one is configured, else the account's own."""
    base_url = cms_url()
    if base_url is None:
        return DepartmentList(departments=own_departments(), source=DepartmentsFrom.OWN)
    kept = kept_copy(base_url)
    if kept is not None:
        return kept
    note = "The CMS has not been read yet: `kairo departments refresh` reads it now, a gather does by itself."
    return DepartmentList(departments=(), source=DepartmentsFrom.PAYLOAD_CMS, note=note)


def department_named(slug: str) -> Department:
    """Return a department by its slug.

    Raises:
        DepartmentNotFound: none has it.
    """
    listed = department_list().departments
    for department in listed:
        if department.slug == slug:
            return department
    names = ", ".join(department.slug for department in listed) or "none yet"
    raise DepartmentNotFound(f"There is no department {slug!r}. There are: {names}.")


def earlier_departments(department: Department) -> list[str]:
    """Return the slugs of the active departments with a lower number, lowest first."""
    return [
        other.slug
        for other in department_list().departments
        if other.is_active and other.code_dep_number < department.code_dep_number
    ]
