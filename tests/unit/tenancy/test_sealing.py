"""Sealed secrets: they open for the place that they were sealed for, and for no other."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.test import override_settings

from kairo.platform.tenancy.sealing import SealBroken, seal, unseal

TENANT = UUID(int=7)


def test_a_secret_comes_out_as_it_went_in_and_never_looks_the_same() -> None:
    one, other = (seal("pat-na1-ü", tenant_id=TENANT, name="a") for _ in range(2))

    assert unseal(one, tenant_id=TENANT, name="a") == unseal(other, tenant_id=TENANT, name="a") == "pat-na1-ü"
    assert one != other
    assert "pat" not in one


@pytest.mark.parametrize(("tenant", "name"), [(uuid4(), "a"), (TENANT, "b")])
def test_it_opens_in_no_other_place(tenant: UUID, name: str) -> None:
    with pytest.raises(SealBroken):
        unseal(seal("secret", tenant_id=TENANT, name="a"), tenant_id=tenant, name=name)


@pytest.mark.parametrize("change", [lambda text: text[:-4] + "AAA=", lambda _: "k1.", lambda _: "é", lambda _: ""])
def test_what_was_changed_does_not_open(change: object) -> None:
    assert callable(change)

    with pytest.raises(SealBroken):
        unseal(change(seal("secret", tenant_id=TENANT, name="a")), tenant_id=TENANT, name="a")


def test_after_a_rotation_the_former_key_still_opens() -> None:
    with override_settings(SECRET_KEY="former"):
        sealed = seal("secret", tenant_id=TENANT, name="a")

    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["former"]):
        assert unseal(sealed, tenant_id=TENANT, name="a") == "secret"
    with override_settings(SECRET_KEY="new"), pytest.raises(SealBroken, match="KAIRO_SECRET_KEY"):
        unseal(sealed, tenant_id=TENANT, name="a")
