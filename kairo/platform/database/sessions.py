"""Transactions that know their tenant: the second lock of the door is set here, the first in the scoped querysets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection, transaction

_current_tenant: ContextVar[UUID | None] = ContextVar("current_tenant", default=None)


class NoTenant(RuntimeError):
    """Tenant rows were asked for outside a tenant's transaction: a mistake in our code."""


class TenantMismatch(RuntimeError):
    """One transaction was asked to serve two tenants: a mistake in our code."""


def current_tenant() -> UUID:
    """Return the tenant of the running transaction.

    Raises:
        NoTenant: there is none.
    """
    tenant_id = _current_tenant.get()
    if tenant_id is None:
        raise NoTenant("Tenant rows can only be reached inside tenant_transaction(…).")
    return tenant_id


@contextmanager
def tenant_transaction(tenant_id: UUID) -> Iterator[None]:
    """Run the block in one transaction that sees and writes this tenant's rows only.

    Inside another block of the same tenant it is a savepoint.

    Raises:
        TenantMismatch: the surrounding transaction serves another tenant.
    """
    surrounding = _current_tenant.get()
    if surrounding is not None and surrounding != tenant_id:
        raise TenantMismatch(f"This transaction serves {surrounding}, not {tenant_id}.")
    with transaction.atomic():
        if surrounding is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('kairo.tenant_id', %s, true)", [str(tenant_id)])
        with scoped_to(tenant_id):
            yield


@contextmanager
def scoped_to(tenant_id: UUID) -> Iterator[None]:
    """Scope the querysets to a tenant whom the running transaction has already been set to by a lookup function."""
    token = _current_tenant.set(tenant_id)
    try:
        yield
    finally:
        _current_tenant.reset(token)
