"""Where a short link may lead, and how the click's id travels with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

CLICK_PARAMETER = "kclid"
LONGEST_TARGET = 2_000
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


def safe_target(url: str) -> str:
    """Return a page's address as it is stored.

    Raises:
        ValueError: it is no http(s) address of a host, or a part of it could be read in two ways.
    """
    if len(url) > LONGEST_TARGET:
        raise ValueError(f"the address is longer than {LONGEST_TARGET:,} characters")
    if _UNSAFE.search(url):
        raise ValueError("the address holds blanks, control characters or a backslash")
    parts = urlsplit(url)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise ValueError("give an address that begins with https:// or http:// and names a host")
    if "@" in parts.netloc:
        raise ValueError("the address holds a name or a password before its host")
    # Reading the port is what finds a bad one.
    if parts.port == 0:
        raise ValueError("there is no port 0")
    return url


def with_parameters(target: str, parameters: Mapping[str, str]) -> str:
    """Return a target with parameters added to its query; one that it has already is replaced."""
    parts = urlsplit(target)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in parameters]
    query = urlencode([*kept, *parameters.items()])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))
