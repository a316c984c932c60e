"""How long a gather takes whose model and judge answer in two seconds each, beside what the model alone takes.

    python -m bench.gather       BENCH_SCALE=.1 (default): 5 iterations; 1: 50, about 4 minutes

The reach: 50 iterations within 10 minutes. A second gather composes locally, to show what is ours without any model.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import UUID

from bench.table import SCALE, Line, durable_server, report

if TYPE_CHECKING:
    from tests.fakes.gather_models import ScriptedModel

ITERATIONS = max(3, round(50 * SCALE))
ANSWER_S = 2.0
WITHIN_S = 600


def main() -> None:
    """Run one gather with a slow model and one without, each to its end."""
    with durable_server():
        from kairo.platform.tenancy.operations import create_tenant
        from tests.fakes.gather_models import ScriptedModel

        tenant_id = create_tenant(slug="bench").id
        model = ScriptedModel(before=lambda kind, number: time.sleep(ANSWER_S))
        slow_s, steps = gathered(tenant_id, "slow", model)
        answers = model.answered.total()
        local_s, local_steps = gathered(tenant_id, "local", None)
    asked_s = answers * ANSWER_S
    lines = [
        Line(f"{ITERATIONS} iterations, model of 2 s", slow_s, f"{answers} answers alone", asked_s, "s", "≤ 600 at 50"),
        Line("the same, a 50th of 10 minutes", slow_s / ITERATIONS, "of 12 s", WITHIN_S / 50, "s each", "≤ 1 ×"),
        Line(f"{ITERATIONS} iterations, local", local_s, "", None, "s"),
    ]
    for name, figures in (("model", steps), ("local", local_steps)):
        lines += [
            Line(f"{name}: {step}, an iteration", took / ITERATIONS, "", None, "ms")
            for step, took in sorted(figures.items())
        ]
    report("gather", lines)


def gathered(tenant_id: UUID, slug: str, model: ScriptedModel | None) -> tuple[float, dict[str, int]]:
    """Gather for a new brand, and return the seconds that it took and the milliseconds of each kind of step."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.stages.knowledge import operations, queries
    from kairo.stages.knowledge.contracts.departments import DepartmentsDraft
    from tests.factories.gathers import ask_for_gather, documented_brand, gather_to_its_end, scripted
    from tests.factories.handbook import HANDBOOK, long_report

    with tenant_transaction(tenant_id):
        listed = [one.model_dump(mode="json") for one in queries.department_list().departments]
        for one in listed:
            one["coordination_settings"] |= {"quality_threshold": 100, "max_items": 1_000}
        operations.set_departments(draft=DepartmentsDraft.model_validate({"departments": listed}))
    brand_id = documented_brand(tenant_id, slug=slug, texts=[HANDBOOK, long_report()])
    wanted = {"max_iterations": ITERATIONS, "generator": "model" if model else "local", "enable_auto_evaluation": False}
    task = ask_for_gather(tenant_id, brand_id, **wanted)
    started = time.perf_counter()
    ended = gather_to_its_end(tenant_id, task.id, models=scripted(model) if model else None)
    took_s = time.perf_counter() - started
    with tenant_transaction(tenant_id):
        told = queries.newest_gather(brand_id)
        rows = queries.gather_iterations(told.id) if told else []
    steps: dict[str, int] = {}
    for row in rows:
        for step, took in row.times_ms.items():
            steps[step] = steps.get(step, 0) + took
    print(f"{slug}: {ended.state.value}, {len(rows)} iterations, {told.items_created if told else 0} items")
    return took_s, steps


if __name__ == "__main__":
    main()
