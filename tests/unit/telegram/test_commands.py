"""What a message of a chat means as a command."""

from __future__ import annotations

import pytest

from kairo.interfaces.telegram.updates import read_command


@pytest.mark.parametrize(
    ("text", "command", "argument"),
    [
        ("/trends 1w", "/trends", "1w"),
        ("/Trends@kairo_bot  1w ", "/trends", "1w"),
        ("  /analyze keywords cold brew", "/analyze", "keywords cold brew"),
        ("/help", "/help", ""),
        ("write to me@example.com", "write", "to me@example.com"),
        ("", "", ""),
    ],
)
def test_the_first_word_is_the_command_without_the_bots_name(text: str, command: str, argument: str) -> None:
    assert read_command(text) == (command, argument)
