"""Changes over HTTP and from the terminal: who may, what is told, what wrong input hears."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from typer.testing import CliRunner

from kairo.interfaces.cli.commands import app
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import issue_token
from tests.factories.ad_changes import AdDesk


@pytest.fixture
def desk(tenant: UUID) -> Iterator[AdDesk]:
    with ExitStack() as stack:
        yield AdDesk(tenant, stack)


def _client(tenant: UUID, role: Role) -> Client:
    token = issue_token(tenant_id=tenant, name=role.value, role=role).token
    return Client(headers={"Authorization": f"Bearer {token}"})


def _post(client: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(f"/api/ads/{path}", json.dumps(body or {}), content_type="application/json")


def _budget(desk: AdDesk, **values: Any) -> dict[str, Any]:
    wanted = {"ad_entity_type": "ad_set", "ad_entity_id": desk.ad_set, "change_type": "budget", "reason": "It pays."}
    return {**wanted, "requested_value": 11_000, **values}


def test_a_change_goes_from_proposed_to_rolled_back(desk: AdDesk) -> None:
    editor = _client(desk.tenant, Role.EDITOR)
    proposed = _post(editor, "changes", _budget(desk, idempotency_key="k"))
    again = _post(editor, "changes", _budget(desk, idempotency_key="k"))
    change_id = proposed.json()["id"]
    approved = _post(editor, f"changes/{change_id}/approve")
    twice = _post(editor, f"changes/{change_id}/approve")
    listed = editor.get("/api/ads/changes?status=approved").json()
    rejected = _post(editor, f"changes/{change_id}/reject", {"reason": "Not this week."})
    history = editor.get(f"/api/ads/history?change_id={change_id}").json()

    assert (proposed.status_code, again.status_code, approved.status_code, twice.status_code) == (201, 200, 200, 409)
    assert proposed.json()["requested_text"] == "110.00 EUR"
    assert [one["id"] for one in listed["items"]] == [change_id]
    assert (rejected.json()["status"], rejected.json()["says"]) == ("rejected", "Not this week.")
    assert [line["event"] for line in history["items"]] == ["rejected", "approved", "proposed"]
    assert all(line["who"].startswith("token:") for line in history["items"])
    assert _post(editor, f"changes/{change_id}/rollback").json()["code"] == "ad_change_not_allowed"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("changes", {"ad_entity_type": "ad_set"}, 422),
        ("changes", {"changes": []}, 422),
        ("changes/01a1fff6-1ca4-768c-b4e7-d338ea6125cc/approve", {}, 404),
        ("changes/nonsense/approve", {}, 422),
        ("kill-switch", {"on": True}, 422),
        (
            "changes",
            {"variant_ids": ["01a1fff6-1ca4-768c-b4e7-d338ea6125cc"], "ad_set_id": "x", "link_url": "ftp:"},
            422,
        ),
    ],
)
def test_wrong_input_hears_so(desk: AdDesk, path: str, body: dict[str, Any], status: int) -> None:
    answer = _post(_client(desk.tenant, Role.EDITOR), path, body)
    assert answer.status_code == status, answer.content
    assert answer.json()["detail"]


def test_who_may_what(desk: AdDesk) -> None:
    viewer, editor, owner = (_client(desk.tenant, role) for role in (Role.VIEWER, Role.EDITOR, Role.OWNER))
    change_id = _post(editor, "changes", _budget(desk)).json()["id"]
    safety = editor.get("/api/settings/ad-safety").json()

    def put(client: Client) -> int:
        return client.put("/api/settings/ad-safety", json.dumps(safety), content_type="application/json").status_code

    assert _post(viewer, f"changes/{change_id}/approve").status_code == 403
    assert _post(viewer, "kill-switch", {"on": True, "reason": "No."}).status_code == 403
    assert viewer.get("/api/ads/changes").status_code == 200
    assert (put(editor), put(owner)) == (403, 200)
    assert _post(editor, "kill-switch", {"on": True, "reason": "The site is down."}).json()["on"] is True
    assert viewer.get("/api/ads/kill-switch").json()["reason"] == "The site is down."


def test_a_stranger_s_change_is_not_there(desk: AdDesk, stranger: UUID) -> None:
    change_id = _post(_client(desk.tenant, Role.EDITOR), "changes", _budget(desk)).json()["id"]
    other = _client(stranger, Role.OWNER)
    assert [_post(other, f"changes/{change_id}/{verb}").status_code for verb in ("approve", "reject", "rollback")] == [
        404
    ] * 3
    assert other.get("/api/ads/history").json()["items"] == []


def test_the_terminal_does_the_same(desk: AdDesk) -> None:
    def kairo(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["ads", *arguments, "--tenant", "acme"])

    proposed = kairo("propose", "--ad-set", desk.ad_set, "--budget", "110.00", "--reason", "It pays.", "--json")
    change_id = json.loads(proposed.output)["changes"][0]["id"]
    assert "approved" in kairo("approve", change_id).output
    assert "110.00 EUR" in kairo("changes", "--status", "approved").output
    assert "rejected" in kairo("reject", change_id, "--reason", "Not now.").output
    assert kairo("history", "--change", change_id).output.count("user") == 0
    assert "The kill switch is on: Stop." in kairo("kill-switch", "on", "--reason", "Stop.").output
    assert "Nothing is due." in kairo("run-due").output
    assert "0.1" in kairo("safety", "--set", "velocity_share=0.1").output
    assert "Name one of" in str(kairo("propose", "--pause", "--reason", "x").exception)
    assert "more decimals" in str(
        kairo("propose", "--ad-set", desk.ad_set, "--budget", "1.001", "--reason", "x").exception
    )
