"""Who works on a gather: the brain, the models that are asked, and those who write the items."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import PermanentFailure
from kairo.platform.llm.asking import Models
from kairo.stages.brands import queries as brands
from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.contracts.gathers import GatherGenerator
from kairo.stages.knowledge.operations.gather_desk import Desk
from kairo.stages.knowledge.operations.gather_writers import (
    Asker,
    DepartmentSight,
    LocalGenerator,
    ModelGenerator,
    sight_of,
)
from kairo.stages.knowledge.ports import Brain, ItemGenerator


@dataclass
class Crew:
    """`model` is None where no model writes; `times` are the milliseconds of the iteration under way, by step."""

    brain: Brain
    asker: Asker
    local: ItemGenerator
    model: ItemGenerator | None
    judges: bool
    times: Counter[str] = field(default_factory=Counter)

    def timed(self, name: str, since: float) -> None:
        """Add what a step took that began at `since` of `time.perf_counter`."""
        self.times[name] += round((time.perf_counter() - since) * 1000)


def crew_of(desk: Desk, brain: Brain, models: Models | None) -> Crew:
    """Choose who works: a model where one is configured, unless the order says otherwise.

    Raises:
        PermanentFailure: the order wants a model, and none can be asked.
    """
    asker = Asker(desk.job, desk.clock.now, user_id_of(desk.gather.user_id), models, carried=desk.carried)

    def sight(department: Department) -> DepartmentSight:
        found = next(one for one in desk.departments if one.slug == department.slug)
        return sight_of(found.aspects, desk.scores_of(found))

    local = LocalGenerator(desk.material, sight)
    if desk.gather_generator is GatherGenerator.LOCAL:
        return Crew(brain, asker, local, None, judges=False)
    own = [one.definition.default_model for one in desk.departments]
    judges = asker.reachable("judge")
    if not asker.reachable("gather") and not any(asker.own_model(name) for name in own):
        if desk.gather_generator is GatherGenerator.MODEL:
            raise PermanentFailure(
                "No model can be asked: set the key of a provider, or leave generator at auto to compose items locally."
            )
        return Crew(brain, asker, local, None, judges=judges)
    with tenant_transaction(desk.job.tenant_id):
        brand = brands.brand(desk.gather.project_id)
    model = ModelGenerator(asker, desk.material, sight, brand.taboos, f"{brand.name} {brand.positioning or ''}")
    return Crew(brain, asker, local, model, judges=judges)


def user_id_of(text: str | None) -> UUID | None:
    """Return the user whose cap pays, where the name that a producer gave is an id of ours."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
