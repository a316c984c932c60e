"""What never stands in a log."""

from __future__ import annotations

import pytest

from kairo.platform.telemetry.logs import hide_secrets, mask_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token kairo_api_abcDEF123456-_ used", "token kairo_api_[hidden] used"),
        ("/sign-in?token=kairo_signin_abcdefghijkl", "/sign-in?token=kairo_signin_[hidden]"),
        ("Authorization: Bearer abc.def-ghi_jkl", "Authorization: Bearer [hidden]"),
        ("postgresql://kairo:s3cret@db/kairo", "postgresql://kairo:[hidden]@db/kairo"),
        ("nothing to hide: kairo_app", "nothing to hide: kairo_app"),
    ],
)
def test_secrets_inside_texts_are_masked(text: str, shown: str) -> None:
    assert mask_secrets(text) == shown


def test_values_of_telling_names_are_hidden() -> None:
    event = hide_secrets(None, "info", {"event": "x", "api_key": "abc", "Authorization": "y", "count": 3})

    assert event == {"event": "x", "api_key": "[hidden]", "Authorization": "[hidden]", "count": 3}
