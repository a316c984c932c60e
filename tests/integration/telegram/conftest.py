"""A running Bot API server for the tests of the bot."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.integration.telegram.bot_server import TOKEN, Person, is_installed, running_server


@pytest.fixture(scope="session")
def bot_server() -> Iterator[str]:
    if not is_installed():
        assert not os.environ.get("CI"), "scripts/ensure-bot-server installs the Bot API server"
        pytest.skip("no Bot API server: scripts/ensure-bot-server installs it")
    with running_server() as address:
        yield address


@pytest.fixture
def bot(bot_server: str, settings: Settings) -> str:
    """Point the bot at the server, and return the server's address."""
    settings.TELEGRAM_BOT_TOKEN = TOKEN
    settings.KAIRO_TELEGRAM_API_URL = bot_server
    return bot_server


_chats = iter(range(1000, 10_000_000))


@pytest.fixture
def person(bot: str) -> Person:
    """Return somebody whom no test has met before."""
    return Person(server=bot, chat_id=next(_chats))
