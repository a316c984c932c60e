"""The `kairo` command: finds the installation, sets Django up, and hands over to the stage's command."""

from __future__ import annotations

import sys

from kairo.errors import KairoError
from kairo.interfaces.cli.installation import prepare_environment


def main() -> None:
    """Run the command that the arguments name."""
    arguments = prepare_environment(sys.argv[1:])
    try:
        if arguments[:1] == ["run"]:
            _run(arguments[1:])
        else:
            _command(arguments)
    except KairoError as error:
        sys.stderr.write(f"{error.message}\n")
        raise SystemExit(1) from error


def _run(arguments: list[str]) -> None:
    from kairo.interfaces.cli.running import run_app

    run_app(args=arguments, prog_name="kairo run")


def _command(arguments: list[str]) -> None:
    import django

    django.setup()
    from kairo.interfaces.cli.commands import app

    app(args=arguments, prog_name="kairo")


if __name__ == "__main__":
    main()
