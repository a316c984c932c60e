"""Finding the database of this installation: the embedded one in the data directory, or the server of DATABASE_URL."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kairo.errors import Unavailable
from kairo.platform.database.embedded import ServerAddress, default_data_directory, use_server
from kairo.platform.database.roles import prepare_database

KEY_FILE = "secret_key"


class NotMigrated(Unavailable):
    """The database's tables are older than this version of Kairo."""

    code = "not_migrated"
    retryable = False


def data_directory() -> Path:
    """Return where this installation keeps its data."""
    return Path(os.environ.get("KAIRO_DATA_DIR") or default_data_directory()).expanduser().resolve()


def prepare_environment(arguments: list[str]) -> list[str]:
    """Take `--data-dir` out of a command line, point the settings at the database, and return the other arguments.

    The embedded server need not run yet: its address follows from the data directory.
    """
    remaining = _take_data_dir(arguments)
    os.environ["KAIRO_DATA_DIR"] = str(data_directory())
    if uses_embedded_server():
        address = embedded_address()
        os.environ["DATABASE_URL"] = address.app_url
        os.environ["KAIRO_OWNER_DATABASE_URL"] = address.owner_url
        os.environ["KAIRO_EMBEDDED"] = "1"
    if (data_directory() / KEY_FILE).exists():
        os.environ.setdefault("KAIRO_SECRET_KEY", lasting_secret_key())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kairo.config.settings")
    return remaining


def _take_data_dir(arguments: list[str]) -> list[str]:
    remaining: list[str] = []
    walk = iter(arguments)
    for argument in walk:
        name, _, value = argument.partition("=")
        if name != "--data-dir":
            remaining.append(argument)
            continue
        directory = value or next(walk, "")
        if not directory:
            sys.stderr.write("--data-dir needs a directory.\n")
            raise SystemExit(2)
        os.environ["KAIRO_DATA_DIR"] = directory
    return remaining


def uses_embedded_server() -> bool:
    """Tell whether this installation brings its own PostgreSQL; children of `kairo run` inherit the answer."""
    return not os.environ.get("DATABASE_URL") or os.environ.get("KAIRO_EMBEDDED") == "1"


def embedded_address() -> ServerAddress:
    """Return where the embedded server is, or will be, reached."""
    return ServerAddress(data_directory() / "postgres")


@contextmanager
def database() -> Iterator[None]:
    """Hold the database open for a command: the embedded server is started if nobody runs it, and migrated.

    Raises:
        NotMigrated: a server of DATABASE_URL lacks migrations; they are never applied behind its owner's back.
        DataDirectoryInUse, UnableToStart: see the embedded server.
    """
    from django.db import connections

    with ExitStack() as stack:
        if uses_embedded_server():
            stack.enter_context(use_server(data_directory()))
            migrate()
        else:
            _require_migrated()
        # A worker forks: no connection may be open in both halves.
        connections.close_all()
        yield


def prepare_server() -> int:
    """Make roles, extension and tables where they are missing; returns how many migrations were applied.

    Raises:
        DatabaseNotPrepared: the login may not make what is missing.
    """
    if uses_embedded_server():
        with use_server(data_directory()):
            return migrate()
    prepare_database(os.environ.get("KAIRO_OWNER_DATABASE_URL") or os.environ["DATABASE_URL"])
    return migrate()


def migrate() -> int:
    """Apply the migrations that are missing, as the owner; returns how many there were."""
    from django.core.management import call_command

    pending = _pending_migrations()
    if pending:
        call_command("migrate", database="owner", verbosity=0, interactive=False)
    return pending


def _pending_migrations() -> int:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["owner"])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _require_migrated() -> None:
    pending = _pending_migrations()
    if pending:
        raise NotMigrated(f"The database lacks {pending} migrations of this version. Run `kairo migrate` once.")


def lasting_secret_key() -> str:
    """Return the key that signs sessions: from the environment, else one made once and kept in the data directory."""
    given = os.environ.get("KAIRO_SECRET_KEY")
    if given:
        return given
    path = data_directory() / KEY_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
