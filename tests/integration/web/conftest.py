"""Browsers without a browser: Django's test client, signed in the way a person is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import issue_sign_in_link

NOT_QUESTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SELECT pg_notify")


def sign_in(tenant: UUID, *, email: str = "ada@example.com", role: Role = Role.OWNER) -> Client:
    """Open a session for a member, through the sign-in page."""
    client = Client()
    token = issue_sign_in_link(tenant_id=tenant, email=email, at=timezone.now(), role=role)
    response = client.post("/sign-in", {"token": token})
    assert response.status_code == 302
    return client


@pytest.fixture
def client(tenant: UUID) -> Client:
    """The owner of the tenant, signed in."""
    return sign_in(tenant)


@contextmanager
def at_most(allowed: int) -> Iterator[None]:
    """Fail when the block asks the database more often than this; transactions and doorbells do not count."""
    with CaptureQueriesContext(connection) as captured:
        yield
    asked = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(NOT_QUESTIONS)]
    assert len(asked) <= allowed, f"{len(asked)} queries:\n" + "\n".join(asked)
