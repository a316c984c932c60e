"""Which URLs a request may be made for, judged by their form alone; what a name leads to is judged when connecting."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx
import idna

from kairo.platform.outbound.addresses import GuardPolicy, IPAddress
from kairo.platform.outbound.contracts import UnsafeAddress

MAX_URL_CHARACTERS = 8_000
MAX_HOST_CHARACTERS = 253
DEFAULT_PORTS = {"http": 80, "https": 443}

# Names that mean something only inside a network, by their last labels.
_LOCAL_SUFFIXES = (
    "localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa", "onion",
)  # fmt: skip
# Above 1024 stand services that must never be spoken to through somebody else's URL: databases, brokers, container and
# cluster control, remote desktops, telephony, and what browsers refuse (fetch.spec.whatwg.org, "bad port").
_REFUSED_PORTS = frozenset(
    {
        1433, 1434, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190,
        4369, 5060, 5061, 5432, 5671, 5672, 5900, 5984, 5985, 5986, 6000, 6379, 6432, 6443, 6566, 6665, 6666, 6667,
        6668, 6669, 6679, 6697, 7000, 7001, 8086, 8125, 8300, 8500, 8600, 8883, 9042, 9092, 9160, 9200, 9300, 10080,
        10250, 10255, 11211, 15672, 26257, 27017, 27018, 27019, 50070, 61616,
    }
)  # fmt: skip
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTS_OF_OTHER_SCRIPTS = re.compile("[\u3002\uff0e\uff61]")
_ADVICE = (
    "Use an address on the public internet, or ask your operator to allow its network with KAIRO_OUTBOUND_NETWORKS."
)


def checked_url(text: str, policy: GuardPolicy) -> httpx.URL:
    """Read a URL that somebody else wrote, and refuse every form that could mean another place than it seems.

    Raises:
        UnsafeAddress: says which part is at fault and what to write instead.
    """
    split = _split(text)
    if split.scheme not in DEFAULT_PORTS:
        raise UnsafeAddress("Only http:// and https:// addresses can be used.")
    if "@" in split.netloc:
        raise UnsafeAddress("The address holds a user name or a password. Write it without; use a header or a token.")
    host = _checked_host(split, policy)
    return _rebuilt(split, host, _checked_port(split))


def followed_url(location: str, current: httpx.URL, policy: GuardPolicy) -> httpx.URL:
    """Read where a redirect leads to; it is checked as if somebody had asked for it.

    Raises:
        UnsafeAddress: it leads to an address that may not be used, or from https to http.
    """
    # Servers send spaces as they are, and browsers take them for %20.
    written = location.strip(" ").replace(" ", "%20")
    _require_plain(written)
    try:
        joined = urljoin(str(current), written)
    except ValueError as error:
        raise UnsafeAddress(
            f"{shown(current)} redirects to something that is not a URL. Use another address."
        ) from error
    following = checked_url(joined, policy)
    if current.scheme == "https" and following.scheme == "http":
        raise UnsafeAddress(f"{shown(current)} redirects from https to http. Use an https address that stays on https.")
    return following


def shown(url: httpx.URL) -> str:
    """Return the part of a URL that may stand in messages and logs: paths and queries can hold secrets."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def literal_address(host: str) -> IPAddress | None:
    """Return the address that a checked host is, or None where it is a name."""
    try:
        return IPv6Address(host) if ":" in host else IPv4Address(host)
    except AddressValueError:
        return None


def is_local_name(host: str) -> bool:
    """Tell whether a name means something only inside a network, such as `localhost` or `cms.internal`."""
    return "." not in host or any(host == suffix or host.endswith(f".{suffix}") for suffix in _LOCAL_SUFFIXES)


def refused_place(host: str, kind: str) -> UnsafeAddress:
    """Make the error for a host that leads to a network that requests may not enter."""
    return UnsafeAddress(f"{host} leads to {kind}. {_ADVICE}")


def _require_plain(text: str) -> None:
    if len(text) > MAX_URL_CHARACTERS:
        raise UnsafeAddress(f"The address is longer than {MAX_URL_CHARACTERS:,} characters.")
    # Parsers drop, keep or translate these, each in its own way: the ground of most ways around a check.
    odd = next((char for char in text if unicodedata.category(char)[0] in "CZ" or char == "\\"), None)
    if odd is not None:
        raise UnsafeAddress(f"The address holds a character that addresses cannot have: U+{ord(odd):04X}. Remove it.")


def _split(text: str) -> SplitResult:
    _require_plain(text)
    try:
        return urlsplit(text)
    except ValueError as error:
        raise UnsafeAddress("The address is not a URL. Write it as https://host/path.") from error


def _checked_port(split: SplitResult) -> int:
    try:
        written = split.port
    except ValueError as error:
        raise UnsafeAddress("The address has a port that is not a number from 1 to 65535.") from error
    port = DEFAULT_PORTS[split.scheme] if written is None else written
    if (port < 1024 and port not in DEFAULT_PORTS.values()) or port in _REFUSED_PORTS:
        raise UnsafeAddress(f"Port {port} cannot be used: it is not one where web servers answer. Use 80, 443 or 8080.")
    return port


def _checked_host(split: SplitResult, policy: GuardPolicy) -> str:
    written = split.hostname or ""
    address = _checked_literal(written, bracketed="[" in split.netloc)
    if address is not None:
        kind = policy.refusal(address)
        if kind is not None:
            raise refused_place(str(address), kind)
        return str(address)
    name = _checked_name(written)
    if is_local_name(name) and not policy.allowed_networks:
        raise refused_place(name, "a name inside a network")
    return name


def _checked_literal(written: str, *, bracketed: bool) -> IPAddress | None:
    if bracketed:
        address = literal_address(written) if ":" in written else None
        if address is None or "%" in written:
            raise UnsafeAddress("The address between [ and ] is not a plain IPv6 address.")
        return address
    last_label = written.rstrip(".").rpartition(".")[2]
    if not _NUMBER.fullmatch(last_label):
        return None
    address = literal_address(written)
    if address is None:
        # 127.1, 0x7f.1, 017700000001: what these mean depends on who reads them.
        raise UnsafeAddress("The address is a number in an unusual form. Write it as four numbers from 0 to 255.")
    return address


def _checked_name(written: str) -> str:
    if _DOTS_OF_OTHER_SCRIPTS.search(written):
        raise UnsafeAddress("The host name holds dots of another script. Write it with plain dots.")
    try:
        name = written if written.isascii() else idna.encode(unicodedata.normalize("NFC", written)).decode("ascii")
    except idna.IDNAError as error:
        raise UnsafeAddress(
            "The host name holds letters that host names cannot have. Copy it from a browser."
        ) from error
    if name.endswith("."):
        raise UnsafeAddress("The host name ends in a dot. Write it without.")
    if not name or len(name) > MAX_HOST_CHARACTERS or not all(map(_LABEL.fullmatch, name.split("."))):
        raise UnsafeAddress("The host of the address is not a host name. Write it as https://host/path.")
    return name


def _rebuilt(split: SplitResult, host: str, port: int) -> httpx.URL:
    authority = f"[{host}]" if ":" in host else host
    query = f"?{split.query}" if split.query else ""
    try:
        url = httpx.URL(f"{split.scheme}://{authority}:{port}{split.path or '/'}{query}")
    except httpx.InvalidURL as error:
        raise UnsafeAddress("The address is not a URL. Write it as https://host/path.") from error
    # Two parsers have read it by now; where they differ, nobody knows what it means.
    read_again = (url.scheme, url.raw_host.decode("ascii"), url.port or DEFAULT_PORTS[url.scheme], url.userinfo)
    if read_again != (split.scheme, host, port, b""):
        raise UnsafeAddress("The address can be read in two ways. Write it as https://host/path.")
    return url
