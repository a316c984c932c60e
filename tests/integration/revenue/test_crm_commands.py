"""`kairo crm`: what people type, right and wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from uuid import UUID

import pytest
from django.test import override_settings
from typer.testing import CliRunner, Result

from kairo.errors import Invalid
from kairo.interfaces.cli.crm import crm_app
from kairo.sandbox.ad_market.hubspot_server import TOKEN, Portal, hubspot_server
from kairo.stages.revenue.contracts.deals import DealOutcome, UnreadableDeals
from tests.integration.revenue.deal_records import stored
from tests.integration.revenue.hubspot_posts import connect

HEADING = "deal_id,stage,created_at,amount,currency,outcome,closed_at,stage_history\n"
LINES = (
    "1,won,2026-05-01T12:00:00Z,100.50,USD,won,2026-05-09T12:00:00Z,"
    "lead@2026-05-01T12:00:00Z; won@2026-05-09T12:00:00Z\n"
    "2,lead,2026-05-01T12:00:00Z,,,,,\n"
    "3,,2026-05-01T12:00:00Z,,,,,\n"
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(crm_app, list(arguments), catch_exceptions=False)


def test_a_file_is_imported_once(tenant: UUID, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text(HEADING + LINES)

    first = json.loads(run("import", str(file), "--tenant", "acme", "--json").stdout)
    second = run("import", str(file), "--tenant", "acme").stdout

    assert (first["ingested"], first["errors"][0]["index"], first["errors"][0]["field"]) == (2, 4, "stage")
    assert second.startswith("0 new, 0 updated, 2 unchanged, 1 refused.")
    found = stored(tenant, "1")
    assert ([step.stage for step in found.steps], found.outcome) == (["lead", "won"], DealOutcome.WON)


def test_other_headings_can_be_named_and_a_file_may_be_packed(tenant: UUID, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv.gz"
    file.write_bytes(gzip.compress(b"Id,Phase,created_at\n9,lead,2026-05-01T12:00:00Z\n"))

    told = run("import", str(file), "--tenant", "acme", "--map", "deal_id=Id", "--map", "stage=Phase").stdout

    assert told.startswith("1 new")
    assert stored(tenant, "9", source="csv").stage == "lead"


def test_a_file_that_is_no_list_of_deals_is_named(tenant: UUID, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("a,b\n1,2\n")
    broken = tmp_path / "deals.csv.gz"
    broken.write_bytes(b"not packed")

    with pytest.raises(UnreadableDeals, match="no column deal_id, stage, created_at"):
        run("import", str(file), "--tenant", "acme")
    for missing in (broken, tmp_path / "missing.csv"):
        with pytest.raises(UnreadableDeals, match="cannot be read"):
            run("import", str(missing), "--tenant", "acme")
    with pytest.raises(Invalid, match="--map takes"):
        run("import", str(file), "--tenant", "acme", "--map", "who=Name")


def test_a_portal_is_connected_and_pulled(tenant: UUID) -> None:
    portal = Portal(a_second=100)
    portal.put(1, amount="100")

    connected = run("connect", "62515", "--tenant", "acme", "--access-token", TOKEN, "--client-secret", "s")
    with hubspot_server(portal) as address, override_settings(KAIRO_HUBSPOT_API_URL=address):
        pulled = json.loads(run("sync", "--tenant", "acme", "--json").stdout)

    assert connected.stdout.startswith("Portal 62515: access token set, client secret set.")
    assert (pulled["read"], pulled["ingested"]) == (1, 1)


def test_probabilities_say_where_there_are_none(tenant: UUID) -> None:
    connect(tenant)

    assert "Nothing learned yet" in run("probabilities", "--tenant", "acme", "--learn").stdout
