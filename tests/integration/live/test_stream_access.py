"""Who may follow a run by server-sent events, from where on, and what the answer looks like."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pytest

from kairo.platform.telemetry.contracts import EventType
from tests.integration.live.clients import EVENT_STREAM
from tests.integration.live.writers import append, started_run


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def get_events(address: str, run_id: UUID, headers: dict[str, str], query: str = "") -> httpx.Response:
    return httpx.get(f"http://{address}/api/runs/{run_id}/events{query}", headers=headers, timeout=10)


def ended_run(tenant: UUID, steps: int) -> UUID:
    run_id = started_run(tenant, events=steps)
    append(tenant, run_id, EventType.RUN_COMPLETE)
    return run_id


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", "application/json, text/event-stream"])
def test_without_a_wish_for_a_stream_the_answer_is_json(tenant: UUID, token: str, address: str, accept: str) -> None:
    run_id = ended_run(tenant, steps=2)

    answer = get_events(address, run_id, bearer(token) | {"Accept": accept, "Last-Event-ID": "2"}, "?after_seq=1")

    assert answer.headers["Content-Type"].startswith("application/json")
    assert [event["seq"] for event in answer.json()] == [2, 3]


def test_a_stream_has_the_form_that_browsers_and_proxies_need(tenant: UUID, token: str, address: str) -> None:
    run_id = ended_run(tenant, steps=1)

    answer = get_events(address, run_id, bearer(token) | EVENT_STREAM)

    assert answer.headers["Content-Type"] == "text/event-stream"
    assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("no-store", "no")
    assert "X-Run-ID" in answer.headers
    retry, first, last, end, nothing = answer.text.split("\n\n")
    assert (retry, nothing) == ("retry: 1000", "")
    assert first.startswith("id: 1\nevent: step\ndata: {")
    assert last.startswith("id: 2\nevent: run_complete\ndata: {")
    assert end.startswith("id: 2\nevent: end\ndata: {")


@pytest.mark.parametrize(
    ("query", "last_event_id", "seen"),
    [("", None, [1, 2, 3, 4]), ("?after_seq=2", None, [3, 4]), ("?after_seq=1", "3", [4]), ("", "4", [])],
)
def test_a_stream_goes_on_where_the_client_was(
    tenant: UUID, token: str, address: str, query: str, last_event_id: str | None, seen: list[int]
) -> None:
    run_id = ended_run(tenant, steps=3)
    headers = bearer(token) | EVENT_STREAM | ({"Last-Event-ID": last_event_id} if last_event_id else {})

    answer = get_events(address, run_id, headers, query)

    ids = [int(line.removeprefix("id: ")) for line in answer.text.splitlines() if line.startswith("id: ")]
    assert ids == [*seen, 4]


@pytest.mark.parametrize("last_event_id", ["-1", "x", "2147483648"])
def test_a_seq_that_is_none_is_refused(tenant: UUID, token: str, address: str, last_event_id: str) -> None:
    run_id = started_run(tenant)

    answer = get_events(address, run_id, bearer(token) | EVENT_STREAM | {"Last-Event-ID": last_event_id})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_stranger_finds_no_run_and_nobody_is_turned_away(
    tenant: UUID, token: str, stranger_token: str, address: str
) -> None:
    run_id = started_run(tenant)

    foreign = get_events(address, run_id, bearer(stranger_token) | EVENT_STREAM)
    missing = get_events(address, uuid4(), bearer(token) | EVENT_STREAM)
    nobody = get_events(address, run_id, EVENT_STREAM)

    assert (foreign.status_code, foreign.json()["code"]) == (404, "run_not_found")
    assert (missing.status_code, missing.json()["code"]) == (404, "run_not_found")
    assert (nobody.status_code, nobody.headers["Content-Type"]) == (401, "application/problem+json")


def test_a_page_follows_with_its_session(tenant: UUID, session_cookie: str, address: str) -> None:
    run_id = ended_run(tenant, steps=1)

    answer = get_events(address, run_id, EVENT_STREAM | {"Cookie": session_cookie})

    assert answer.text.count("\ndata: ") == 3
