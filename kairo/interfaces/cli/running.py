"""`kairo run`, the one command that starts without Django: it sets it up beside the start of its web server."""

from __future__ import annotations

from typing import Annotated

import typer

from kairo.interfaces.cli import supervisor

run_app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
EPILOG = "Example: kairo run --port 8080 --no-demo"


@run_app.command(epilog=EPILOG)
def run(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Bring the synthetic demo brand.")] = True,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many jobs run side by side.")] = 1,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the sign-in link.")] = False,
) -> None:
    """Serve Kairo on this machine: database, web pages, API and worker in one."""
    supervisor.run(host=host, port=port, demo=demo, workers=workers, browser=not no_browser)
