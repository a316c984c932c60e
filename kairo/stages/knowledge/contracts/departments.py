"""Departments: the parts of a brand's knowledge, each with its aspects and the quality that is good enough."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from kairo.errors import Conflict, NotFound, Unavailable
from kairo.shapes import Frozen, Strict

DEFAULT_THRESHOLD = 80.0
MOST_DEPARTMENTS = 100
MOST_ASPECTS = 40

DepartmentSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")]
Aspect = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class DepartmentNotFound(NotFound):
    code = "department_not_found"


class DepartmentsUnavailable(Unavailable):
    """The CMS that lists the departments does not answer, and no good copy of its list is kept."""

    code = "departments_unavailable"


class DepartmentsAreElsewhere(Conflict):
    """The list is kept in a CMS and is changed there."""

    code = "departments_in_cms"


class CoordinationSettings(Frozen):
    """When a department is good enough, what it has to cover, and how much of it is kept."""

    quality_threshold: float = Field(default=DEFAULT_THRESHOLD, ge=0, le=100)
    aspects: tuple[Aspect, ...] = Field(default=(), max_length=MOST_ASPECTS)
    max_items: int = Field(default=60, ge=1, le=1_000)


class Department(Frozen):
    """One department; gathers go by `code_dep_number`, lowest first."""

    slug: DepartmentSlug
    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=4_000)
    code_dep_number: int = Field(ge=0, le=1_000_000)
    gather_check: bool = True
    is_active: bool = True
    default_model: str | None = Field(default=None, max_length=200)
    coordination_settings: CoordinationSettings = CoordinationSettings()


class CoordinationSettingsDraft(Strict, CoordinationSettings):
    """The same, as people send it: an unknown field is refused."""


class DepartmentDraft(Strict, Department):
    """A department as people send it: an unknown field is refused."""

    coordination_settings: CoordinationSettingsDraft = CoordinationSettingsDraft()


class DepartmentsDraft(Strict):
    """The whole list of an account's departments; what is left out is removed."""

    departments: list[DepartmentDraft] = Field(min_length=1, max_length=MOST_DEPARTMENTS)

    @model_validator(mode="after")
    def slugs_and_numbers_are_unique(self) -> DepartmentsDraft:
        for name, values in (
            ("slug", [one.slug for one in self.departments]),
            ("code_dep_number", [str(one.code_dep_number) for one in self.departments]),
        ):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"each {name} once, but {', '.join(twice)} stands there more than once")
        return self


class DepartmentsFrom(StrEnum):
    """Where a list of departments comes from: our own table, the CMS, or what the CMS said last."""

    OWN = "own"
    PAYLOAD_CMS = "payload_cms"
    LAST_GOOD_COPY = "last_good_copy"


class DepartmentList(Frozen):
    """The departments in the order of their numbers. `note` says what a reader must know, as that the CMS is down.

    `as_of` is when the CMS gave the list; None for our own table.
    """

    departments: tuple[Department, ...]
    source: DepartmentsFrom
    as_of: datetime | None = None
    note: str | None = None


class RefreshDepartments(Frozen):
    """The message that asks for the CMS's list."""
