"""Identities in the one form in which they are compared: normalised as Meta does, then SHA-256.

What is stored is a keyed hash of that; the plain SHA-256 of an address is guessed in minutes.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

_SHA256 = re.compile(r"[0-9a-f]{64}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOT_DIGITS = re.compile(r"\D+")
# Reading one with the library takes longer than all the rest of a click's keys.
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN_IPV4 = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}")
SHORTEST_PHONE, LONGEST_PHONE = 7, 15
# Nobody's own: an address that a whole office reads links nobody with anybody.
ROLE_MAILBOXES = frozenset(
    {"info", "office", "sales", "contact", "admin", "support", "hello", "mail", "team", "help", "billing", "kontakt"}
)


def normalised_email(text: str) -> str:
    """Return an e-mail address trimmed and in small letters.

    Raises:
        ValueError: it is no e-mail address.
    """
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise ValueError("this is no e-mail address")
    return email


def normalised_phone(text: str) -> str:
    """Return a phone number's digits with its country code, without leading zeros.

    Raises:
        ValueError: it has too few or too many digits.
    """
    digits = _NOT_DIGITS.sub("", text).lstrip("0")
    if not SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE:
        raise ValueError("give the phone number with its country code")
    return digits


def normalised_external_id(text: str) -> str:
    """Return a customer id trimmed and in small letters."""
    return text.strip().lower()


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_role_mailbox(email: str) -> bool:
    """Tell whether an address is read by whoever is in: info@, office@."""
    return normalised_email(email).split("@")[0].split("+")[0] in ROLE_MAILBOXES


def given_sha256(text: str) -> str:
    """Return a hash as it is compared.

    Raises:
        ValueError: it is no SHA-256 in hexadecimal digits.
    """
    digest = text.strip().lower()
    if not _SHA256.fullmatch(digest):
        raise ValueError("give a SHA-256 as 64 hexadecimal digits")
    return digest


@lru_cache(maxsize=50_000)
def line_of(text: str) -> str:
    """Return the address that one line has: an IPv4 address, or the /64 of an IPv6 one.

    Raises:
        ValueError: it is no IP address.
    """
    if _PLAIN_IPV4.fullmatch(text):
        return text
    address = ip_address(text.strip())
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address) if isinstance(address, IPv4Address) else f"6:{int(address) >> 64:x}"
