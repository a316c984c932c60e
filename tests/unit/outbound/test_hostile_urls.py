"""Addresses that attackers write: each is refused by its form, before any name is looked up or connection made."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kairo.platform.outbound.addresses import GuardPolicy
from kairo.platform.outbound.client import Client
from kairo.platform.outbound.contracts import UnsafeAddress
from kairo.platform.outbound.urls import checked_url, followed_url
from tests.unit.outbound.resolvers import NobodyMayAsk

NOTHING_ALLOWED = GuardPolicy()
HOSTILE = [
    # Private places, written plainly.
    "http://127.0.0.1/",
    "http://127.255.255.254/",
    "http://0.0.0.0/",
    "http://0.1.2.3/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "http://169.254.170.2/v2/credentials",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/machine?comp=goalstate",
    "http://192.0.0.192/opc/v2/instance/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.51.100.7/",
    "http://203.0.113.9/",
    "http://192.88.99.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250:1900/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    # The same, as IPv6 or inside it.
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:8.8.8.8]/",
    "http://[::127.0.0.1]/",
    "http://[::7f00:1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2001:0:53aa:64c:0:7f:80ff:fffe]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[fe80::1%eth0]/",
    "http://[fe80::1%25eth0]/",
    "http://[2606:4700::1111%251]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://[v1.fe80::1]/",
    "http://[127.0.0.1]/",
    "http://[::1",
    # Numbers that only some readers take for addresses.
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7F.0x0.0x0.0x1/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0177.0000.0000.0001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0/",
    "http://127.0.0.01/",
    "http://127.0.0.1.:80/",
    "http://256.256.256.256/",
    "http://1.2.3.4.5/",
    "http://4294967297/",
    "http://0x/",
    # Letters that look like others, or become them.
    "http://127。0。0。1/",
    "http://127．0．0．1/",
    "http://127｡0｡0｡1/",
    "http://１２７.0.0.1/",
    "http://127.0.0.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://local\u00adhost/",
    "http://exam\u200bple.com/",
    "http://exam\u202eple.com/",
    "http://evil.com\u2100.internal/",
    "http://xn--/",
    "http://xn--localhost-/",
    "http://%6c%6f%63%61%6c%68%6f%73%74/",
    "http://127%2e0%2e0%2e1/",
    # Names that mean something only inside.
    "http://localhost/",
    "http://LOCALHOST:8080/",
    "http://localhost./",
    "http://a.localhost/",
    "http://localhost.localdomain/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://printer.local/",
    "http://kubernetes.default.svc.cluster.local/",
    "http://router.lan/",
    "http://nas.home.arpa/",
    "http://wiki.corp/",
    "http://intranet/",
    "http://metadata/",
    "http://hidden.onion/",
    "http://example.com./",
    # Users, passwords, and where one part ends and the next begins.
    "http://user@example.com/",
    "http://user:password@example.com/",
    "http://example.com@127.0.0.1/",
    "http://@example.com/",
    "http://example.com:80@127.0.0.1/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\\.127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http://127.0.0.1#@example.com/",
    "http://127.0.0.1?@example.com/",
    "http://127.0.0.1;example.com/",
    "http://example.com\t.internal/",
    "http://exa\nmple.com/",
    "http://example.com/\r\nX-Injected: 1",
    "http://example.com /",
    " http://example.com/",
    "http://example.com/\x00",
    "http://\ufeffexample.com/",
    # Ports and schemes that are no web.
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:-80/",
    "http://example.com:8０80/",
    "http://example.com:6379/",
    "http://example.com:5432/",
    "http://example.com:2375/containers/json",
    "http://example.com:9200/_search",
    "http://example.com:10250/pods",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:11211/stat",
    "ftp://example.com/",
    "ldap://example.com/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "jar:http://example.com!/x",
    "//example.com/",
    "example.com",
    "http:example.com",
    "http:///example.com",
    "http://",
    "",
    "http://.example.com/",
    "http://example..com/",
    "http://-example.com/",
    "http://exa_mple-.com/",
    "http://" + "a" * 64 + ".com/",
    "http://" + "a." * 130 + "com/",
    "http://example.com/" + "a" * 9_000,
]
HARMLESS = {
    "https://example.com": "https://example.com/",
    "HTTP://EXAMPLE.com:80/Feed": "http://example.com/Feed",
    "https://example.com:8443/a?b=c#d": "https://example.com:8443/a?b=c",
    "https://example.com/?url=http://127.0.0.1/": "https://example.com/?url=http://127.0.0.1/",
    "https://my_feed.example.com/x": "https://my_feed.example.com/x",
    "https://bücher.example/käse": "https://xn--bcher-kva.example/k%C3%A4se",
    "https://xn--bcher-kva.example/": "https://xn--bcher-kva.example/",
    "http://8.8.8.8/": "http://8.8.8.8/",
    "http://[2606:4700:4700:0:0:0:0:1111]/": "http://[2606:4700:4700::1111]/",
    "https://127.0.0.1.example.com/": "https://127.0.0.1.example.com/",
    "https://internal.example.com/": "https://internal.example.com/",
    "https://example.com/@name": "https://example.com/@name",
}


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 60


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_with_advice_before_anybody_is_asked(url: str) -> None:
    client = Client(policy=NOTHING_ALLOWED, resolver=NobodyMayAsk())

    with pytest.raises(UnsafeAddress) as refusal:
        client.fetch(url)

    assert refusal.value.message.endswith(".")
    assert not refusal.value.retryable


@pytest.mark.parametrize("url", HOSTILE)
def test_a_redirect_to_a_hostile_address_is_refused_too_or_leads_to_a_public_host(url: str) -> None:
    current = checked_url("http://example.org/start", NOTHING_ALLOWED)

    try:
        following = followed_url(url, current, NOTHING_ALLOWED)
    except UnsafeAddress:
        return

    assert (following.host, following.port) in {("example.org", None), ("example.com", None)}


@pytest.mark.parametrize(("url", "read"), HARMLESS.items())
def test_a_harmless_address_is_read_in_one_form(url: str, read: str) -> None:
    assert str(checked_url(url, NOTHING_ALLOWED)) == read


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/new", "https://example.org/new"),
        ("?page=2", "https://example.org/a/b?page=2"),
        ("../c d", "https://example.org/c%20d"),
        ("//cdn.example.org/x", "https://cdn.example.org/x"),
        ("https://example.com", "https://example.com/"),
    ],
)
def test_a_redirect_is_read_from_where_it_was_met(location: str, leads_to: str) -> None:
    current = checked_url("https://example.org/a/b", NOTHING_ALLOWED)

    assert str(followed_url(location, current, NOTHING_ALLOWED)) == leads_to


def test_a_redirect_never_leaves_https() -> None:
    current = checked_url("https://example.org/", NOTHING_ALLOWED)

    with pytest.raises(UnsafeAddress, match="from https to http"):
        followed_url("http://example.org/", current, NOTHING_ALLOWED)


def test_an_opened_network_lets_its_addresses_and_local_names_through_and_no_others() -> None:
    policy = GuardPolicy(allowed_networks=(ip_network("10.1.0.0/16"),))

    assert checked_url("http://10.1.2.3:3000/", policy).host == "10.1.2.3"
    assert checked_url("http://cms.internal:3000/", policy).host == "cms.internal"
    with pytest.raises(UnsafeAddress):
        checked_url("http://10.2.0.1/", policy)
    with pytest.raises(UnsafeAddress):
        checked_url("http://[::ffff:10.1.2.3]/", policy)


@given(st.text(max_size=60))
@example("http://0x7f.1")
@example("//[")
def test_no_text_is_read_as_a_place_that_requests_may_not_enter(text: str) -> None:
    for url in (text, f"http://{text}/", f"http://{text}@example.com", f"http://example.com{text}"):
        try:
            read = checked_url(url, NOTHING_ALLOWED)
        except UnsafeAddress:
            continue
        again = checked_url(str(read), NOTHING_ALLOWED)
        assert again == read
        assert read.userinfo == b""
        assert read.scheme in {"http", "https"}
