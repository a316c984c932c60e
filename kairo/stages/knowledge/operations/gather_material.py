"""What a gather works with: passages cut into sentences that may be shown, and aspects, each with its vector."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.embeddings import default_embedder
from kairo.platform.policy.pii import find_pii
from kairo.platform.policy.texts import terms_in
from kairo.stages.brands import queries as brands
from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.contracts.documents import Passage
from kairo.stages.knowledge.operations.covering import aspect_text
from kairo.stages.knowledge.queries.materials import materials
from kairo.stages.knowledge.rules.composing import Candidate, Material, candidates_of
from kairo.stages.knowledge.rules.relevance import Aspects, topic_of
from kairo.stages.knowledge.rules.sentences import Sentence, sentences_of, states_something

WHAT_TO_UPLOAD = (
    "There is nothing to gather from. Upload what you know of the brand (Markdown, PDF, text, a web page):"
    " `POST /api/brands/{id}/documents`, or import posts with `kairo ingest import`. Then start the gather again."
)
NOTHING_BEARS = (
    "Nothing in the material bears on the aspects of the departments. Upload documents that speak of them:"
    " who buys and why, what is sold, how it differs, how the brand speaks and looks, where it is seen."
)


def read_material(tenant_id: UUID, brand_id: UUID, *, as_of: datetime) -> Material:
    """Read a brand's source material once, outside transactions: it embeds every sentence."""
    with tenant_transaction(tenant_id):
        passages = materials(brand_id, as_of=as_of)
        taboos = brands.brand(brand_id).taboos
    candidates = _candidates(passages, taboos)
    vectors = default_embedder().embed([one.sentence.text for one in candidates])
    return Material(passages=passages, candidates=candidates, vectors=vectors)


def aspects_of(department: Department) -> Aspects:
    """Read a department's aspects; one that lists none is about what its name and description say."""
    names = department.coordination_settings.aspects
    told = [aspect_text(department, name) for name in names] or [f"{department.name}: {department.description}"]
    topics = tuple(topic_of(name) for name in names) or (topic_of(department.name),)
    return Aspects(topics, default_embedder().embed(told))


def may_be_shown(text: str, taboos: Sequence[str]) -> bool:
    """Whether a text names no person's address, number or card, and breaks no taboo of the brand."""
    return not find_pii(text) and not (taboos and terms_in(text, taboos))


def _candidates(passages: Sequence[Passage], taboos: Sequence[str]) -> list[Candidate]:
    found: list[Candidate] = []
    seen: set[str] = set()
    for place, passage in enumerate(passages):
        fit: list[Sentence] = []
        for sentence in sentences_of(passage.text):
            # Passages of one document overlap: the same words count once.
            if sentence.text in seen or not states_something(sentence) or not may_be_shown(sentence.text, taboos):
                continue
            seen.add(sentence.text)
            fit.append(sentence)
        found += candidates_of(place, passage, fit)
    return found
