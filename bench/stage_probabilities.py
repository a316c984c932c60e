"""Are learned stage probabilities right on deals that they have not seen, and righter than fixed ones?

Two public pipelines, split by time again and again: on the first of each month a model learns from what was known by
then, and is judged on the deals that began in that month. A look asks of a deal that is still open at some age whether
it will be won: in the end, where losses are recorded (crm_pipeline: deals that closed), or within the horizon, where
nobody records them (olist_funnel). Beside it: the share of wins that the same model would say of every deal (base),
the defaults that Kairo starts from (usual), and the wins' true share, which nobody knew (best constant).
"""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from kairo.stages.revenue.contracts.stages import DEFAULT_PIPELINE
from kairo.stages.revenue.rules.learning_stages import said_of
from kairo.stages.revenue.rules.stage_values import pipelines_from
from kairo.stages.revenue.rules.survival import (
    HORIZON_DAYS,
    Visit,
    brier,
    learn,
    looks_of,
    records_losses,
    reliability,
)

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "ads"


@dataclass(frozen=True)
class Pipeline:
    """A data set: its deals' stays, the first days of the months, the end of the data, the horizon, a usual stage."""

    name: str
    visits: Sequence[Visit]
    months: Sequence[datetime]
    until: datetime
    horizon_days: float
    usual_stage: str


@dataclass(frozen=True)
class Row:
    """What was said of the looks of one data set, and how right it was."""

    name: str
    looks: int
    deals: int
    won: float
    brier: float
    brier_of_base_rate: float
    brier_of_defaults: float
    brier_of_best_constant: float
    ece: float


def _day(text: str) -> datetime | None:
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC) if text else None


def _rows(path: str) -> list[dict[str, str]]:
    with gzip.open(DATA / path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def crm() -> Pipeline:
    """The CRM's opportunities, from the day on which they were engaged."""
    visits = []
    for row in _rows("crm_pipeline/sales_pipeline.csv.gz"):
        engaged_at, closed_at = _day(row["engage_date"]), _day(row["close_date"])
        if engaged_at is not None:
            closed_at = closed_at + timedelta(hours=12) if closed_at else None
            visits.append(Visit("engaging", engaged_at, closed_at, closed_at, row["deal_stage"] == "Won"))
    return Pipeline(
        "crm_pipeline", visits, _months(2017, 6, 12), datetime(2018, 1, 1, tzinfo=UTC), HORIZON_DAYS, "qualified"
    )


def olist() -> Pipeline:
    """Olist's leads, from the day of first contact; whether one was lost is not known, only that it was not won yet."""
    won = {row["mql_id"]: _day(row["won_date"]) for row in _rows("olist_funnel/closed_deals.csv.gz")}
    visits = []
    for row in _rows("olist_funnel/marketing_qualified_leads.csv.gz"):
        met_at, won_at = _day(row["first_contact_date"]), won.get(row["mql_id"])
        assert met_at is not None
        # A few are dated before their first contact.
        won_at = max(won_at, met_at + timedelta(hours=1)) if won_at else None
        visits.append(Visit("lead", met_at, won_at, won_at, won_at is not None))
    return Pipeline("olist_funnel", visits, _months(2018, 2, 6), datetime(2018, 11, 14, tzinfo=UTC), 90, "lead")


def _months(year: int, first: int, last: int) -> list[datetime]:
    return [datetime(year, month, 1, tzinfo=UTC) for month in range(first, last + 1)]


def judged(pipeline: Pipeline) -> Row:
    """Judge a model a month on the deals that began in it."""
    usual = pipelines_from([]).of(DEFAULT_PIPELINE).probability(pipeline.usual_stage)[0] or 0.0
    closed_only = records_losses(pipeline.visits)
    said: list[float] = []
    base: list[float] = []
    won: list[bool] = []
    deals = 0
    for since, before in pairwise(pipeline.months):
        learned = learn(pipeline.visits, until=since, horizon_days=pipeline.horizon_days)
        assert learned is not None
        begun = [visit for visit in pipeline.visits if since <= visit.entered_at < before]
        looks = looks_of(
            begun, since=since, until=pipeline.until, horizon_days=pipeline.horizon_days, closed_only=closed_only
        )
        said += [said_of(learned, look.stage, look.age_days) for look in looks]
        base += [learned.mean] * len(looks)
        won += [look.won for look in looks]
        deals += len({look.deal for look in looks})
    ends = np.array(won, dtype=float)
    share = float(ends.mean())
    bins = reliability(np.array(said), ends)
    return Row(
        name=pipeline.name,
        looks=len(won),
        deals=deals,
        won=share,
        brier=brier(np.array(said), ends),
        brier_of_base_rate=brier(np.array(base), ends),
        brier_of_defaults=brier(np.full(len(won), usual), ends),
        brier_of_best_constant=share * (1 - share),
        ece=sum(part.count * abs(part.mean_probability - part.share_won) for part in bins) / len(won),
    )


def main() -> None:
    """Print the table and write it to bench/results/."""
    if not DATA.exists():
        print(f"skipped: public data is missing: {DATA}")
        return
    found = [judged(crm()), judged(olist())]
    names = ("looks", "deals", "won", "Brier", "base", "usual", "constant", "ECE")
    print("\nstage probabilities, a model a month" + "".join(f"{name:>10}" for name in names))
    for row in found:
        briers = (row.brier, row.brier_of_base_rate, row.brier_of_defaults, row.brier_of_best_constant)
        figures = "".join(f"{figure:>10.4f}" for figure in (row.won, *briers, row.ece))
        print(f"{row.name:<36}{row.looks:>10,}{row.deals:>10,}{figures}")
    path = ROOT / "bench" / "results" / "stage_probabilities.json"
    path.parent.mkdir(exist_ok=True)
    stored = {"cores": os.cpu_count(), "rows": [asdict(row) for row in found]}
    path.write_text(json.dumps(stored, indent=1) + "\n")
    print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
