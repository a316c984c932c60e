"""Tokens: made of enough randomness that a plain hash protects them, recognised by their prefix."""

from __future__ import annotations

import hashlib
import secrets

API_PREFIX = "kairo_api_"
SIGN_IN_PREFIX = "kairo_signin_"


def new_token(prefix: str) -> str:
    """Make a token of 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def sha256_hex(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
