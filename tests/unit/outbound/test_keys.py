"""Signing keys: not stored, derived again when needed, and never taken for another's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from kairo.platform.outbound.contracts import WebhookKeyUnreadable
from kairo.platform.outbound.keys import key_of, new_key

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_key_is_found_again_from_what_is_stored_of_it() -> None:
    stored, key = new_key(NOON)

    assert len(key) == 32
    assert key_of(stored) == key


def test_what_is_stored_does_not_hold_the_key() -> None:
    stored, key = new_key(NOON)

    assert key.hex() not in stored.model_dump_json()


def test_no_two_keys_are_the_same() -> None:
    assert len({new_key(NOON)[1] for _ in range(20)}) == 20


def test_another_secret_key_is_noticed_and_named(settings: Settings) -> None:
    stored, _ = new_key(NOON)
    settings.SECRET_KEY = "another"

    with pytest.raises(WebhookKeyUnreadable, match="KAIRO_SECRET_KEY"):
        key_of(stored)


def test_keys_outlive_a_rotated_secret_key_that_is_kept_as_a_fallback(settings: Settings) -> None:
    stored, key = new_key(NOON)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    assert key_of(stored) == key
