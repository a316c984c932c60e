"""One of everything that a tenant can own: at least one row in each table, and the ids by which it is reached.

Whoever adds a table or a path adds its row or its id here; the tests of `tests/verification` then cover it unasked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pydantic import BaseModel, JsonValue

from kairo.interfaces.api.app import api
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.flags import operations as flags
from kairo.platform.flags.contracts import DegradationLevel, Flag
from kairo.platform.jobs.models import Effect, JobStep
from kairo.platform.live.tickets import issue_ticket
from kairo.platform.outbound import operations as outbound
from kairo.platform.tenancy import chats
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import issue_sign_in_link, issue_token
from kairo.stages.ads import operations as ads
from kairo.stages.ads.contracts.accounts import AccountConnection
from kairo.stages.ads.contracts.changes import AdSafetySettings, ChangeDraft, ChangeSource, ChangeType
from kairo.stages.ads.contracts.platforms import EntityType
from kairo.stages.brands import queries as brands
from kairo.stages.brands.contracts import BrandDTO
from kairo.stages.evidence import operations as evidence
from kairo.stages.evidence import queries as evidence_queries
from kairo.stages.knowledge.contracts.graph import SourceType
from kairo.stages.learning import operations as learning
from kairo.stages.learning.contracts import ModelKind
from kairo.stages.learning.contracts.budgets import SelectRequest
from kairo.stages.learning.contracts.winners import WinnerDraft
from kairo.stages.learning.operations import registry
from kairo.stages.learning.operations.registry import Learned, Slot
from kairo.stages.opportunities import operations as opportunities
from kairo.stages.opportunities import queries as opportunity_queries
from kairo.stages.opportunities.contracts import DecisionRequestDTO, DecisionType
from tests.factories.analyses import make_analysis
from tests.factories.board_jobs import regenerate_now
from tests.factories.boards import make_board, make_item, make_opportunity
from tests.factories.brands import brand_file, stored_brand
from tests.factories.deals import make_deals
from tests.factories.knowledge import cited, make_departments, make_document, make_graph, node
from tests.factories.packages import make_event, make_package, make_variant
from tests.factories.posts import import_posts, post, posts
from tests.factories.profiles import make_profile
from tests.factories.tracking import make_tracking
from tests.factories.trending import make_trend

QUOTE = "How do I descale my machine?"


def everything_of(tenant_id: UUID, folder: Path) -> dict[str, str]:
    """Make one of everything and return its ids by the names of the paths."""
    now = timezone.now()
    brand = _brand(tenant_id, folder, at=now)
    evidence_ids = _evidence(tenant_id, brand.id, folder, at=now)
    job = regenerate_now(tenant_id=tenant_id, brand_id=brand.id)
    item_id = make_item(tenant_id, brand_id=brand.id, text=QUOTE)
    opportunity_id = make_opportunity(
        tenant_id, brand_id=brand.id, cites=[(item_id, QUOTE)], prediction=_prediction(due_at=now + timedelta(days=14))
    )
    board_id = make_board(tenant_id, brand_id=brand.id, opportunity_ids=[opportunity_id])
    package_id = make_package(tenant_id, brand_id=brand.id, item_id=item_id)
    variant_id = make_variant(tenant_id, brand_id=brand.id, package_id=package_id, item_id=item_id)
    make_event(tenant_id, variant_id=variant_id)
    _decision(tenant_id, opportunity_id, at=now)
    _learning(tenant_id, variant_id, at=now)
    make_profile(tenant_id, brand.id, at=now)
    _remains_of_a_job(tenant_id, job.id)
    _ways_in(tenant_id, at=now)
    _switches(tenant_id, at=now)
    make_tracking(tenant_id, at=now)
    return {
        "brand_id": str(brand.id),
        "brand_slug": brand.slug,
        "job_id": str(job.id),
        "run_id": str(job.run_id),
        "board_id": str(board_id),
        "opportunity_id": str(opportunity_id),
        "item_id": str(item_id),
        "node_kind": "evidence",
        "node_id": str(item_id),
        "conversion_key": f"cv-{tenant_id.hex}",
        "project_id": str(brand.id),
        **_knowledge(tenant_id, brand.id, item_id),
        "package_id": str(package_id),
        "variant_id": str(variant_id),
        **evidence_ids,
        "cluster_id": str(make_trend(tenant_id, at=now)),
        "analysis_id": str(make_analysis(tenant_id, brand_id=brand.id, item_id=item_id, at=now)),
        **_webhook(tenant_id, at=now),
        **make_deals(tenant_id, at=now),
        **_chat(tenant_id, brand.id, at=now),
        **_winner(tenant_id, at=now),
        **_ad_change(tenant_id, at=now),
    }


def operations() -> list[tuple[str, str]]:
    """List (method, path) of every operation of the OpenAPI document."""
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    return [(method, path) for path, item in paths.items() for method in item]


def _brand(tenant_id: UUID, folder: Path, *, at: datetime) -> BrandDTO:
    file = brand_file(
        personas=[{"name": "Ana"}],
        pillars=[{"name": "Routine", "keywords": ["cleanser"]}],
        patterns=[{"name": "Before and after", "category": "proof"}],
        surfaces=[{"platform": "instagram", "surface_type": "hashtag", "surface_key": "skincare"}],
    )
    brand = stored_brand(tenant_id, **file.model_dump(include={"personas", "pillars", "patterns"}))
    with tenant_transaction(tenant_id):
        evidence.declare_surfaces(brand_id=brand.id, surfaces=file.surfaces)
    import_posts(posts(12, at=at), tenant_id=tenant_id, brand_id=brand.id, folder=folder, at=at, name=str(tenant_id))
    with tenant_transaction(tenant_id):
        return brands.brand(brand.id)


def _evidence(tenant_id: UUID, brand_id: UUID, folder: Path, *, at: datetime) -> dict[str, str]:
    """Import a post that is taken and one that is refused, send a file, and begin to erase a person."""
    mine = tenant_id.hex
    lines = [post(100, at=at, platform=mine[-12:], author=mine), post(101, at=at, likes=-1)]
    report = import_posts(lines, tenant_id=tenant_id, brand_id=brand_id, folder=folder, at=at, name=f"refused-{mine}")
    make_item(tenant_id, brand_id=brand_id, text="Forget me", author_ref="leaver")
    with tenant_transaction(tenant_id):
        sent = evidence.accept_upload(brand_id=brand_id, file=SimpleUploadedFile("a.jsonl", b"{}"), at=at)
        leaver = evidence_queries.author("instagram", "leaver")
        evidence.request_erasure(author=leaver, tenant_id=tenant_id, at=at)
    return {
        "surface_id": str(report.surface_id),
        "capture_run_id": str(report.capture_run_id),
        "import_job_id": str(sent.job_id),
        "platform": mine[-12:],
        "author_ref": mine,
    }


def _decision(tenant_id: UUID, opportunity_id: UUID, *, at: datetime) -> None:
    with tenant_transaction(tenant_id):
        decided = DecisionRequestDTO(decision_type=DecisionType.PIN)
        opportunities.decide_on_opportunity(opportunity_id=opportunity_id, request=decided, by="test", at=at)


def _prediction(*, due_at: datetime) -> dict[str, JsonValue]:
    """Bet on two posts about descaling."""
    return {
        "measure": "topic_posts: descal",
        "statement": "At least 2 new posts on descaling.",
        "threshold": 2.0,
        "due_at": due_at.isoformat(),
        "probability": 0.7,
    }


def _learning(tenant_id: UUID, variant_id: UUID, *, at: datetime) -> None:
    """Learn from the decisions and the audience that are there, and score the predictions that will be due by then."""
    with tenant_transaction(tenant_id):
        [decision] = opportunity_queries.decisions()
        learning.note_decision(decision_id=decision.id, at=at)
        learning.note_engagement(variant_id=variant_id, at=at)
        learning.update_effects(brand_id=decision.brand_id, at=at)
    learning.score_due_predictions(tenant_id=tenant_id, at=at + timedelta(days=30))


def _knowledge(tenant_id: UUID, brand_id: UUID, item_id: UUID) -> dict[str, str]:
    """Store two statements with an edge, a document, the departments, and a copy of a CMS's."""
    source = cited(SourceType.EVIDENCE, item_id)
    stored = make_graph(tenant_id, brand_id, node("asked", QUOTE, source=source), node("own", "We descale by hand."))
    make_departments(tenant_id)
    return {
        "document_id": str(make_document(tenant_id, brand_id).id),
        "statement_id": str(stored.ids["own"]),
    }


def _remains_of_a_job(tenant_id: UUID, job_id: UUID) -> None:
    with tenant_transaction(tenant_id):
        JobStep.objects.create(job_id=job_id, key="kept", input_hash="x", output={})
        Effect.objects.create(job_id=job_id, key="sent")


def _ways_in(tenant_id: UUID, *, at: datetime) -> None:
    issue_token(tenant_id=tenant_id, name="everything")
    issue_sign_in_link(tenant_id=tenant_id, email=f"owner@{tenant_id}.example", at=at)
    with tenant_transaction(tenant_id):
        issue_ticket(at=at)
    SessionStore().create()


def _switches(tenant_id: UUID, *, at: datetime) -> None:
    with tenant_transaction(tenant_id):
        flags.set_flag(name=Flag.ENABLE_TRENDS_ENHANCED, percentage=50, at=at)
        flags.set_degradation(level=DegradationLevel.NONE, reason="", at=at)


def _webhook(tenant_id: UUID, *, at: datetime) -> dict[str, str]:
    with tenant_transaction(tenant_id):
        made = outbound.add_endpoint(url="https://hooks.example.com/kairo", events=["*"], at=at)
        [delivery] = outbound.announce(event="board.generated", payload={}, at=at, enqueue=_ask_nobody)
    return {"endpoint_id": str(made.endpoint.id), "delivery_id": str(delivery.id)}


def _chat(tenant_id: UUID, brand_id: UUID, *, at: datetime) -> dict[str, str]:
    """Link a chat, and leave a code that nobody has used."""
    with tenant_transaction(tenant_id):
        codes = [chats.issue_chat_code(brand_id=brand_id, role=Role.EDITOR, at=at).code for _ in range(2)]
        chats.link_chat(codes[0], transport="telegram", chat_id=tenant_id.int % 2**53, at=at)
        [link] = chats.chats_of_tenant()
    return {"link_id": str(link.id)}


def _ad_change(tenant_id: UUID, *, at: datetime) -> dict[str, str]:
    """Connect an account, and want an ad set of it paused."""
    mine = tenant_id.hex
    connection = AccountConnection(account_id=f"account-{mine}", currency="EUR", timezone="UTC")
    draft = ChangeDraft(
        ad_entity_type=EntityType.AD_SET,
        ad_entity_id=f"set-{mine}",
        change_type=ChangeType.PAUSE,
        reason="No sales.",
        account_id=connection.account_id,
    )
    with tenant_transaction(tenant_id):
        ads.connect_account(connection=connection, at=at)
        ads.set_safety_settings(settings=AdSafetySettings(), by="test", role=Role.OWNER, at=at)
        change, _ = ads.propose_change(draft=draft, source=ChangeSource.PERSON, by="test", at=at)
    return {"change_id": str(change.id), "account_id": connection.account_id}


def _winner(tenant_id: UUID, *, at: datetime) -> dict[str, str]:
    """Put an ad into the index of winners, and return a version of what was learned and a recommendation."""
    with tenant_transaction(tenant_id):
        learning.add_winner(draft=WinnerDraft(ad_id="won", text="Descale in five minutes"), at=at)
        learned = Learned(artifact={}, trained_until=at)
        model = registry.propose(slot=Slot(ModelKind.DELAY_CURVE), learned=learned, at=at)
        asked = SelectRequest.model_validate({"ad_states": [{"ad_id": "won", "daily_budget": 5}], "total_budget": 10})
        selected = learning.select_budgets(request=asked, at=at)
    return {"model_id": str(model.id), "selection_id": str(selected.selection_id)}


def _ask_nobody(
    kind: str, payload: BaseModel, *, dedupe_key: str | None = None, available_at: datetime | None = None
) -> None:
    """Stand where the job table would be asked to send it."""
