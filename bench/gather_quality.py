"""Does the local measure of a department's quality agree with labels by hand? Over the states of evals/gather.

python -m bench.gather_quality
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from pydantic import Field

from kairo.platform.embeddings import default_embedder
from kairo.shapes import Strict
from kairo.stages.knowledge.contracts.gathers import QualityParts
from kairo.stages.knowledge.rules.default_departments import DEFAULT_DEPARTMENTS
from kairo.stages.knowledge.rules.quality import judged, quality_parts, quality_score, spearman
from kairo.stages.knowledge.rules.relevance import Aspects, topic_of

ROOT = Path(__file__).resolve().parents[1]
STATES = ROOT / "evals" / "gather" / "states.yaml"
SHOWN = 8


class Sourced(Strict):
    """An item's text, and on how many sources it stands."""

    text: str
    sources: int = 1


class State(Strict):
    """What is known, by the names of items, and the label with its reason."""

    items: list[str]
    label: float = Field(ge=0, le=100)
    why: str


class LabelledDepartment(Strict):
    """A department's pool of items, and its states."""

    slug: str
    items: dict[str, str | Sourced]
    states: list[State]


class Labelled(Strict):
    """The whole file."""

    departments: list[LabelledDepartment]


@dataclass(frozen=True)
class Compared:
    """One state with both figures."""

    department: str
    label: float
    score: float
    parts: dict[str, float]
    why: str

    @property
    def off(self) -> float:
        return self.score - self.label


def compared(path: Path = STATES) -> list[Compared]:
    """Score every labelled state."""
    file = Labelled.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    return [_compared(department, state) for department in file.departments for state in department.states]


def agreement(rows: list[Compared]) -> dict[str, float | None]:
    """Return the rank correlation, the mean absolute error and the bias of the measure."""
    errors = [row.off for row in rows]
    return {
        "states": float(len(rows)),
        "spearman": spearman([row.label for row in rows], [row.score for row in rows]),
        "mean_absolute_error": round(sum(map(abs, errors)) / len(errors), 2),
        "bias": round(sum(errors) / len(errors), 2),
    }


def main() -> None:
    """Print the agreement and the states that differ most, and write all of it to bench/results/."""
    rows = compared()
    told = agreement(rows)
    print(" ".join(f"{name} {value:g}" for name, value in told.items() if value is not None))
    for row in sorted(rows, key=lambda one: -abs(one.off))[:SHOWN]:
        parts = " ".join(f"{name} {value:.0f}" for name, value in row.parts.items())
        print(f"{row.department:<12} label {row.label:>3.0f} score {row.score:>5.1f}  {parts}  {row.why}")
    path = ROOT / "bench" / "results" / "gather_quality.json"
    path.parent.mkdir(exist_ok=True)
    stored = {**told, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n")


def _compared(department: LabelledDepartment, state: State) -> Compared:
    [known] = [one for one in DEFAULT_DEPARTMENTS if one.slug == department.slug]
    embedder = default_embedder()
    names = known.coordination_settings.aspects
    aspects = Aspects(
        tuple(topic_of(name) for name in names), embedder.embed([f"{known.name}: {name}" for name in names])
    )
    pool = {name: Sourced(text=item) if isinstance(item, str) else item for name, item in department.items.items()}
    chosen = [pool[name] for name in state.items]
    vectors = embedder.embed([item.text for item in chosen])
    items = [judged(item.text, vector, sources=item.sources) for item, vector in zip(chosen, vectors, strict=True)]
    parts: QualityParts = quality_parts(items, aspects)
    return Compared(department.slug, state.label, quality_score(parts), parts.model_dump(), state.why)


if __name__ == "__main__":
    main()
