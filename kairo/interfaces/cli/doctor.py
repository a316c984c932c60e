"""`kairo doctor`: looks at this installation piece by piece, and says of each what is wrong and how to mend it."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Annotated

import typer
from django.conf import settings
from packaging.requirements import Requirement

from kairo.errors import KairoError
from kairo.interfaces.cli.installation import data_directory, database, uses_embedded_server
from kairo.interfaces.cli.output import FAILED, print_json, print_table
from kairo.platform.database.sql import first_row, rows
from kairo.platform.embeddings import default_embedder
from kairo.platform.llm.configured import configured_models
from kairo.shapes import Frozen

MIN_FREE_BYTES = 1_000_000_000
MIN_PYTHON = (3, 11)
DEFAULT_PORT = 8000
WITHIN = 1e-3


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


class Finding(Frozen):
    """What was looked at, how it is, and what to do where it is not well."""

    name: str
    verdict: Verdict
    detail: str
    remedy: str = ""


class Findings(Frozen):
    healthy: bool
    findings: list[Finding]


def doctor_command(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """Check this installation and say what is missing."""
    findings = [*_machine(), *_packages(), *_database(), *_fleet(), _embedder(), _models()]
    report = Findings(healthy=all(one.verdict is not Verdict.MISSING for one in findings), findings=findings)
    if as_json:
        print_json(report)
    else:
        print_table(
            ["", "what", "how it is", "what to do"],
            [(one.verdict.value, one.name, one.detail, one.remedy) for one in findings],
        )
    if not report.healthy:
        raise typer.Exit(FAILED)


def _machine() -> Iterator[Finding]:
    recent = sys.version_info >= MIN_PYTHON
    yield Finding(
        name="Python",
        verdict=Verdict.OK if recent else Verdict.MISSING,
        detail=sys.version.split()[0],
        remedy="" if recent else "Install Python 3.11 or newer and run `make run` again.",
    )
    directory = data_directory()
    nearest = next(folder for folder in (directory, *directory.parents) if folder.exists())
    writable, free = os.access(nearest, os.W_OK), shutil.disk_usage(nearest).free
    yield Finding(
        name="data directory",
        verdict=Verdict.MISSING if not writable else Verdict.OK if free > MIN_FREE_BYTES else Verdict.WARNING,
        detail=f"{directory}, {free / 1e9:.1f} GB free",
        remedy="" if writable and free > MIN_FREE_BYTES else "Choose another place with --data-dir, or make room.",
    )
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", DEFAULT_PORT)) == 0
    yield Finding(
        name=f"port {DEFAULT_PORT}",
        verdict=Verdict.WARNING if taken else Verdict.OK,
        detail="in use, perhaps by Kairo itself" if taken else "free",
        remedy="`kairo run --port` takes another one." if taken else "",
    )


def _packages() -> Iterator[Finding]:
    """Tell of each dependency which version is there; those of an extra are needed only for what it adds."""
    for requirement in map(Requirement, requires("kairo") or []):
        extra = requirement.marker is not None and "extra" in str(requirement.marker)
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            if not extra:
                remedy = "Run `make run`, which installs it."
                yield Finding(name=requirement.name, verdict=Verdict.MISSING, detail="not installed", remedy=remedy)
            continue
        fits = requirement.specifier.contains(installed, prereleases=True)
        remedy = "" if fits else f"Kairo wants {requirement.specifier}: run `make run`."
        yield Finding(
            name=requirement.name, verdict=Verdict.OK if fits else Verdict.MISSING, detail=installed, remedy=remedy
        )


def _database() -> Iterator[Finding]:
    where = "embedded" if uses_embedded_server() else "DATABASE_URL"
    try:
        with database():
            yield from (look() for look in (_server, _vector, _isolation))
    except KairoError as error:
        yield Finding(name="database", verdict=Verdict.MISSING, detail=where, remedy=error.message)


def _server() -> Finding:
    [number] = first_row("SELECT current_setting('server_version')") or ("unknown",)
    return Finding(name="database", verdict=Verdict.OK, detail=f"PostgreSQL {number}, migrations applied")


def _vector() -> Finding:
    found = first_row("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    if found is None:
        return Finding(name="pgvector", verdict=Verdict.MISSING, detail="not there", remedy="Run `kairo migrate`.")
    return Finding(name="pgvector", verdict=Verdict.OK, detail=str(found[0]))


def _isolation() -> Finding:
    """Check that this process cannot pass by row-level security."""
    [superuser, bypasses] = first_row("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") or (
        True,
        True,
    )
    open_tables = rows(
        "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT relforcerowsecurity"
    )
    if superuser or bypasses or open_tables:
        names = ", ".join(name for (name,) in open_tables) or "the role passes by every policy"
        remedy = "Let DATABASE_URL log in as kairo_app, or as a login that may take that role on."
        return Finding(name="tenant isolation", verdict=Verdict.MISSING, detail=names, remedy=remedy)
    return Finding(name="tenant isolation", verdict=Verdict.OK, detail="forced on every tenant table")


def _fleet() -> Iterator[Finding]:
    """Tell who of a Celery fleet is there, where jobs are run by one."""
    if settings.KAIRO_JOBS_ENGINE != "celery":
        return
    from kairo.platform.jobs.fleet.broker import LINE
    from kairo.platform.jobs.fleet.sightings import BEAT_GONE_AFTER_S, answering_workers, beat_silent_s

    answers = LINE.answers()
    yield Finding(
        name="broker",
        verdict=Verdict.OK if answers else Verdict.MISSING,
        detail="answers" if answers else "does not answer",
        remedy="" if answers else "Start it, or name another one with CELERY_BROKER_URL. Jobs wait in the database.",
    )
    workers = answering_workers() if answers else {}
    queues = sorted({queue for found in workers.values() for queue in found})
    yield Finding(
        name="Celery workers",
        verdict=Verdict.OK if workers else Verdict.WARNING,
        detail=f"{len(workers)} answered, of the queues {', '.join(queues)}" if workers else "none answered",
        remedy="" if workers else "Start one: `celery -A kairo worker`.",
    )
    try:
        with database():
            silent_s = beat_silent_s()
    except KairoError:
        return  # What is wrong with the database has been said.
    beats = silent_s is not None and silent_s < BEAT_GONE_AFTER_S
    yield Finding(
        name="Celery beat",
        verdict=Verdict.OK if beats else Verdict.WARNING,
        detail="was never seen" if silent_s is None else f"was there {silent_s:.0f} s ago",
        remedy="" if beats else "Start it: `celery -A kairo beat`. Without it lost messages and due times wait.",
    )


def _embedder() -> Finding:
    embedder = default_embedder()
    length = float((embedder.embed(["Is this thing on?"]) ** 2).sum())
    works = abs(length - 1) < WITHIN
    return Finding(
        name="embedder",
        verdict=Verdict.OK if works else Verdict.MISSING,
        detail=f"{embedder.name}, {embedder.dimension} dimensions, no network",
        remedy="" if works else "Its weights are broken: install wordllama again.",
    )


def _models() -> Finding:
    """Tell who answers; without any model the local implementations serve, and nothing is missing."""
    providers = ", ".join(configured_models().providers)
    if providers:
        return Finding(name="models", verdict=Verdict.OK, detail=f"{providers} (`kairo models check` asks them)")
    return Finding(name="models", verdict=Verdict.OK, detail="none: the local implementations serve")
