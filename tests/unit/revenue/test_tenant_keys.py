"""Keys of visitors: an HMAC, the same for a tenant's same value, and another for every other tenant."""

from __future__ import annotations

import hmac
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.stages.revenue.adapters import tenant_keys

TENANT, OTHER = UUID(int=1), UUID(int=2)


# The first key of a process is slow on purpose.
@settings(deadline=None)
@given(st.text(max_size=200))
def test_a_key_is_an_hmac_under_the_tenants_secret(value: str) -> None:
    secret = tenant_keys._tenant_secret("secret", TENANT)
    inner, outer = tenant_keys._begun(secret)
    inner, outer = inner.copy(), outer.copy()
    inner.update(value.encode("utf-8", "surrogatepass"))
    outer.update(inner.digest())
    assert outer.digest() == hmac.digest(secret, value.encode("utf-8", "surrogatepass"), "sha256")


def test_two_tenants_have_different_keys_for_the_same_person() -> None:
    one, other = (tenant_keys.key_maker(tenant)("email", "x") for tenant in (TENANT, OTHER))
    assert one == tenant_keys.key_maker(TENANT)("email", "x") != other
    assert -(2**63) <= one < 2**63


def test_codes_have_no_letters_that_are_taken_for_others() -> None:
    code = tenant_keys.code_of(TENANT, "link", "https://shop.example", characters=11)
    assert len(code) == 11
    assert not set(code) & set("0O1lI")
