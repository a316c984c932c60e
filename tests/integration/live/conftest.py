"""A web server for all tests here, one that a test may stop, and who calls them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.lookups import consume_sign_in_link
from kairo.platform.tenancy.middleware import SESSION_TENANT, SESSION_USER
from kairo.platform.tenancy.operations import issue_sign_in_link, issue_token
from tests.integration.live.servers import WebServer


@pytest.fixture(scope="session")
def lasting_server(migrated_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    server = WebServer(migrated_database, tmp_path_factory.mktemp("live") / "server.log")
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def address(database: str, lasting_server: WebServer) -> str:
    """Where the server of all tests listens."""
    return lasting_server.address


@pytest.fixture
def own_server(database: str, tmp_path: Path) -> Iterator[WebServer]:
    """A server that the test may stop and start."""
    server = WebServer(database, tmp_path / "server.log")
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def token(tenant: UUID) -> str:
    """A program that may only read."""
    return issue_token(tenant_id=tenant, name="live", role=Role.VIEWER).token


@pytest.fixture
def stranger_token(stranger: UUID) -> str:
    return issue_token(tenant_id=stranger, name="live").token


@pytest.fixture
def session_cookie(tenant: UUID) -> str:
    """The header that a browser sends whose user is signed in."""
    link = issue_sign_in_link(tenant_id=tenant, email="ada@example.com", at=timezone.now())
    session = SessionStore()
    session[SESSION_USER] = str(consume_sign_in_link(link).user_id)
    session[SESSION_TENANT] = str(tenant)
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
