"""From which address a request comes, as far as that can be believed."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# Whoever has one IPv6 address has its whole /64: counted one by one, nobody would ever be counted twice.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """Return the address that failures are counted for: an IPv4 address, or the /64 of an IPv6 address.

    Anybody can write `X-Forwarded-For`; only the entries that the KAIRO_TRUSTED_PROXIES proxies in front have added at
    its end are believed.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    proxies: int = settings.KAIRO_TRUSTED_PROXIES
    forwarded = [entry.strip() for entry in request.headers.get("X-Forwarded-For", "").split(",")]
    # A shorter list did not come through all proxies.
    return _counted(forwarded[-proxies] if 0 < proxies <= len(forwarded) else peer) or _counted(peer)


def _counted(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), IPV6_PREFIX), strict=False))
