"""A provider that writes packages and texts from what it is sent: honestly, or as a test bends its answers."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.model_servers import openai_says
from tests.integration.outbound.servers import Seen

Document = dict[str, Any]
Wire = Callable[[Document], bytes]
_POST = re.compile(r"<evidence-\w+ id=\"(?P<id>[^\"]+)\">\n(?P<text>.*?)\n</evidence", re.DOTALL)
_CHANNEL = re.compile(r"posts for the brand .*? on (?P<channel>\w+)\.")


@dataclass(frozen=True)
class Question:
    """What the provider was asked: `channel` is empty for a plan, `complaint` says what was wrong with the last one."""

    channel: str
    posts: list[tuple[str, str]]
    complaint: str


def question_in(seen: Seen) -> Question:
    """Read a request of any provider's form: only its texts count."""
    texts = "\n".join(_texts(json.loads(seen.body)))
    found = _CHANNEL.search(texts)
    _, _, complaint = texts.partition("Your answer cannot be used:")
    return Question(found["channel"] if found else "", _POST.findall(texts), complaint)


def honest(question: Question) -> Document:
    """Return an answer that says nothing but what it was given."""
    (first, quote), *_ = question.posts
    if not question.channel:
        return {
            "thesis": f"Somebody asked: “{quote}”",
            "summary": "We answer it in public.",
            "call_to_action": "Tell us how you do it.",
            "notes_for_humans": None,
            "evidence_ids": [first],
        }
    is_ad = question.channel == "meta_ads"
    said = "Descale your machine today" if is_ad else f"Somebody asked: “{quote}”"
    return {
        "title": "Descaling" if question.channel in {"blog", "email", "youtube", "meta_ads"} else None,
        "body": f"{said}\nScale is quiet for {question.channel}.",
        "call_to_action": "Tell us how you do it.",
        "claims": [{"text": said, "evidence_ids": [first], "brand_ids": []}],
    }


@dataclass
class Writer:
    """Answers each question with what `says` makes of it, and keeps the questions."""

    says: Callable[[Question], Document] = honest
    wire: Wire = field(default=lambda answer: openai_says(json.dumps(answer)))
    asked: list[Question] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, seen: Seen, connection: socket.socket) -> None:
        question = question_in(seen)
        with self._lock:
            self.asked.append(question)
        connection.sendall(self.wire(self.says(question)))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []
