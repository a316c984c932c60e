"""Addresses of sources: http(s) only, and by the lists of domains that are allowed or denied.

A domain of a list holds for its subdomains. Names are compared in their ASCII form, so that a name in other letters is
the same as its punycode. Which endings are public comes from the snapshot inside tldextract; nothing is fetched.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import idna

from kairo.platform.policy.contracts import UnusableDomainRule

if TYPE_CHECKING:
    from tldextract import TLDExtract

_SCHEMES = {"http", "https"}


def host_of(url: str) -> str | None:
    """Return the host of a usable address in its ASCII form; None: not http(s), no host, or one that hides itself."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
        port_is_sound = parts.port is None or 0 < parts.port < 65_536
    except ValueError:
        return None
    if parts.scheme.lower() not in _SCHEMES or not host or not port_is_sound or _hides_something(url, parts.netloc):
        return None
    return ascii_host(host)


def _hides_something(url: str, place: str) -> bool:
    """A name before an @ shows another host than the one that is meant; so do blanks and backslashes."""
    return "@" in place or any(character in "\\" or character.isspace() or character < " " for character in url.strip())


def ascii_host(host: str) -> str | None:
    """Return a host's name as DNS knows it, in lower case and without the dot at its end; None where DNS knows none."""
    bare = host.strip().rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass_on = bare
    try:
        return idna.encode(pass_on, uts46=True, transitional=False).decode("ascii").lower() or None
    except idna.IDNAError:
        # Names with an underscore are no host names by the letter, and are in use.
        return (
            pass_on
            if pass_on.isascii() and pass_on.replace("_", "").replace("-", "").replace(".", "").isalnum()
            else None
        )


def domain_rules(entries: Iterable[str]) -> frozenset[str]:
    """Return a list of domains in the form in which hosts are compared.

    Raises:
        UnusableDomainRule: an entry is no domain, or a public ending (`co.uk`) that would match everybody's.
    """
    return frozenset(_rule(entry) for entry in entries)


def _rule(entry: str) -> str:
    bare = entry.strip().removeprefix("*.").removeprefix(".")
    host = host_of(bare) if "://" in bare else ascii_host(bare)
    if host is None or not _extract()(host).top_domain_under_public_suffix:
        raise UnusableDomainRule(f"{entry!r} is no domain that can be allowed or denied: write one like example.com.")
    return host


def is_within(host: str, domains: frozenset[str]) -> bool:
    """Say whether the host is one of the domains or a subdomain of one."""
    labels = host.split(".")
    return any(".".join(labels[place:]) in domains for place in range(len(labels)))


@cache
def _extract() -> TLDExtract:
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)
