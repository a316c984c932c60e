"""Which addresses of the network requests may go to, after a name has been looked up."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.outbound.addresses import GuardPolicy, special_use
from kairo.platform.outbound.client import Client
from kairo.platform.outbound.contracts import FetchFailed, FetchTimedOut, UnsafeAddress
from tests.unit.outbound.resolvers import Answers


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.32.0.1"]
)
def test_public_ipv4_addresses_next_to_private_ones_are_open(text: str) -> None:
    assert special_use(ip_address(text)) is None


@pytest.mark.parametrize("text", ["2606:4700::1", "2001:200::1", "2a00:1450::1", "2620:fe::fe"])
def test_public_ipv6_addresses_are_open(text: str) -> None:
    assert special_use(ip_address(text)) is None


@given(st.ip_addresses(v=4))
def test_whatever_the_standard_library_calls_private_is_refused(address: IPv4Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        # Two anycast addresses within 192.0.0.0/24 are public to the library, and of no use to anybody here.
        assert special_use(address) is not None


@given(st.ip_addresses(v=6))
def test_whatever_the_standard_library_calls_private_is_refused_in_ipv6(address: IPv6Address) -> None:
    if not address.is_global or address.is_multicast or address.ipv4_mapped or address.sixtofour or address.teredo:
        assert special_use(address) is not None


def test_one_private_address_among_public_ones_refuses_the_whole_name() -> None:
    resolver = Answers(mixed__example=[["93.184.216.34", "10.0.0.1"]])

    with pytest.raises(UnsafeAddress, match="a private address") as refusal:
        Client(policy=GuardPolicy(), resolver=resolver).fetch("http://mixed.example/")

    assert "10.0.0.1" not in refusal.value.message


@pytest.mark.parametrize(
    "answer",
    [
        "127.0.0.1",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "fe80::1%1",
        "fd00::1",
        "169.254.169.254",
    ],
)
def test_a_public_name_that_leads_inside_is_refused(answer: str) -> None:
    resolver = Answers(feeds__example=[[answer]])

    with pytest.raises(UnsafeAddress):
        Client(policy=GuardPolicy(), resolver=resolver).fetch("https://feeds.example/")

    assert resolver.asked == ["feeds.example"]


def test_a_local_name_may_lead_only_to_the_opened_networks() -> None:
    policy = GuardPolicy(allowed_networks=(ip_network("10.1.0.0/16"),))
    resolver = Answers(cms__internal=[["93.184.216.34"]])

    with pytest.raises(UnsafeAddress, match="a name inside a network"):
        Client(policy=policy, resolver=resolver).fetch("http://cms.internal:3000/")


def test_a_name_that_nobody_knows_is_said_to_be_unknown() -> None:
    with pytest.raises(FetchFailed, match=r"no host unknown\.example") as failure:
        Client(policy=GuardPolicy(), resolver=Answers()).fetch("http://unknown.example/")

    assert failure.value.retryable


def test_a_name_server_that_does_not_answer_is_a_timeout() -> None:
    class Silent:
        def resolve(self, host: str, *, within_s: float) -> list[IPv4Address]:
            raise TimeoutError

    with pytest.raises(FetchTimedOut, match=r"where slow\.example is"):
        Client(policy=GuardPolicy(), resolver=Silent()).fetch("http://slow.example/")
