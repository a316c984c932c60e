"""The Bot API server of telegram-test-api, and people who write to the bot through it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

SERVER = Path(__file__).resolve().parents[2] / "servers" / "telegram"
TOKEN = "7001:TEST-token"
PATIENCE_S = 20.0


def is_installed() -> bool:
    """Tell whether the server can be started here."""
    return shutil.which("node") is not None and (SERVER / "node_modules" / "telegram-test-api").is_dir()


@contextmanager
def running_server() -> Iterator[str]:
    """Start the server and yield its address."""
    port = _free_port()
    process = subprocess.Popen(
        ["node", "serve.js", str(port)],
        cwd=SERVER,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.strip() == "listening", f"The Bot API server did not start: {line!r}"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Person:
    """Somebody with Telegram, in a chat with the bot."""

    server: str
    chat_id: int
    language: str = "en"
    token: str = TOKEN
    seen: set[int] = field(default_factory=set)

    def writes(self, text: str) -> None:
        """Send a message."""
        self._post("/sendMessage", {**self._common(), "text": text})

    def presses(self, data: str, *, message_id: int | None = None) -> None:
        """Press a button with this data under a message of the bot."""
        common = self._common()
        message = {**common, "message_id": message_id} if message_id else common
        self._post("/sendCallback", {**common, "message": message, "data": data})

    def history(self) -> list[dict[str, Any]]:
        """Return what the bot has sent to this chat, as it reads now."""
        found = self._post("/getUpdatesHistory", {"token": self.token})["result"]
        return [
            {"id": each["messageId"], **each["message"]}
            for each in found
            if "message" in each and str(each["message"].get("chat_id")) == str(self.chat_id)
        ]

    def texts(self) -> list[str]:
        """Return the texts of the bot's messages, the oldest first."""
        return [message["text"] for message in self.history()]

    def buttons(self) -> dict[str, str]:
        """Return the buttons under the bot's newest message with any: label and data."""
        for message in reversed(self.history()):
            keyboard = (message.get("reply_markup") or {}).get("inline_keyboard")
            if keyboard:
                return {each["text"]: each["callback_data"] for row in keyboard for each in row}
        return {}

    def waits_for(self, count: int) -> list[str]:
        """Wait until the bot has sent `count` messages, and return their texts."""
        until = time.monotonic() + PATIENCE_S
        while len(texts := self.texts()) < count:
            assert time.monotonic() < until, f"The bot has sent {texts}, not {count} messages"
            time.sleep(0.05)
        return texts

    def _common(self) -> dict[str, Any]:
        person = {"id": self.chat_id, "first_name": "Ana", "is_bot": False, "language_code": self.language}
        return {
            "botToken": self.token,
            "date": int(time.time()),
            "from": person,
            "chat": {"id": self.chat_id, "type": "private", "first_name": "Ana"},
        }

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = httpx.post(f"{self.server}{path}", json=body, timeout=10)
        found: dict[str, Any] = answer.json()
        return found
