"""`kairo departments` and `kairo documents`, as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
import typer
from pytest_django import Settings
from typer.testing import CliRunner, Result

from kairo.errors import Invalid
from kairo.interfaces.cli.knowledge import departments_app, documents_app
from kairo.stages.knowledge.contracts.departments import DepartmentsUnavailable
from kairo.stages.knowledge.contracts.documents import DocumentNotFound, UnreadableDocument
from tests.factories.brands import stored_brand
from tests.fakes.payload_cms import department, payload_cms
from tests.integration.outbound.servers import Site


def run(app: typer.Typer, *arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def test_departments_that_were_listed_can_be_changed_and_set_again(tenant: UUID, tmp_path: Path) -> None:
    listed = json.loads(run(departments_app, "list", "--json").stdout)
    listed["departments"] = listed["departments"][:2]
    file = tmp_path / "departments.json"
    file.write_text(json.dumps(listed))

    told = run(departments_app, "set", str(file))

    assert told.exit_code == 0
    assert "positioning" in told.stdout
    again = json.loads(run(departments_app, "list", "--tenant", "acme", "--json").stdout)
    assert again["departments"] == listed["departments"]


def test_a_file_without_departments_says_which_field_is_wrong(tenant: UUID, tmp_path: Path) -> None:
    file = tmp_path / "departments.json"
    file.write_text('{"departments": [{"slug": "a", "name": "A"}]}')

    with pytest.raises(Invalid, match="code_dep_number"):
        run(departments_app, "set", str(file))


def test_the_account_is_to_be_named_where_there_are_several(tenant: UUID, stranger: UUID) -> None:
    told = run(departments_app, "list")

    assert told.exit_code == 2
    assert "stranger" in told.output


def test_the_cms_is_read_on_demand(tenant: UUID, settings: Settings) -> None:
    with pytest.raises(DepartmentsUnavailable, match="PAYLOAD_BASE_URL"):
        run(departments_app, "refresh")

    with Site(payload_cms([department(4, "sound")], key="k-123456")) as site:
        settings.PAYLOAD_BASE_URL, settings.PAYLOAD_API_KEY = site.url(""), "k-123456"
        told = run(departments_app, "refresh")

    assert "sound" in told.stdout


def test_documents_are_added_listed_and_deleted(tenant: UUID, tmp_path: Path) -> None:
    stored_brand(tenant)
    file = tmp_path / "brand.md"
    file.write_text("# Glow\n\nWe make unscented cleansers.\n")

    added = json.loads(run(documents_app, "add", str(file), "--brand", "glow", "--json").stdout)
    again = run(documents_app, "add", str(file), "--brand", "glow")
    listed = run(documents_app, "list", "--brand", "glow")
    deleted = run(documents_app, "delete", added["document"]["id"], "--brand", "glow")

    assert added["new"]
    assert "nothing has changed" in again.stdout
    assert "brand.md" in listed.stdout
    assert "Deleted" in deleted.stdout
    with pytest.raises(DocumentNotFound):
        run(documents_app, "delete", added["document"]["id"], "--brand", "glow")


def test_a_page_is_asked_for_and_a_file_that_is_not_there_is_said_to_be_so(tenant: UUID) -> None:
    stored_brand(tenant)

    asked = run(documents_app, "add", "https://example.com/about", "--brand", "glow")

    assert "kairo jobs show" in asked.stdout
    with pytest.raises(UnreadableDocument, match="No such file"):
        run(documents_app, "add", "nowhere.md", "--brand", "glow")
