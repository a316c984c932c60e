"""Runs: their events are numbered without gaps, belong to a tenant, and can be had as files."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.test import override_settings
from pydantic import JsonValue

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.telemetry.contracts import EventType, ObsHealth, RunNotFound
from kairo.platform.telemetry.health import job_of_run, run_summaries, run_summary
from kairo.platform.telemetry.runs import all_events, events_of, record, tenant_of


def write(tenant_id: UUID, run_id: UUID, *steps: str) -> None:
    with tenant_transaction(tenant_id):
        record(run_id, kind="test", events=[(EventType.STEP, {"step": step}) for step in steps])


def test_writers_side_by_side_number_their_events_without_gaps(tenant: UUID) -> None:
    run_id = new_id()

    def writer(name: int) -> None:
        for step in range(10):
            write(tenant, run_id, f"{name}-{step}-a", f"{name}-{step}-b")
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(writer, range(4)))

    with tenant_transaction(tenant):
        events = list(all_events(run_id))
    assert [event.seq for event in events] == list(range(1, 81))
    assert len({event.data["step"] for event in events}) == 80


def test_an_event_of_a_rolled_back_transaction_leaves_no_gap(tenant: UUID) -> None:
    run_id = new_id()
    write(tenant, run_id, "first")

    with tenant_transaction(tenant):
        record(run_id, kind="test", events=[(EventType.STEP, {"step": "lost"})])
        transaction.set_rollback(True)
    write(tenant, run_id, "second")

    with tenant_transaction(tenant):
        assert [(event.seq, event.data["step"]) for event in events_of(run_id)] == [(1, "first"), (2, "second")]


def test_a_client_goes_on_after_the_last_event_it_saw(tenant: UUID) -> None:
    run_id = new_id()
    write(tenant, run_id, "a", "b", "c")

    with tenant_transaction(tenant):
        assert [event.data["step"] for event in events_of(run_id, after_seq=1)] == ["b", "c"]
        assert events_of(run_id, after_seq=3) == []


def test_another_tenant_finds_no_run_and_cannot_write_into_it(tenant: UUID, stranger: UUID) -> None:
    run_id = new_id()
    write(tenant, run_id, "ours")

    with tenant_transaction(stranger), pytest.raises(RunNotFound):
        events_of(run_id)
    with pytest.raises(RunNotFound):
        write(stranger, run_id, "theirs")
    assert tenant_of(run_id) == tenant


@pytest.mark.parametrize(
    ("events", "health"),
    [
        ([(EventType.RUN_COMPLETE, {})], "ok"),
        ([(EventType.RETRIEVAL, {"degraded": True}), (EventType.RUN_COMPLETE, {})], "degraded"),
        ([(EventType.RETRIEVAL, {"degraded": True}), (EventType.RUN_FAIL, {})], "failed"),
        ([(EventType.RUN_FAIL, {}), (EventType.RUN_COMPLETE, {})], "degraded"),
        ([(EventType.RUN_COMPLETE, {"state": "error"})], "failed"),
        ([(EventType.LLM_CALL, {"fallback_reason": "timed_out"}), (EventType.RUN_COMPLETE, {})], "degraded"),
        ([(EventType.LLM_CALL, {"outcome": "over_budget"})], "degraded"),
        ([(EventType.ACTION, {"missing": {"topics": "late"}})], "degraded"),
        ([(EventType.ACTION, {"missing": {}, "degraded": False, "fallback_reason": ""})], "ok"),
        ([(EventType.GATE, {"missing": ["instagram"]})], "ok"),
        ([(EventType.RETRIEVAL, {"degraded": ["signals"]})], "degraded"),
    ],
)
def test_a_runs_health_follows_from_its_events(
    tenant: UUID, events: list[tuple[EventType, dict[str, JsonValue]]], health: str
) -> None:
    run_id = new_id()
    with tenant_transaction(tenant):
        record(run_id, kind="test", events=events)
        assert run_summary(run_id).obs_health == health


def test_runs_are_listed_newest_first_by_kind_and_health(tenant: UUID, stranger: UUID) -> None:
    made = [new_id() for _ in range(4)]
    for place, run_id in enumerate(made):
        with tenant_transaction(tenant):
            end = EventType.RUN_FAIL if place == 1 else EventType.RUN_COMPLETE
            record(run_id, kind="odd" if place % 2 else "even", events=[(end, {"job_id": str(made[0])})])

    with tenant_transaction(tenant):
        listed = [run.id for run in run_summaries()]
        assert listed == made[::-1]
        assert [run.id for run in run_summaries(kind="odd")] == [made[3], made[1]]
        assert [run.id for run in run_summaries(health=ObsHealth.FAILED)] == [made[1]]
        assert [run.id for run in run_summaries(before=made[2], limit=1)] == [made[1]]
        assert job_of_run(made[2]) == made[0]
    with tenant_transaction(stranger):
        assert run_summaries() == []
        assert job_of_run(made[2]) is None


def test_events_are_written_as_files_once_they_are_committed(tenant: UUID, tmp_path: Path) -> None:
    run_id = new_id()

    with override_settings(KAIRO_OBS_ENABLED=True, KAIRO_OBS_DIR=tmp_path), tenant_transaction(tenant):
        record(run_id, kind="test", events=[(EventType.GATE, {"code": "few_urls"}), (EventType.STEP, {"step": "x"})])
        assert not (tmp_path / str(run_id)).exists()

    [gate] = (tmp_path / str(run_id) / "gate.jsonl").read_text().splitlines()
    assert json.loads(gate)["data"] == {"code": "few_urls"}
    assert json.loads(gate)["seq"] == 1
    assert (tmp_path / str(run_id) / "step.jsonl").exists()
