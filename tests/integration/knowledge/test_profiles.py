"""Compiling a brand's profile: versions, bursts, what people see of it, and who may."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.models import Job
from kairo.platform.jobs.runner import run_job_by_id
from kairo.platform.tenancy.contracts import Role
from kairo.stages.brands import operations as brands
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.contracts.profiles import ApprovedText, VoiceState
from kairo.stages.knowledge.models import BrandProfile
from kairo.stages.knowledge.operations.compiling import store_profile
from tests.factories.brands import NOON, brand_file, stored_brand
from tests.factories.callers import caller
from tests.factories.profiles import compile_now

BRAND: dict[str, object] = {
    "brand__positioning": "Calm, honest skincare for sensitive skin",
    "brand__taboos": ["miracle", "death"],
    "pillars": [{"name": "Routine", "category": "education", "keywords": ["cleanser", "moisturiser"]}],
    "personas": [{"name": "Ana", "priorities": ["a routine of two steps"], "pains": ["mornings are short"]}],
}


def approved(number: int, text: str = "We keep it short. Nothing else helps!") -> ApprovedText:
    return ApprovedText(source=f"variant:{number}", channel="instagram", text=text, approved_at=NOON)


def run_pending(tenant: UUID) -> list[str]:
    """Run what is pending now, once, and return the kinds."""
    with tenant_transaction(tenant):
        pending = [(job.id, job.kind) for job in Job.objects.filter(state="pending").order_by("created_at")]
    for job_id, _ in pending:
        run_job_by_id(job_id)
    return [kind for _, kind in pending]


def test_a_profile_holds_what_the_brand_says_of_itself_with_weights_signals_and_taboos(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)

    profile = compile_now(tenant, brand.id)

    assert profile.version == 1
    assert [one.term for one in profile.pillars[0].keywords][:2] == ["cleanser", "moisturiser"]
    assert [one.phrase for one in profile.persona_signals] == ["a routine of two steps", "mornings are short"]
    assert [one.term for one in profile.taboos] == ["miracle", "death"]
    assert "dying" in [near.word for near in profile.taboos[1].neighbours]
    assert profile.voice is not None
    assert profile.voice.overall.state is VoiceState.NOT_ENOUGH_TEXTS


def test_unchanged_inputs_make_no_new_version_and_a_change_does(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)
    first = compile_now(tenant, brand.id)
    again = compile_now(tenant, brand.id)
    with tenant_transaction(tenant):
        brands.import_brand(file=brand_file(**BRAND | {"brand__taboos": ["hype"]}), at=NOON)
        stale = queries.profile(brand.id)

    changed = compile_now(tenant, brand.id)

    assert again == first
    assert not stale.is_current
    assert (changed.version, [one.term for one in changed.taboos]) == (2, ["hype"])


def test_what_a_brand_was_before_is_compiled_to_the_same_content_as_a_new_version(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)
    first = compile_now(tenant, brand.id)
    for taboos in (["hype"], BRAND["brand__taboos"]):
        with tenant_transaction(tenant):
            brands.import_brand(file=brand_file(**BRAND | {"brand__taboos": taboos}), at=NOON)
        last = compile_now(tenant, brand.id)

    assert (last.version, last.content_sha256) == (3, first.content_sha256)


def test_a_burst_of_changes_is_one_live_compile(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)

    with tenant_transaction(tenant):
        asked = {operations.request_compile(brand_id=brand.id).id for _ in range(20)}
        operations.take_approved_texts(brand_id=brand.id, texts=[approved(1)])

    with tenant_transaction(tenant):
        assert len(asked) == 1
        assert Job.objects.filter(kind=operations.COMPILE).count() == 1


def test_importing_a_brand_has_it_compiled_and_the_same_file_again_does_not(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)

    kinds = run_pending(tenant) + run_pending(tenant)
    stored_brand(tenant, **BRAND)

    assert kinds == [brands.CHANGED, operations.COMPILE]
    assert run_pending(tenant) == []
    with tenant_transaction(tenant):
        assert queries.profile(brand.id).is_current


def test_a_change_while_a_compile_runs_is_compiled_after_it(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)
    compile_now(tenant, brand.id)
    with tenant_transaction(tenant):
        inputs = queries.profile_inputs(brand.id)
        brands.import_brand(file=brand_file(**BRAND | {"brand__taboos": ["hype"]}), at=NOON)

    with tenant_transaction(tenant):
        newest = queries.compiled_profile(brand.id)
        assert newest is not None
        store_profile(newest, inputs, is_new=False)
        followed = Job.objects.filter(kind=operations.COMPILE, state="pending")

        assert [job.dedupe_key for job in followed] == [f"{queries.compile_key(brand.id)}:again"]


def test_a_stored_version_never_changes(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)
    compile_now(tenant, brand.id)

    with pytest.raises(DatabaseError, match="never changes"), tenant_transaction(tenant):
        BrandProfile.objects.filter(brand_id=brand.id).update(content_sha256="other")


def test_the_voice_is_measured_once_enough_texts_are_approved(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)
    with tenant_transaction(tenant):
        operations.take_approved_texts(brand_id=brand.id, texts=[approved(number) for number in range(5)])

    profile = compile_now(tenant, brand.id)

    assert profile.voice is not None
    assert profile.voice.overall.n == 5
    assert profile.voice.on("instagram") == profile.voice.overall.features
    assert profile.voice.overall.features is not None
    assert profile.voice.overall.features.exclamations_rate == 0.5


def test_a_text_that_is_taken_twice_changes_nothing_and_one_that_is_withdrawn_leaves_the_voice(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)
    texts = [approved(number) for number in range(5)]
    with tenant_transaction(tenant):
        taken = operations.take_approved_texts(brand_id=brand.id, texts=texts)
        again = operations.take_approved_texts(brand_id=brand.id, texts=texts)
    compile_now(tenant, brand.id)

    with tenant_transaction(tenant):
        operations.withdraw_approved_texts(sources=["variant:0"])
    profile = compile_now(tenant, brand.id)

    assert (taken, again) == (5, 0)
    assert profile.voice is not None
    assert (profile.voice.overall.n, profile.voice.overall.state) == (4, VoiceState.NOT_ENOUGH_TEXTS)


def test_erased_texts_leave_every_version_and_the_rest_of_it_stays(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)
    with tenant_transaction(tenant):
        operations.take_approved_texts(brand_id=brand.id, texts=[approved(number) for number in range(6)])
    before = compile_now(tenant, brand.id)

    with tenant_transaction(tenant):
        operations.withdraw_approved_texts(sources=["variant:0"], erase=True)
        old = queries.profile(brand.id, version=1).profile
    after = compile_now(tenant, brand.id)

    assert old == before.model_copy(update={"voice": None, "voice_erased": True})
    assert (after.version, after.voice_erased) == (2, False)
    assert after.voice is not None
    assert after.voice.overall.n == 5


def test_over_http_editors_compile_viewers_read_and_strangers_find_nothing(tenant: UUID, stranger: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)
    editor, viewer, other = caller(tenant), caller(tenant, role=Role.VIEWER), caller(stranger)
    path = f"/api/brands/{brand.id}"

    missing = viewer.get(f"{path}/profile")
    accepted = editor.post(f"{path}/compile")
    same = editor.post(f"{path}/compile")
    run_job_by_id(UUID(accepted.json()["job_id"]))
    found = viewer.get(f"{path}/profile")

    assert (missing.status_code, missing.json()["code"]) == (404, "profile_not_found")
    assert (accepted.status_code, same.json()) == (202, accepted.json())
    assert found.status_code == 200
    assert found.json()["is_current"]
    assert found.json()["profile"]["pillars"][0]["keywords"][0] == {
        "term": "cleanser",
        "source": "keyword",
        "weight": 1.0,
        "posts": None,
    }
    assert viewer.post(f"{path}/compile").status_code == 403
    assert viewer.get(f"{path}/profile?version=7").status_code == 404
    assert [other.get(f"{path}/profile").status_code, other.post(f"{path}/compile").status_code] == [404, 404]
    assert editor.post(f"/api/brands/{uuid4()}/compile").json()["code"] == "brand_not_found"


def test_the_daily_look_keeps_a_profile_whose_weights_hardly_moved(tenant: UUID) -> None:
    brand = stored_brand(tenant, **BRAND)
    compile_now(tenant, brand.id)
    run_pending(tenant)

    asked = operations.compile_all(tenant_id=tenant)
    run_pending(tenant)

    with tenant_transaction(tenant):
        assert (asked, BrandProfile.objects.count()) == (1, 1)
