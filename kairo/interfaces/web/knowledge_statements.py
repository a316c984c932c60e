"""A brand's statements as people read and change them: said by hand, edited, removed, and put back."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kairo.errors import Invalid, NotFound
from kairo.interfaces.web.access import MemberRequest, for_members, require_editor
from kairo.interfaces.web.brands import Place, place_of
from kairo.interfaces.web.knowledge_changes import once_committed
from kairo.interfaces.web.knowledge_wording import DepartmentChoice, department_choices
from kairo.interfaces.web.paging import row_named
from kairo.platform.database.clock import now
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.editing import LONGEST_STATEMENT, RetiredDTO, Retirement

STATEMENTS_PER_PAGE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def statements(request: MemberRequest, brand_slug: str) -> HttpResponse:
    """List what is known of a brand, newest first; with POST, store what a person says."""
    place = place_of(request, brand_slug)
    if request.method != "POST":
        return _list(request, place)
    require_editor(place.principal)
    department = request.POST.get("department", "")
    choices = department_choices(queries.department_list())
    if department not in {choice.slug for choice in choices}:
        raise Invalid(_("Choose one of the departments that are listed."))
    content = request.POST.get("content", "")

    def add() -> HttpResponse:
        operations.add_statement(
            tenant_id=place.principal.tenant_id,
            brand_id=place.brand.id,
            department=department,
            content=content,
            by=_person(place),
        )
        return _to_list(place, department)

    return once_committed(request, add)


@require_POST
@for_members
def statement(request: MemberRequest, brand_slug: str, statement_id: UUID) -> HttpResponse:
    """Put what a person says in the place of a statement."""
    place = place_of(request, brand_slug)
    department = queries.statement(place.brand.id, statement_id).department
    require_editor(place.principal)
    content = request.POST.get("content", "")

    def edit() -> HttpResponse:
        new = operations.edit_statement(
            tenant_id=place.principal.tenant_id,
            brand_id=place.brand.id,
            statement_id=statement_id,
            content=content,
            by=_person(place),
            at=now(),
        )
        return _to_list(place, department, fragment=f"statement-{new}")

    return once_committed(request, edit)


@require_POST
@for_members
def remove_statement(request: MemberRequest, brand_slug: str, statement_id: UUID) -> HttpResponse:
    """Take a statement out, and offer to put it back."""
    place = place_of(request, brand_slug)
    department = queries.statement(place.brand.id, statement_id).department
    require_editor(place.principal)
    operations.remove_statement(brand_id=place.brand.id, statement_id=statement_id, by=_person(place), at=now())
    return _to_list(place, department, removed=str(statement_id))


@require_POST
@for_members
def restore_statement(request: MemberRequest, brand_slug: str, statement_id: UUID) -> HttpResponse:
    """Put a removed statement back."""
    place = place_of(request, brand_slug)
    require_editor(place.principal)
    operations.restore_statement(brand_id=place.brand.id, statement_id=statement_id)
    department = queries.statement(place.brand.id, statement_id).department
    return _to_list(place, department, fragment=f"statement-{statement_id}")


def _list(request: MemberRequest, place: Place) -> HttpResponse:
    department = request.GET.get("department", "").replace("\0", "") or None
    choices = department_choices(queries.department_list())
    if department is not None and department not in {choice.slug for choice in choices}:
        choices = [*choices, DepartmentChoice(department, department)]
    before = row_named(request)
    found = queries.statements(place.brand.id, department=department, before=before, limit=STATEMENTS_PER_PAGE + 1)
    listed = found[:STATEMENTS_PER_PAGE]
    retired = queries.retired_statements(place.brand.id) if before is None else []
    shown = {
        "place": place,
        "department": department,
        "departments": choices,
        "statements": listed,
        "older_than": listed[-1].id if len(found) > STATEMENTS_PER_PAGE else None,
        "retired": retired,
        "removed": _removed(request, retired),
        "longest": LONGEST_STATEMENT,
        "current": "knowledge",
    }
    return render(request, "knowledge/statements.html", shown)


def _removed(request: MemberRequest, retired: list[RetiredDTO]) -> RetiredDTO | None:
    named = request.GET.get("removed", "")
    return next((one for one in retired if str(one.id) == named and one.reason is Retirement.REMOVED), None)


def _person(place: Place) -> UUID:
    if place.principal.user_id is None:
        raise NotFound(_("There is no such page."))
    return place.principal.user_id


def _to_list(place: Place, department: str | None, *, removed: str = "", fragment: str = "") -> HttpResponse:
    asked = {name: value for name, value in {"department": department, "removed": removed}.items() if value}
    address = reverse("web:statements", args=[place.brand.slug])
    return redirect(address + (f"?{urlencode(asked)}" if asked else "") + (f"#{fragment}" if fragment else ""))
