"""What never stands in a log."""

from __future__ import annotations

import pytest

from kairo.platform.policy.pii import mask_pii
from kairo.platform.telemetry.logs import hide_persons, hide_secrets, mask_secrets
from tests.growth import grows_like_its_input


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token kairo_api_abcDEF123456-_ used", "token kairo_api_[hidden] used"),
        ("/sign-in?token=kairo_signin_abcdefghijkl", "/sign-in?token=kairo_signin_[hidden]"),
        ("Authorization: Bearer abc.def-ghi_jkl", "Authorization: Bearer [hidden]"),
        ("postgresql://kairo:s3cret@db/kairo", "postgresql://kairo:[hidden]@db/kairo"),
        ("postgresql://kairo:s3c@ret/x@db/kairo", "postgresql://kairo:[hidden]@db/kairo"),
        ("redis://:s3cret@cache:6379", "redis://:[hidden]@cache:6379"),
        ("host=db password='s3 cret' user=kairo", "host=db password=[hidden] user=kairo"),
        ("GET /ws/runs/1/?after_seq=0&ticket=s3cret", "GET /ws/runs/1/?after_seq=0&ticket=[hidden]"),
        (
            "https://graph.example/me?access_token=s3cret&fields=id",
            "https://graph.example/me?access_token=[hidden]&fields=id",
        ),
        ("Cookie: kairo_session=s3cret; csrftoken=s3cret", "Cookie: kairo_session=[hidden]; csrftoken=[hidden]"),
        ("key sk-ant-abcdefghijklmnopqrst", "key sk-[hidden]"),
        ("nothing to hide: kairo_app", "nothing to hide: kairo_app"),
        ("a risk-adjusted-return-of-something", "a risk-adjusted-return-of-something"),
        ("see https://example.com/a:b, or ask ada@example.com", "see https://example.com/a:b, or ask ada@example.com"),
    ],
)
def test_secrets_inside_texts_are_masked(text: str, shown: str) -> None:
    assert mask_secrets(text) == shown


def test_values_of_telling_names_are_hidden() -> None:
    event = hide_secrets(None, "info", {"event": "x", "api_key": "abc", "Authorization": "y", "count": 3})

    assert event == {"event": "x", "api_key": "[hidden]", "Authorization": "[hidden]", "count": 3}


def test_secrets_deep_inside_values_are_hidden_and_counts_are_not() -> None:
    event = hide_secrets(
        None,
        "info",
        {
            "event": "x",
            "tokens_in": 5,
            "request": {"headers": {"Cookie": "a"}, "lines": ["Bearer abcdefghijkl", 3]},
            "error": ValueError("postgresql://kairo:s3cret@db/kairo"),
        },
    )

    assert event == {
        "event": "x",
        "tokens_in": 5,
        "request": {"headers": {"Cookie": "[hidden]"}, "lines": ["Bearer [hidden]", 3]},
        "error": "ValueError('postgresql://kairo:[hidden]@db/kairo')",
    }


def test_what_identifies_a_person_is_masked_at_any_depth() -> None:
    hide = hide_persons(mask_pii)

    event = hide(
        None, "info", {"event": "sent to ada@example.com", "rows": [{"phone": "+49 151 12345678"}], "count": 3}
    )

    assert event == {"event": "sent to [email]", "rows": [{"phone": "[phone]"}], "count": 3}


def test_a_text_full_of_addresses_takes_no_longer_than_its_length_explains() -> None:
    assert grows_like_its_input(lambda addresses: mask_secrets("://a:" * addresses), 5_000)
