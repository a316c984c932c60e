"""A gather over real documents and evidence: what it finds, how it stops, what it tells, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs import operations as jobs
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.slots import run_due
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import all_events
from kairo.stages.brands.models import Brand
from kairo.stages.evidence import operations as evidence_operations
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.contracts import AuthorDTO
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.gathers import DepartmentState, GatherState
from kairo.stages.knowledge.contracts.graph import BrainUnavailable, DepartmentContext, NodesStored, SourceType
from kairo.stages.knowledge.models import DocumentPassage, GatheredItem
from tests.factories.boards import make_item
from tests.factories.brands import stored_brand
from tests.factories.gathers import (
    ask_for_gather,
    attempt_gather,
    contents,
    documented_brand,
    found,
    run,
    told,
)
from tests.factories.handbook import HANDBOOK, INTERVIEWS

PAIN = "My main problem is that buyers struggle and get frustrated when a cleanser burns their skin."


def captured(tenant: UUID, brand_id: UUID, text: str, *, days_ago: int = 1) -> UUID:
    """Store a post of ana's as a capture left it."""
    at = timezone.now()
    published_at = at - timedelta(days=days_ago)
    item_id = make_item(tenant, brand_id=brand_id, text=text, author_ref="ana", published_at=published_at)
    evidence_operations.normalise_pending(tenant_id=tenant, at=at)
    return item_id


def test_posts_are_material_however_old(tenant: UUID) -> None:
    brand_id = stored_brand(tenant).id
    item_id = captured(tenant, brand_id, PAIN, days_ago=3 * 365)

    with tenant_transaction(tenant):
        [passage] = queries.materials(brand_id, as_of=timezone.now())

    assert (passage.source_id, passage.text) == (item_id, PAIN)


def test_a_gather_of_all_departments_finds_cited_items_and_tells_of_every_step(tenant: UUID) -> None:
    brand_id = documented_brand(tenant)
    captured(tenant, brand_id, PAIN)
    job = ask_for_gather(tenant, brand_id, user_id="ana")

    run_due()

    with tenant_transaction(tenant):
        gather = queries.newest_gather(brand_id)
        departments = queries.gather_departments(gather.id) if gather else []
        task = queries.task(job.id)
        evaluations = queries.department_evaluations(brand_id)
        texts = dict(DocumentPassage.objects.values_list("id", "text"))
        texts |= {item.id: item.text for item in evidence.items(brand_id)}
    assert gather is not None
    assert (gather.state, task.state) == (GatherState.COMPLETED, JobState.SUCCEEDED)
    assert [one.slug for one in departments] == [
        "positioning", "audience", "product", "voice", "competitors", "visual", "channels",
    ]  # fmt: skip
    items = found(tenant, brand_id)
    assert len(items) == gather.items_created >= 50
    for item in items:
        assert item.aspects
        assert item.citations
        assert (item.user_id, item.run_id, item.generator) == ("ana", job.run_id, "local")
        for cited in item.citations:
            assert cited.quote in texts[cited.source_id]
    assert any(cited.source_type == SourceType.EVIDENCE for item in items for cited in item.citations)
    reached = [one.number for one in departments if one.state is DepartmentState.THRESHOLD_REACHED]
    assert len(reached) >= 4
    assert [one.department_number for one in evaluations] == reached
    assert task.outcome["items_created"] == len(items)
    assert_told_in_full(tenant, brand_id, job.run_id, [one.slug for one in departments])


def assert_told_in_full(tenant: UUID, brand_id: UUID, run_id: UUID, slugs: list[str]) -> None:
    events = told(tenant, run_id)
    with tenant_transaction(tenant):
        numbers = [event.seq for event in all_events(run_id)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(event.data["project_id"] == str(brand_id) for event in events)
    for slug in slugs:
        mine = [event.type for event in events if event.data.get("department") == slug]
        assert mine[0] is EventType.DEPARTMENT_STARTED
        assert mine.count(EventType.DEPARTMENT_COMPLETE) == 1
        assert EventType.ITERATION_COMPLETE in mine
    assert [event.type for event in events if event.type is not EventType.DEPARTMENT_EVALUATED][-1] is (
        EventType.AUTOMATION_COMPLETE
    )


def test_without_material_nothing_is_invented_and_the_answer_says_what_to_upload(tenant: UUID) -> None:
    brand_id = stored_brand(tenant).id
    job = ask_for_gather(tenant, brand_id)

    ended = run(tenant, job.id)

    assert ended.state is JobState.INSUFFICIENT_EVIDENCE
    assert ended.attempts == 1
    assert ended.outcome["status"] == "insufficient_evidence"
    assert "Upload" in str(ended.outcome["remediation"])
    assert found(tenant, brand_id) == []
    assert [event.type for event in told(tenant, job.run_id)] == [EventType.AUTOMATION_COMPLETE]


def test_material_that_bears_on_nothing_is_too_little_too(tenant: UUID) -> None:
    brand_id = documented_brand(tenant, texts=["The tide tables of Ostend list twelve hours and ten minutes between."])
    job = ask_for_gather(tenant, brand_id)

    ended = run(tenant, job.id)

    assert ended.state is JobState.INSUFFICIENT_EVIDENCE
    assert "aspects of the departments" in str(ended.outcome["remediation"])


def test_when_the_iterations_are_used_up_the_rest_is_listed_with_nothing(tenant: UUID) -> None:
    brand_id = documented_brand(tenant, texts=[INTERVIEWS])
    job = ask_for_gather(tenant, brand_id, max_iterations=2)

    ended = run(tenant, job.id)

    summary = ended.outcome["summary"]
    assert isinstance(summary, list)
    assert len(summary) == 7
    assert (ended.outcome["iterations"], ended.outcome["departments_processed"]) == (2, 1)
    assert [one["quality_score"] for one in summary[1:]] == [0.0] * 6  # type: ignore[index, call-overload]
    types = [event.type for event in told(tenant, job.run_id)]
    assert types[-3:] == [
        EventType.MAX_ITERATIONS_REACHED, EventType.DEPARTMENT_COMPLETE, EventType.AUTOMATION_COMPLETE,
    ]  # fmt: skip


def test_three_iterations_without_gain_end_a_department(tenant: UUID) -> None:
    brand_id = documented_brand(tenant, texts=[INTERVIEWS])
    job = ask_for_gather(tenant, brand_id, max_iterations=6)

    run(tenant, job.id)

    with tenant_transaction(tenant):
        gather = queries.newest_gather(brand_id)
        departments = queries.gather_departments(gather.id) if gather else []
        iterations = queries.gather_iterations(gather.id) if gather else []
    stagnant = [one.slug for one in departments if one.state is DepartmentState.STAGNANT]
    assert "positioning" in stagnant
    scores = [one.quality_score for one in iterations if one.department == "positioning"]
    assert len(set(scores[-4:])) <= 2
    assert EventType.QUALITY_STAGNANT in {event.type for event in told(tenant, job.run_id)}


def test_the_same_seed_gives_the_same_items_and_projects_do_not_mix(tenant: UUID) -> None:
    one = documented_brand(tenant, slug="one")
    other = documented_brand(tenant, slug="other")
    jobs_of = [ask_for_gather(tenant, brand_id, seed=7, max_iterations=8) for brand_id in (one, other)]

    for job in jobs_of:
        run(tenant, job.id)

    assert contents(found(tenant, one)) == contents(found(tenant, other)) != []
    assert {item.project_id for item in found(tenant, one)} == {one}


def test_a_second_gather_goes_on_where_the_first_left_off(tenant: UUID) -> None:
    brand_id = documented_brand(tenant)
    run(tenant, ask_for_gather(tenant, brand_id, max_iterations=1).id)
    first = found(tenant, brand_id)

    run(tenant, ask_for_gather(tenant, brand_id, max_iterations=5).id)

    texts = [item.content for item in found(tenant, brand_id)]
    assert len(texts) > len(first)
    assert len(set(texts)) == len(texts)


def test_two_orders_at_once_are_one_task(tenant: UUID) -> None:
    brand_id = documented_brand(tenant)

    one, other = ask_for_gather(tenant, brand_id), ask_for_gather(tenant, brand_id, max_iterations=3)

    assert one.id == other.id
    assert (one.queue, one.priority, one.kind) == ("cpu_intensive", 1, "automated_gather_creation")
    with tenant_transaction(tenant):
        assert Job.objects.get(id=one.id).time_limit_s == 600
        assert queries.newest_gather(brand_id).max_iterations == 50  # type: ignore[union-attr]


def test_a_waiting_gather_that_is_cancelled_tells_so(tenant: UUID) -> None:
    brand_id = documented_brand(tenant)
    job = ask_for_gather(tenant, brand_id)

    with tenant_transaction(tenant):
        ended = jobs.request_cancel(job.id)

    with tenant_transaction(tenant):
        gather = queries.newest_gather(brand_id)
    assert ended.state is JobState.CANCELLED
    assert gather is not None
    assert gather.state is GatherState.CANCELLED
    [event] = told(tenant, job.run_id)
    assert (event.type, event.data["items_created_so_far"]) == (EventType.AUTOMATION_CANCELLED, 0)


class CancellingBrain:
    """A brain in whose care somebody cancels the gather: after its first items are in."""

    def __init__(self, tenant_id: UUID, project_id: UUID) -> None:
        self._tenant_id, self._project_id = tenant_id, project_id
        self._real = operations.brain_of(tenant_id)

    def store(self, **given: object) -> NodesStored:
        stored = self._real.store(**given)  # type: ignore[arg-type]
        with tenant_transaction(self._tenant_id):
            operations.cancel_gather(project_id=self._project_id)
        return stored

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def test_a_running_gather_stops_within_a_step_and_keeps_what_it_has(tenant: UUID) -> None:
    brand_id = documented_brand(tenant)
    job = ask_for_gather(tenant, brand_id)

    ended = attempt_gather(tenant, job.id, brain=CancellingBrain(tenant, brand_id))  # type: ignore[arg-type]

    with tenant_transaction(tenant):
        gather = queries.newest_gather(brand_id)
        task = queries.task(job.id)
    items = found(tenant, brand_id)
    assert ended.state is JobState.CANCELLED
    assert gather is not None
    assert gather.iterations == 1
    assert len(items) == gather.items_created > 0
    last = told(tenant, job.run_id)[-1]
    assert (last.type, last.data["items_created_so_far"]) == (EventType.AUTOMATION_CANCELLED, len(items))
    assert (task.outcome["status"], task.outcome["items_created"]) == ("cancelled", len(items))


def test_a_cancelled_gather_that_is_started_over_goes_on(tenant: UUID) -> None:
    brand_id = documented_brand(tenant)
    job = ask_for_gather(tenant, brand_id, max_iterations=6)
    attempt_gather(tenant, job.id, brain=CancellingBrain(tenant, brand_id))  # type: ignore[arg-type]

    with tenant_transaction(tenant):
        jobs.retry(job.id)
    ended = run(tenant, job.id)

    assert ended.state is JobState.SUCCEEDED
    assert ended.outcome["iterations"] == 6
    assert len({item.content for item in found(tenant, brand_id)}) == ended.outcome["items_created"]


class AwayBrain:
    """A brain that cannot be reached."""

    def store(self, **_: object) -> NodesStored:
        raise BrainUnavailable("It does not answer.")

    def context(self, **_: object) -> DepartmentContext:
        raise BrainUnavailable("It does not answer.")


def test_without_the_brain_the_gather_goes_on_and_says_so(tenant: UUID) -> None:
    brand_id = documented_brand(tenant)
    job = ask_for_gather(tenant, brand_id, max_iterations=8)

    ended = attempt_gather(tenant, job.id, brain=AwayBrain())  # type: ignore[arg-type]

    assert ended.state is JobState.SUCCEEDED
    assert ended.outcome["degraded"] == ["brain_unavailable"]
    assert found(tenant, brand_id)


def test_what_the_brain_missed_is_put_in_by_the_next_gather(tenant: UUID) -> None:
    brand_id = documented_brand(tenant)
    attempt_gather(tenant, ask_for_gather(tenant, brand_id, max_iterations=1).id, brain=AwayBrain())  # type: ignore[arg-type]

    run(tenant, ask_for_gather(tenant, brand_id, max_iterations=1).id)

    with tenant_transaction(tenant):
        assert not GatheredItem.objects.filter(indexed_at=None).exists()
    report = operations.brain_of(tenant).coverage(project_id=brand_id, department="positioning")
    assert {node for aspect in report.aspects for node in aspect.node_ids}


def test_items_that_cite_an_erased_person_go_with_them(tenant: UUID) -> None:
    brand_id = documented_brand(tenant, texts=[INTERVIEWS])
    item_id = captured(tenant, brand_id, PAIN)
    run(tenant, ask_for_gather(tenant, brand_id).id)
    cites = [item for item in found(tenant, brand_id) if item_id in {one.source_id for one in item.citations}]

    with tenant_transaction(tenant):
        platform = evidence.item(item_id).platform
        author = evidence.author(platform, "ana")
        assert isinstance(author, AuthorDTO)
        evidence_operations.request_erasure(author=author, tenant_id=tenant, at=timezone.now())
    run_due()

    assert cites
    left = found(tenant, brand_id)
    assert not {item.id for item in cites} & {item.id for item in left}
    assert all(PAIN not in item.content for item in left)


def test_personal_data_and_taboos_never_become_items(tenant: UUID) -> None:
    text = HANDBOOK + "\nCustomers who doubt the guarantee write to the owner at jan.peeters@example.com today.\n"
    brand_id = documented_brand(tenant, texts=[text])
    with tenant_transaction(tenant):
        Brand.objects.filter(id=brand_id).update(taboos=["clinical"])

    run(tenant, ask_for_gather(tenant, brand_id, max_iterations=3).id)

    texts = " ".join(item.content for item in found(tenant, brand_id))
    assert "jan.peeters" not in texts
    assert "clinical" not in texts.lower()
