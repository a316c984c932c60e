"""Answers of model providers as they go over the wire, good ones and every kind of bad one."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Mapping

from tests.integration.outbound.servers import Answer, Seen, page

JSON = {"content-type": "application/json"}


def openai_says(text: str, *, tokens_in: int = 50, tokens_out: int = 20, ending: str = "stop") -> bytes:
    """Write a chat completion down."""
    return _document(
        {
            "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": ending}],
            "usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out},
        }
    )


def openai_says_uncounted(text: str) -> bytes:
    """Write down a completion that does not tell what it took."""
    return _document({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]})


def openai_refuses(reason: str) -> bytes:
    """Write down a completion in which the model declines in the field for that."""
    return _document(
        {
            "choices": [{"message": {"content": None, "refusal": reason}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 50, "completion_tokens": 9},
        }
    )


def anthropic_says(answer: object, *, tokens_in: int = 50, tokens_out: int = 20, ending: str = "tool_use") -> bytes:
    """Write a message down whose tool call is the answer."""
    return _document(
        {
            "content": [{"type": "tool_use", "id": "t1", "name": "answer", "input": answer}],
            "stop_reason": ending,
            "usage": {"input_tokens": tokens_in, "output_tokens": tokens_out},
        }
    )


def gemini_says(text: str, *, tokens_in: int = 50, tokens_out: int = 20, ending: str = "STOP") -> bytes:
    """Write generated content down, with a thought that is no part of the answer."""
    parts = [{"text": "Let me think.", "thought": True}, {"text": text}]
    return _document(
        {
            "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": ending}],
            "usageMetadata": {
                "promptTokenCount": tokens_in,
                "candidatesTokenCount": tokens_out,
                "thoughtsTokenCount": 5,
            },
        }
    )


def failure(status: int, message: str = "no", headers: Mapping[str, str] | None = None) -> bytes:
    """Write an error down."""
    body = json.dumps({"error": {"message": message}}).encode()
    return page(body, status=status, headers={**JSON, **(headers or {})})


def silence(_: Seen, connection: socket.socket) -> None:
    """Say nothing for longer than anybody waits."""
    time.sleep(2)


def dripping(whole: bytes) -> Answer:
    """Send an answer so slowly that each byte comes in time and the last one never does."""

    def send(_: Seen, connection: socket.socket) -> None:
        for byte in whole:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    return send


def cut_off(whole: bytes) -> Answer:
    """Send half of an answer and hang up."""

    def send(_: Seen, connection: socket.socket) -> None:
        connection.sendall(whole[: len(whole) - 20])

    return send


def in_turn(*answers: bytes | Answer) -> Answer:
    """Give one answer after the other, and the last one for ever."""
    left = list(answers)
    lock = threading.Lock()

    def send(seen: Seen, connection: socket.socket) -> None:
        with lock:
            answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, bytes):
            connection.sendall(answer)
        else:
            answer(seen, connection)

    return send


def _document(value: object) -> bytes:
    return page(json.dumps(value).encode(), headers=JSON)
