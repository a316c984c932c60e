"""Weighing what an iteration generated: against all items, by the aspects, by a judge. Nothing is stored here."""

from __future__ import annotations

import time
from uuid import UUID

from kairo.platform.database.ids import new_id
from kairo.stages.knowledge.contracts.gathers import ItemDraft, QualityParts
from kairo.stages.knowledge.operations.comparing import compared, repeats_any, superseded
from kairo.stages.knowledge.operations.gather_crew import Crew
from kairo.stages.knowledge.operations.gather_desk import DepartmentDesk, Desk, KnownItem
from kairo.stages.knowledge.operations.gather_judging import rate
from kairo.stages.knowledge.operations.gather_storing import IterationResult, NewItem
from kairo.stages.knowledge.ports import Generated
from kairo.stages.knowledge.rules.composing import MOST_ASPECTS_AN_ITEM
from kairo.stages.knowledge.rules.gathering import after_iteration, ending_of
from kairo.stages.knowledge.rules.quality import Judged, combined, judged, quality_parts
from kairo.stages.knowledge.rules.relevance import RELEVANT, Vectors, relevance, told_by


def weigh(
    desk: Desk, department: DepartmentDesk, crew: Crew, number: int, generated: Generated, *, with_judge: bool
) -> IterationResult:
    """Deduplicate what was generated, and score what the department would then know.

    Raises:
        ModelBusy: the judge asks for patience.
    """
    started = time.perf_counter()
    new, gone = _deduplicated(desk, department, generated)
    crew.timed("deduplicate", started)
    started = time.perf_counter()
    left = [item.judged for item in desk.items_of(department.slug) if item.id not in gone]
    left += [judged_item(item) for item in new if item.id not in gone]
    local = quality_parts(left, department.aspects)
    crew.timed("score", started)
    judge: QualityParts | None = None
    if with_judge and crew.judges:
        judge, took_ms, why = rate(
            crew.asker, department.definition, [one.text for one in left], step=f"judge:{number}"
        )
        crew.times["model"] += took_ms
        desk.degraded.update({why} if why else ())
    score = combined(local, judge)
    progress = after_iteration(department.progress, score=score, new_items=sum(not item.repeats for item in new))
    return IterationResult(
        number=number,
        generated=generated,
        items=new,
        superseded=gone,
        compared_with=len(desk.items),
        local=local,
        judge=judge,
        score=score,
        gain=round(score - department.progress.score, 2),
        progress=progress,
        ending=ending_of(progress, iterations_left=desk.gather.max_iterations - number),
        times_ms=dict(crew.times),
    )


def take_over(desk: Desk, department: DepartmentDesk, result: IterationResult) -> None:
    """Bring the desk in step with what has just been committed."""
    for item in desk.items:
        item.is_current = item.is_current and item.id not in result.superseded
    for new in result.items:
        desk.items.append(_known(department.slug, new, is_current=new.id not in result.superseded))
        desk.used.update((cited.source_id, cited.quote) for cited in new.draft.citations)
        desk.unindexed.append(new.id)
    department.state = result.ending or department.state
    department.progress = result.progress
    department.items_created += result.new_items
    desk.gather = desk.gather.model_copy(
        update={
            "iterations": result.number,
            "items_created": desk.gather.items_created + result.new_items,
            "duplicates": desk.gather.duplicates + len(result.items) - result.new_items,
        }
    )
    desk.waits = 0


def judged_item(item: NewItem) -> Judged:
    """Read a new item as it is scored."""
    sources = len({cited.source_id for cited in item.draft.citations})
    return judged(item.draft.content, item.compared.vector, sources=sources)


def _deduplicated(
    desk: Desk, department: DepartmentDesk, generated: Generated
) -> tuple[list[NewItem], dict[UUID, UUID]]:
    """Return the new items, and by which item each repeated one is superseded: the newer one is kept.

    What says again what a person edited or removed is no new item.
    """
    if not generated.items:
        return [], {}
    retired = [item.compared for item in desk.items if item.is_retired]
    read = zip(generated.items, compared([item.content for item in generated.items]), strict=True)
    fresh = [(draft, text) for draft, text in read if not repeats_any(text, retired)]
    texts = [text for _, text in fresh]
    known = [item.compared for item in desk.items]
    ids = [item.id for item in desk.items] + [new_id() for _ in texts]
    repeated = superseded([*known, *texts], fresh=len(texts))
    repeating = {found.by for found in repeated.values()}
    new = [
        NewItem(
            id=ids[len(known) + at],
            draft=_with_aspects(draft, department, text.vector),
            compared=text,
            repeats=len(known) + at in repeating,
        )
        for at, (draft, text) in enumerate(fresh)
    ]
    return new, {ids[older]: ids[found.by] for older, found in repeated.items()}


def _with_aspects(draft: ItemDraft, department: DepartmentDesk, vector: Vectors) -> ItemDraft:
    """A model's item is told which aspects it bears on by the same measure as a composed one."""
    if draft.aspects:
        return draft
    scores = relevance(department.aspects, [told_by(draft.content)], vector.reshape(1, -1))[0]
    order = sorted(range(len(scores)), key=lambda at: (-float(scores[at]), at))
    names = [department.aspects.topics[at].name for at in order if scores[at] >= RELEVANT]
    return draft.model_copy(update={"aspects": tuple(names[:MOST_ASPECTS_AN_ITEM])})


def _known(slug: str, item: NewItem, *, is_current: bool) -> KnownItem:
    return KnownItem(
        id=item.id,
        department=slug,
        content=item.draft.content,
        summary=item.draft.summary,
        aspects=item.draft.aspects,
        compared=item.compared,
        judged=judged_item(item),
        is_current=is_current,
    )
