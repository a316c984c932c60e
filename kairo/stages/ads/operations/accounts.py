"""Connecting accounts of ad platforms; their tokens are sealed."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from kairo.errors import Forbidden
from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.sealing import seal, unseal
from kairo.stages.ads.adapters.meta import MetaAccount, graph_client
from kairo.stages.ads.contracts.accounts import (
    AccountConnection,
    AccountFacts,
    AccountNotUsable,
    AdAccountDTO,
    AdAccountNotFound,
)
from kairo.stages.ads.contracts.platforms import PlatformName
from kairo.stages.ads.models import AdAccount
from kairo.stages.ads.queries.accounts import told


@transaction.atomic
def connect_account(
    *, connection: AccountConnection, at: datetime, base_url: str | None = None
) -> tuple[AdAccountDTO, bool]:
    """Keep what an account is connected with; return it and whether it is new. A token that is left out stays.

    `base_url` leads elsewhere than to Meta. Who calls this must not take it from people of an account: what they set
    would be asked from inside this network.
    """
    account_id = bare_id(connection.account_id)
    row = AdAccount.objects.select_for_update().filter(account_id=account_id).first()
    is_new = row is None
    if row is None:
        row = AdAccount(id=new_id(), account_id=account_id, created_at=at)
    elif row.platform != connection.platform:
        row.access_token = row.base_url = None
    row.platform = connection.platform
    row.currency, row.timezone = connection.currency, connection.timezone
    row.is_active = connection.is_active
    if connection.name is not None:
        row.name = connection.name
    if connection.access_token is not None:
        row.access_token = seal(connection.access_token, tenant_id=current_tenant(), name=_place(account_id))
    if base_url is not None:
        row.base_url = base_url
    row.changed_at = at
    row.save()
    return told(row), is_new


@transaction.atomic
def disconnect_account(*, account_id: str, role: Role) -> None:
    """Forget an account and its token; its campaigns, ads and figures stay.

    Raises:
        AdAccountNotFound: no such account is connected.
        Forbidden: only an owner may.
    """
    row = AdAccount.objects.select_for_update().filter(account_id=bare_id(account_id)).first()
    if row is None:
        raise _not_found(account_id)
    if not role.includes(Role.OWNER):
        raise Forbidden("Only an owner may disconnect an ad account.")
    row.delete()


def platform_of_account(*, account_id: str) -> MetaAccount:
    """Return the platform that an account is asked through. Called inside a transaction, used outside of it.

    Raises:
        AdAccountNotFound: no such account is connected.
        AccountNotUsable: it has no token, it is switched off, or nobody has said where its sandbox is.
        MetaMissing: Meta's client is not installed.
    """
    row = AdAccount.objects.filter(account_id=bare_id(account_id)).first()
    if row is None:
        raise _not_found(account_id)
    if not row.is_active:
        raise AccountNotUsable(f"The ad account {row.account_id} is switched off: connect it with is_active true.")
    if row.access_token is None:
        raise AccountNotUsable(
            f"The ad account {row.account_id} has no token: `kairo ads accounts connect {row.account_id}` takes one."
        )
    base_url = row.base_url or settings.KAIRO_META_API_URL
    if row.platform == PlatformName.SANDBOX and row.base_url is None:
        raise AccountNotUsable(
            "Nobody has said where the sandbox is: `kairo ads accounts connect` takes it with --base-url."
        )
    token = unseal(row.access_token, tenant_id=current_tenant(), name=_place(row.account_id))
    client = graph_client(token, base_url=base_url)
    return MetaAccount(client=client, account_id=row.account_id, currency=row.currency, timezone=row.timezone)


def keep_facts(*, facts: AccountFacts, at: datetime) -> None:
    """Store what a platform says of an account."""
    known = AdAccount.objects.filter(account_id=bare_id(facts.account_id))
    values = {"name": facts.name, "currency": facts.currency, "timezone": facts.timezone}
    known.exclude(**values).update(**values, changed_at=at)


def ask_for_facts(*, account_id: str, access_token: str, base_url: str | None = None) -> AccountFacts:
    """Ask Meta for an account's name, currency and time zone. Called outside transactions.

    Raises:
        PlatformRefused: it does not take the token, or the account is not the token's.
        PlatformThrottled: it cannot be asked now.
        MetaMissing: Meta's client is not installed.
    """
    client = graph_client(access_token, base_url=base_url or settings.KAIRO_META_API_URL)
    account = MetaAccount(client=client, account_id=bare_id(account_id), currency="USD", timezone="UTC")
    return account.facts()


def bare_id(account_id: str) -> str:
    """Return an account's number without Meta's act_, so that both name the same account."""
    return account_id.strip().removeprefix("act_")


def _place(account_id: str) -> str:
    return f"ad_account.{account_id}"


def _not_found(account_id: str) -> AdAccountNotFound:
    return AdAccountNotFound(
        f"No ad account {account_id!r} is connected: POST /api/ads/accounts or `kairo ads accounts connect` does it."
    )
