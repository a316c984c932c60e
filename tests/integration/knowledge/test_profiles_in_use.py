"""What boards and writers take from a profile, and what content hands down to it."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.queries import job
from kairo.platform.llm.queries import calls_of_run
from kairo.stages.brands import operations as brands
from kairo.stages.content import operations as content
from kairo.stages.content.contracts import VariantDTO, VariantUpdateDTO
from kairo.stages.knowledge import operations, queries
from kairo.stages.knowledge.models import ApprovedTextRow, BrandProfile
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities import queries as opportunity_queries
from kairo.stages.opportunities.contracts import Channel, DecisionRequestDTO, DecisionType, TodayBoardDTO
from tests.factories.board_jobs import regenerate_now, run
from tests.factories.boards import NOON, make_brand, make_item, make_opportunity
from tests.factories.brands import brand_file, stored_brand
from tests.factories.packages import package_made, variants_made
from tests.factories.posts import import_posts, posts
from tests.factories.profiles import approved_texts, compile_now
from tests.fakes.content_models import Writer, honest
from tests.integration.outbound.servers import Site

PILLARS = [{"name": "Routine", "keywords": ["cleanser", "moisturiser", "sunscreen"]}]
ASKED = "How do I descale my machine?"
ANSWERED = "Citric acid, 20 minutes, two rinses, done."


def board_of(tenant: UUID, brand_id: UUID) -> TodayBoardDTO:
    regenerate_now(tenant_id=tenant, brand_id=brand_id)
    with tenant_transaction(tenant):
        return opportunity_queries.look_at_today(brand_id, at=timezone.now()).to_contract()


@pytest.fixture
def brand_id(tenant: UUID, tmp_path: Path) -> UUID:
    brand = stored_brand(tenant, pillars=PILLARS, brand__positioning="Calm skincare for sensitive skin")
    now = timezone.now()
    import_posts(posts(12, at=now), tenant_id=tenant, brand_id=brand.id, folder=tmp_path, at=now)
    return brand.id


def test_a_board_names_the_profile_it_used_tells_its_parts_and_is_made_again_after_newer_ones(
    tenant: UUID, brand_id: UUID
) -> None:
    compile_now(tenant, brand_id)
    board = board_of(tenant, brand_id)
    with tenant_transaction(tenant):
        changed = brand_file(pillars=PILLARS, brand__positioning="Diesel engines", brand__taboos=["cleanser"])
        brands.import_brand(file=changed, at=NOON)
    newer = compile_now(tenant, brand_id)

    with tenant_transaction(tenant):
        assert board.meta.board_id is not None
        replayed = opportunities.replay_board(board_id=board.meta.board_id, at=timezone.now())

    assert (board.meta.profile_version, newer.version) == (1, 2)
    assert any("keyword: " in part for one in board.opportunities for part in one.score_breakdown["relevance"].parts)
    assert replayed.identical, replayed.differences


def test_without_a_profile_a_board_says_nothing_of_one(tenant: UUID, brand_id: UUID) -> None:
    board = board_of(tenant, brand_id)

    assert board.opportunities
    assert board.meta.profile_version is None
    assert all(part.parts == {} for one in board.opportunities for part in one.score_breakdown.values())


def test_a_board_whose_profile_is_gone_says_that_it_cannot_be_made_again(tenant: UUID, brand_id: UUID) -> None:
    compile_now(tenant, brand_id)
    board = board_of(tenant, brand_id)
    with tenant_transaction(tenant):
        BrandProfile.objects.all().delete()

        assert board.meta.board_id is not None
        replayed = opportunities.replay_board(board_id=board.meta.board_id, at=timezone.now())

    assert (replayed.identical, replayed.reason) == (None, "profile_not_kept")


def written(tenant: UUID) -> tuple[UUID, UUID, list[VariantDTO]]:
    brand = make_brand(tenant)
    item_id = make_item(tenant, brand_id=brand.id, text=ANSWERED, author_ref="ana")
    opportunity_id = make_opportunity(tenant, brand_id=brand.id, cites=[(item_id, ANSWERED)])
    package = package_made(tenant, brand_id=brand.id, opportunity_id=opportunity_id)
    return brand.id, item_id, variants_made(tenant, package_id=package.id)


def decide(tenant: UUID, variant_id: UUID, decision: DecisionType) -> None:
    with tenant_transaction(tenant):
        request = DecisionRequestDTO(decision_type=decision)
        content.decide_on_variant(variant_id=variant_id, request=request, by="ana", at=NOON)


def handed_down(tenant: UUID) -> list[str]:
    with tenant_transaction(tenant):
        return [row.text for row in ApprovedTextRow.objects.order_by("source")]


def test_an_approved_variant_is_handed_down_its_edit_too_and_archiving_takes_it_back(tenant: UUID) -> None:
    brand_id, _, [variant, *_] = written(tenant)

    decide(tenant, variant.id, DecisionType.APPROVE)
    first = handed_down(tenant)
    with tenant_transaction(tenant):
        change = VariantUpdateDTO(body="We descale in five minutes.")
        content.update_variant(variant_id=variant.id, change=change, by="ana", at=NOON)
    edited = handed_down(tenant)
    decide(tenant, variant.id, DecisionType.ARCHIVE)

    assert first
    assert first[0].startswith(variant.body)
    assert edited[0].startswith("We descale in five minutes.")
    assert handed_down(tenant) == []
    with tenant_transaction(tenant):
        assert queries.profile_inputs(brand_id).texts == []


def test_an_unapproved_text_is_no_part_of_the_voice(tenant: UUID) -> None:
    _, _, [variant, *_] = written(tenant)

    with tenant_transaction(tenant):
        change = VariantUpdateDTO(body="We descale in five minutes.")
        content.update_variant(variant_id=variant.id, change=change, by="ana", at=NOON)

    assert handed_down(tenant) == []


def test_erased_evidence_takes_its_texts_out_of_the_voice_at_once(tenant: UUID) -> None:
    brand_id, item_id, [variant, *_] = written(tenant)
    decide(tenant, variant.id, DecisionType.APPROVE)
    compile_now(tenant, brand_id)

    with tenant_transaction(tenant):
        content.let_go_of_items(item_ids=[item_id])
        old = queries.profile(brand_id, version=1).profile

    assert handed_down(tenant) == []
    assert (old.voice, old.voice_erased) == (None, True)


def test_the_local_writer_writes_no_hashtags_for_a_brand_that_uses_none(tenant: UUID) -> None:
    brand = stored_brand(tenant, pillars=[{"name": "Care", "keywords": ["descale", "machine"]}])
    with tenant_transaction(tenant):
        texts = approved_texts(5, at=NOON, text="We keep it short. It works.", channel="linkedin")
        operations.take_approved_texts(brand_id=brand.id, texts=texts)
    compile_now(tenant, brand.id)
    item_id = make_item(tenant, brand_id=brand.id, text=ASKED, author_ref="ana")
    cites = [(item_id, ASKED)]
    opportunity_id = make_opportunity(tenant, brand_id=brand.id, cites=cites, primary_channel=Channel.LINKEDIN)

    package = package_made(tenant, brand_id=brand.id, opportunity_id=opportunity_id)
    [variant] = variants_made(tenant, package_id=package.id)

    assert variant.channel == "linkedin"
    assert "#" not in variant.body


@pytest.mark.parametrize(
    ("texts", "prompt", "is_told"), [(5, "write_variant_in_voice@2", True), (4, "write_variant@1", False)]
)
def test_a_model_is_told_the_voice_once_it_is_known(
    tenant: UUID, settings: Settings, texts: int, prompt: str, is_told: bool
) -> None:
    brand = make_brand(tenant)
    with tenant_transaction(tenant):
        given = approved_texts(texts, at=NOON, text="We keep it short. It works.")
        operations.take_approved_texts(brand_id=brand.id, texts=given)
    compile_now(tenant, brand.id)
    item_id = make_item(tenant, brand_id=brand.id, text=ASKED, author_ref="ana")
    opportunity_id = make_opportunity(tenant, brand_id=brand.id, cites=[(item_id, ASKED)])

    settings.LLM_DISABLED = False
    with Site(Writer(honest)) as site:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", site.url("/v1")
        package = package_made(tenant, brand_id=brand.id, opportunity_id=opportunity_id)
        with tenant_transaction(tenant):
            asked = content.request_variants(package_id=package.id)
        run(tenant_id=tenant, job_id=asked.id)
        sent = [json.loads(request.body)["messages"] for request in site.requests]

    with tenant_transaction(tenant):
        prompts = {call.prompt for call in calls_of_run(job(asked.id).run_id) if call.task == "variants"}
    assert prompts == {prompt}
    assert ("a sentence has about" in json.dumps(sent)) is is_told
