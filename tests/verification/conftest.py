"""Two accounts that own one of everything, made once for a module: its tests do not mind what others have changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from psycopg.conninfo import make_conninfo
from pytest_django import DjangoDbBlocker

from kairo.platform.database.roles import APP_ROLE
from kairo.platform.tenancy.failed_attempts import failed_attempts
from tests.conftest import empty_database
from tests.verification.accounts import Account, make_account
from tests.verification.served import Served, served

# With an @ and a slash, over which readers of addresses trip.
PASSWORD = "correct-horse@battery/staple"
SECRET_KEY = "the-key-that-signs-every-session"
ADMIN_TOKEN = "the-token-that-opens-internal-pages"

WITHOUT_LONG = "not long"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what holds long tests only and takes long to collect, where none of them is to run."""
    is_left_out = collection_path.name == "test_api_under_long_fuzzing.py"
    return True if is_left_out and config.option.markexpr == WITHOUT_LONG else None


@pytest.fixture(scope="module")
def lasting_database(migrated_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The real database for all tests of a module; emptied after them. Yields its superuser URL."""
    failed_attempts.forget()
    with django_db_blocker.unblock():
        yield migrated_database
        connections.close_all()
    empty_database(migrated_database)


@pytest.fixture(scope="module")
def account(lasting_database: str, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """An account."""
    return make_account("acme", tmp_path_factory.mktemp("acme"))


@pytest.fixture(scope="module")
def other_account(lasting_database: str, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """Another account, to whom the first one's things do not exist."""
    return make_account("stranger", tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def server(lasting_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Kairo over the database of the module, as behind TLS, writing down whatever it can."""
    log = tmp_path_factory.mktemp("served") / "server.log"
    environment = {
        "DATABASE_URL": make_conninfo(lasting_database, user=APP_ROLE, password=PASSWORD),
        "KAIRO_SECRET_KEY": SECRET_KEY,
        "KAIRO_INTERNAL_ADMIN_TOKEN": ADMIN_TOKEN,
        "KAIRO_LOG_LEVEL": "DEBUG",
        "KAIRO_HTTPS": "true",
        "KAIRO_MAX_REQUEST_MB": "1",
    }
    with served(log, **environment) as running:
        yield running
