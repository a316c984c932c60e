"""The `kairo` command: finds the installation, sets Django up, and hands over to the stage's command."""

from __future__ import annotations

import sys

from kairo.errors import KairoError
from kairo.interfaces.cli.installation import prepare_environment


def main() -> None:
    """Run the command that the arguments name."""
    arguments = prepare_environment(sys.argv[1:])
    try:
        import django

        django.setup()
    except KairoError as error:
        sys.stderr.write(f"{error.message}\n")
        raise SystemExit(1) from error
    from kairo.interfaces.cli.commands import app

    try:
        app(args=arguments, prog_name="kairo")
    except KairoError as error:
        sys.stderr.write(f"{error.message}\n")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
