"""Records of campaigns and ads: one by one, in bulk, from a file."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client
from typer.testing import CliRunner

from kairo.interfaces.cli.commands import app
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.operations import issue_token
from kairo.stages.ads import queries
from kairo.stages.ads.models import AdSet


@pytest.fixture
def editor(tenant: UUID) -> Client:
    return Client(headers={"Authorization": f"Bearer {issue_token(tenant_id=tenant, name='editor').token}"})


def test_an_ad_is_made_changed_and_left_alone(editor: Client) -> None:
    statuses = []
    for body in ({"ad_id": "a 1", "name": "x", "else": 1}, {"ad_id": "a 1", "status": "on"}, {"ad_id": "a 1"}):
        statuses.append(editor.post("/api/ads", body, content_type="application/json").status_code)
    [ad] = editor.get("/api/ads").json()["items"]
    assert statuses == [201, 200, 200]
    assert (ad["ad_id"], ad["name"], ad["status"]) == ("a 1", "x", "on")


def test_a_batch_judges_each_record_by_itself(editor: Client, tenant: UUID) -> None:
    batch = {"ads": [{"ad_id": "a", "ad_set_id": "s", "campaign_id": "c"}, {"name": "nameless"}, {"ad_id": "a"},
                     {"ad_id": "b", "variant_id": str(uuid4())}]}  # fmt: skip
    results = editor.post("/api/ads", batch, content_type="application/json").json()["results"]
    assert [result["status"] for result in results] == ["created", "refused", "unchanged", "refused"]
    assert results[3]["error"]["code"] == "variant_not_found"
    with tenant_transaction(tenant):
        assert AdSet.objects.get().ad_set_id == "s"


def test_a_file_may_be_brought_again(tenant: UUID, tmp_path: Path) -> None:
    file = tmp_path / "ads.csv"
    file.write_text("ad_id,campaign_id,name,colour\na1,c1,One,red\na2,c1,,\n")
    outputs = [
        CliRunner().invoke(app, ["ads", "import", str(file), "--tenant", "acme"]).output.strip() for _ in range(2)
    ]
    assert outputs[0].startswith("2 created")
    assert "2 unchanged" in outputs[1]
    with tenant_transaction(tenant):
        assert [ad.ad_id for ad in queries.ads(campaign_id="c1")] == ["a1", "a2"]


def test_campaigns_page_by_their_ids(editor: Client) -> None:
    batch = {"campaigns": [{"campaign_id": name} for name in "cab"]}
    editor.post("/api/campaigns", batch, content_type="application/json")
    first = editor.get("/api/campaigns?limit=2").json()
    rest = editor.get(f"/api/campaigns?limit=2&cursor={first['next_cursor']}").json()
    assert [one["campaign_id"] for one in first["items"] + rest["items"]] == ["a", "b", "c"]
