"""The synthetic demo brand that `kairo run` shows at once: a houseplant shop, and posts that nobody ever wrote."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import yaml

from kairo.interfaces.cli.brands import store_brand
from kairo.interfaces.cli.demo.rounds import files_due, first_round_end, known_round_end, read_posts
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands import queries as brands
from kairo.stages.brands.operations import read_brand_file
from kairo.stages.evidence import operations as evidence
from kairo.stages.evidence import queries as evidence_queries
from kairo.stages.evidence.queries import EvidenceWindow
from kairo.stages.knowledge import operations as knowledge
from kairo.stages.knowledge import queries as knowledge_queries
from kairo.stages.opportunities import operations as opportunities

BRAND_FILE = Path(__file__).with_name("brand.yaml")
POSTS_FILE = Path(__file__).with_name("posts.jsonl")
DOCUMENTS_FILE = Path(__file__).with_name("documents.yaml")
LOOK_BACK_DAYS = 3650
MOST_ITEMS_SEARCHED = 5000


def seed_demo_brand(*, at: datetime) -> None:
    """Make or update the demo brand, publish its posts up to now, and look at its board once, so that it gets made.

    A brand without documents gets the two that its knowledge can be gathered from beside the posts.

    The first seeding publishes all posts, dated `at` minus their `hours_ago`. From then on they come round every 31
    days: a later start adds those that came due since, under new ids and in the next of four wordings. So some post
    is always younger than five days, on most days one topic or another is on the rise, and no words come back while
    normalisation would still call them a repeat. A start at which nothing has come due adds nothing.
    """
    imported = store_brand(read_brand_file(BRAND_FILE), is_synthetic=True)
    tenant_id, brand_id = brands.locate_brand(imported.brand.slug, tenant_slug=imported.tenant_slug)
    known_end = _known_round_end(tenant_id, brand_id, at=at) or first_round_end(at)
    with TemporaryDirectory() as folder:
        for name, records in files_due(read_posts(POSTS_FILE), known_end=known_end, at=at).items():
            path = Path(folder, name)
            path.write_text(
                "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records), encoding="utf-8"
            )
            evidence.import_file(tenant_id=tenant_id, brand_id=brand_id, path=path, at=at)
    _upload_documents(tenant_id, brand_id, at=at)
    with tenant_transaction(tenant_id):
        opportunities.open_today(brand_id=brand_id, at=at)


def _upload_documents(tenant_id: UUID, brand_id: UUID, *, at: datetime) -> None:
    with tenant_transaction(tenant_id):
        if knowledge_queries.documents(brand_id, limit=1):
            return
    for document in yaml.safe_load(DOCUMENTS_FILE.read_text(encoding="utf-8")):
        name, content = str(document["name"]), str(document["text"]).encode()
        read = knowledge.read_document(content=content, name=name)
        with tenant_transaction(tenant_id):
            knowledge.add_document(brand_id=brand_id, content=content, name=name, read=read, at=at)


def _known_round_end(tenant_id: UUID, brand_id: UUID, *, at: datetime) -> datetime | None:
    # What people imported for the demo brand lies among its items, so that the newest alone may not be a demo post.
    window = EvidenceWindow(as_of=at, days=LOOK_BACK_DAYS, max_items=MOST_ITEMS_SEARCHED)
    with tenant_transaction(tenant_id):
        items = evidence_queries.brand_evidence(brand_id, window).items
    return known_round_end(item.platform_item_id for item in items)
