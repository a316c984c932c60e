"""Figures for Prometheus that are rows already: each room adds its own up in one database function.

Such a function comes twice: the plain one sees what row-level security lets its caller see, one account's rows; the one
of all accounts runs as the owner and returns nothing but the sums.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.migrations.operations import RunSQL

from kairo.platform.database.rls import lookup_function
from kairo.platform.database.roles import APP_ROLE
from kairo.platform.database.sql import rows

RETURNS = "TABLE (metric text, labels jsonb, part text, value float8)"
SUM = "sum"


@dataclass(frozen=True)
class Sample:
    """One figure. Of a histogram `part` is the upper bound of a bucket, which holds no other bucket, or "sum"."""

    metric: str
    labels: tuple[tuple[str, str], ...]
    part: str
    value: float


def metric_function(name: str, body: str) -> list[RunSQL]:
    """List the operations of a migration that make a room's function and its twin over all accounts.

    `body` selects metric, labels as jsonb of texts, part and value; `metric_bucket(value, bounds)` finds a bucket.
    """
    own = RunSQL(
        f"""
        CREATE FUNCTION {name}() RETURNS {RETURNS} LANGUAGE sql STABLE AS $body${body}$body$;
        REVOKE ALL ON FUNCTION {name}() FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION {name}() TO {APP_ROLE};
        """,
        f"DROP FUNCTION {name}()",
    )
    return [own, lookup_function(f"{name}_of_all", "", RETURNS, f"SELECT * FROM {name}()")]  # noqa: S608


def samples(function: str, *, of_all: bool) -> list[Sample]:
    """Return what a room's function adds up: over all accounts, or over the one of the running transaction."""
    name = f"{function}_of_all" if of_all else function
    # Labels as pairs of texts: Django's cursors leave jsonb as text.
    found = rows(
        f"SELECT metric, ARRAY(SELECT ARRAY[key, coalesce(value, '')] FROM jsonb_each_text(labels) ORDER BY key),"  # noqa: S608
        f" part, value FROM {name}()"
    )
    return [
        Sample(metric, tuple((label, text) for label, text in labels), part, float(value))
        for metric, labels, part, value in found
    ]


def run_samples(*, of_all: bool) -> list[Sample]:
    """Return errors and gate failures by code, and how long agents and steps took, from the events of runs."""
    return samples("run_metrics", of_all=of_all)
