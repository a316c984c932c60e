"""Having a model rate a department beside the local measure; without one, the local measure stands alone."""

from __future__ import annotations

from collections.abc import Sequence

from kairo.stages.knowledge.contracts.departments import Department
from kairo.stages.knowledge.contracts.gathers import QualityParts
from kairo.stages.knowledge.llm_calls import JUDGE_DEPARTMENT, Rating, judge_question
from kairo.stages.knowledge.operations.gather_writers import Asker

JUDGE_AWAY = "judge_unavailable"


def _takes_all(_: Rating) -> Sequence[str]:
    return ()


def rate(
    asker: Asker, department: Department, contents: Sequence[str], *, step: str
) -> tuple[QualityParts | None, int, str | None]:
    """Return a judge's parts, how many milliseconds it took, and why there are none.

    Raises:
        ModelBusy: the judge asks for patience.
    """
    if not contents:
        return None, 0, None
    rating, kept = asker.ask(step, JUDGE_DEPARTMENT, judge_question(department, contents), check=_takes_all)
    if rating is None:
        return None, kept.took_ms, JUDGE_AWAY
    return rating.parts(), kept.took_ms, None
