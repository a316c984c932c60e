"""Commands that are loaded when they are asked for: all of them together take longer to load than most take to run.

Each function here registers the one command, or group of commands, that is called as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from kairo.interfaces.cli.installation import database

Register = Callable[[typer.Typer], object]


def analyze(root: typer.Typer) -> None:
    from kairo.interfaces.cli.analyze import analyze_command

    epilog = "Example: kairo analyze sentiment sunscreen --brand glow --window 1m --json"
    root.command("analyze", epilog=epilog)(analyze_command)


def doctor(root: typer.Typer) -> None:
    from kairo.interfaces.cli.doctor import doctor_command

    root.command("doctor", epilog="Example: kairo doctor --json")(doctor_command)


def sign_in_link(root: typer.Typer) -> None:
    from kairo.interfaces.cli.tenancy import sign_in_link_command

    epilog = "Example: kairo sign-in-link --tenant acme --email ana@example.com"
    root.command("sign-in-link", epilog=epilog)(sign_in_link_command)


def tenant(root: typer.Typer) -> None:
    from kairo.interfaces.cli.tenancy import tenant_app

    root.add_typer(tenant_app, name="tenant")


def token(root: typer.Typer) -> None:
    from kairo.interfaces.cli.tenancy import token_app

    root.add_typer(token_app, name="token")


def brand(root: typer.Typer) -> None:
    from kairo.interfaces.cli.brand_profiles import compile_command, profile_command
    from kairo.interfaces.cli.brands import brand_app
    from kairo.interfaces.cli.learning import learning_command

    brand_app.command("compile", epilog="Example: kairo brand compile glow")(compile_command)
    brand_app.command("profile", epilog="Example: kairo brand profile glow --version 2 --json")(profile_command)
    brand_app.command("learning", epilog="Example: kairo brand learning glow --json")(learning_command)
    root.add_typer(brand_app, name="brand")


def ingest(root: typer.Typer) -> None:
    from kairo.interfaces.cli.capture import capture_command
    from kairo.interfaces.cli.evidence import ingest_app
    from kairo.interfaces.cli.ingest_steps import (
        aggregate_command,
        normalize_command,
        pipeline_command,
        score_command,
    )

    ingest_app.command("capture", epilog="Example: kairo ingest capture --brand glow")(capture_command)
    ingest_app.command("normalize", epilog="Example: kairo ingest normalize --brand glow")(normalize_command)
    ingest_app.command("aggregate", epilog="Example: kairo ingest aggregate --brand glow --json")(aggregate_command)
    ingest_app.command("score", epilog="Example: kairo ingest score --brand glow --as-of 2026-08-16")(score_command)
    ingest_app.command("pipeline", epilog="Example: kairo ingest pipeline --brand glow --json")(pipeline_command)
    root.add_typer(ingest_app, name="ingest")


def evidence(root: typer.Typer) -> None:
    from kairo.interfaces.cli.evidence_search import evidence_app

    root.add_typer(evidence_app, name="evidence")


def today(root: typer.Typer) -> None:
    from kairo.interfaces.cli.opportunities import today_app

    root.add_typer(today_app, name="today")


def text(root: typer.Typer) -> None:
    from kairo.interfaces.cli.text import text_app

    root.add_typer(text_app, name="text")


def jobs(root: typer.Typer) -> None:
    from kairo.interfaces.cli.jobs import jobs_app

    jobs_app.callback()(_hold_database)
    root.add_typer(jobs_app, name="jobs")


def runs(root: typer.Typer) -> None:
    from kairo.interfaces.cli.telemetry import runs_app

    root.add_typer(runs_app, name="runs")


def simulate(root: typer.Typer) -> None:
    from kairo.interfaces.cli.simulate import simulate_app
    from kairo.interfaces.cli.simulate_ads import ads_command, loop_command, serve_command

    simulate_app.command("ads", epilog="Example: kairo simulate ads --days 60 --seeds 3")(ads_command)
    simulate_app.command("serve", epilog="Example: kairo simulate serve --speed 3600")(serve_command)
    simulate_app.command("loop", epilog="Example: kairo simulate loop --days 60 --seed 7")(loop_command)
    root.add_typer(simulate_app, name="simulate")


def evaluations(root: typer.Typer) -> None:
    from kairo.interfaces.cli.evals import eval_app

    root.add_typer(eval_app, name="eval")


def departments(root: typer.Typer) -> None:
    from kairo.interfaces.cli.knowledge import departments_app

    root.add_typer(departments_app, name="departments")


def documents(root: typer.Typer) -> None:
    from kairo.interfaces.cli.knowledge import documents_app

    root.add_typer(documents_app, name="documents")


def gather(root: typer.Typer) -> None:
    from kairo.interfaces.cli.gather import gather_app

    root.add_typer(gather_app, name="gather")


def trends(root: typer.Typer) -> None:
    from kairo.interfaces.cli.analyze import trends_command
    from kairo.interfaces.cli.trends_replay import replay_command

    trends_app = typer.Typer(invoke_without_command=True)
    trends_app.callback(epilog="Example: kairo trends --brand glow --window 3d")(trends_command)
    epilog = "Example: kairo trends replay --brand glow --from 2026-05-01 --to 2026-05-31"
    trends_app.command("replay", epilog=epilog)(replay_command)
    root.add_typer(trends_app, name="trends")


def flags(root: typer.Typer) -> None:
    from kairo.interfaces.cli.flags import flags_app

    root.add_typer(flags_app, name="flags")


def crm(root: typer.Typer) -> None:
    from kairo.interfaces.cli.crm import crm_app

    root.add_typer(crm_app, name="crm")


def attribution(root: typer.Typer) -> None:
    from kairo.interfaces.cli.attribution import attribution_app

    root.add_typer(attribution_app, name="attribution")


def ads(root: typer.Typer) -> None:
    from kairo.interfaces.cli.ad_accounts import accounts_app, stats_app
    from kairo.interfaces.cli.ads import ads_app

    ads_app.add_typer(accounts_app, name="accounts")
    ads_app.add_typer(stats_app, name="stats")
    root.add_typer(ads_app, name="ads")


def models(root: typer.Typer) -> None:
    from kairo.interfaces.cli.models import models_app

    root.add_typer(models_app, name="models")


def _hold_database(context: typer.Context) -> None:
    context.with_resource(database())


def _added(place: EntryPoint) -> Register:
    """Return what registers commands of an interface with its own room, or of another package, on the database."""

    def register(root: typer.Typer) -> None:
        group: typer.Typer = place.load()
        group.callback()(_hold_database)
        root.add_typer(group, name=place.name)

    return register


# In the order in which the help names them: before the commands that every start loads, and after.
_FIRST: dict[str, Register] = {"analyze": analyze, "doctor": doctor, "sign-in-link": sign_in_link}
_LAST: dict[str, Register] = {
    "tenant": tenant,
    "token": token,
    "brand": brand,
    "ingest": ingest,
    "evidence": evidence,
    "today": today,
    "text": text,
    "jobs": jobs,
    "runs": runs,
    "simulate": simulate,
    "eval": evaluations,
    "departments": departments,
    "documents": documents,
    "gather": gather,
    "trends": trends,
    "flags": flags,
    "crm": crm,
    "attribution": attribution,
    "ads": ads,
    "models": models,
}
_ROOTS: dict[str, typer.Typer] = {}
"""What was loaded in this process: to register a sub-command twice would show it twice."""


class _Commands(MutableMapping[str, Any]):
    """The commands by name, each loaded at its first use."""

    def __init__(self, loaded: MutableMapping[str, Any]) -> None:
        added = {place.name: _added(place) for place in entry_points(group="kairo.commands")}
        self._registers = _FIRST | _LAST | added
        self._loaded = loaded
        self._names = [*_FIRST, *loaded, *_LAST, *added]

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            register = self._registers[name]
            if name not in _ROOTS:
                _ROOTS[name] = typer.Typer()
                register(_ROOTS[name])
            self._loaded[name] = get_group(_ROOTS[name]).commands[name]
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command
        self._names.append(name)

    def __delitem__(self, name: str) -> None:
        self._names.remove(name)
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class OnDemandGroup(TyperGroup):
    """The group of all commands; an unknown name and the help need the names alone, or everything."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Commands(self.commands)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the help's order."""
        return list(self.commands)
