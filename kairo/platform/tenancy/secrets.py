"""Tokens: made of enough randomness that a plain hash protects them, recognised by their prefix."""

from __future__ import annotations

import hashlib
import secrets

API_PREFIX = "kairo_api_"
SIGN_IN_PREFIX = "kairo_signin_"
_TYPED_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_token(prefix: str) -> str:
    """Make a token of 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def new_code() -> str:
    """Make a code of 50 random bits that a person can type, in letters that are not taken for one another.

    It guards for minutes only, behind a limit on attempts.
    """
    letters = [secrets.choice(_TYPED_LETTERS) for _ in range(10)]
    return "".join(letters[:5]) + "-" + "".join(letters[5:])


def typed_code(text: str) -> str:
    """Return a code as it was made, however it was typed."""
    letters = "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())
    return f"{letters[:5]}-{letters[5:]}"


def sha256_hex(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
