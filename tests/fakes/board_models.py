"""A scripted model that plans boards: it reads the posts in a question, and answers honestly or lies as it is told."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.model_servers import openai_says
from tests.integration.outbound.servers import Answer, Seen

Draft = dict[str, Any]
Lie = Callable[[Draft, dict[str, str]], object]
_MARKED = re.compile(r"<evidence-(?P<nonce>\w+) id=\"(?P<id>\w+)\">\n(?P<text>.*?)\n</evidence-(?P=nonce)>", re.DOTALL)


@dataclass(frozen=True)
class Asked:
    """A question as a model reads it, whichever provider's form it came in."""

    text: str
    nonce: str
    posts: dict[str, str]

    @property
    def is_scoring(self) -> bool:
        return any(name.startswith("d") for name in self.posts)


def read_question(seen: Seen) -> Asked:
    """Return the texts of a request and the posts between its marks."""
    return read_texts(_strings(json.loads(seen.body)))


def read_texts(texts: Sequence[str]) -> Asked:
    """Return a question's texts and the posts between its marks."""
    text = "\n".join(texts)
    found = list(_MARKED.finditer(text))
    posts = {match["id"]: match["text"] for match in found if not match["id"].startswith("t")}
    return Asked(text, found[0]["nonce"] if found else "", posts)


def honest_drafts(posts: dict[str, str], *, most: int = 6) -> list[Draft]:
    """Write a draft for each of the first posts, saying nothing that the post does not say."""
    return [_draft(name, text) for name, text in list(posts.items())[:most]]


def honest(seen: Seen) -> str:
    """Answer either question as a good model would."""
    asked = read_question(seen)
    return ratings(asked) if asked.is_scoring else json.dumps({"drafts": honest_drafts(asked.posts)})


def ratings(asked: Asked) -> str:
    """Rate every draft, the first ones lower."""
    rated = [
        {"draft_id": name, "relevance": 40 + 5 * place, "audience_fit": 60, "feasibility": 80}
        for place, name in enumerate(asked.posts)
    ]
    return json.dumps({"ratings": rated})


def lying(lies: Sequence[Lie], *, honest_ones: int = 0) -> Callable[[Seen], str]:
    """Return a model whose drafts each carry the next of these lies, after some honest ones; it never mends them."""

    def answer(seen: Seen) -> str:
        asked = read_question(seen)
        if asked.is_scoring:
            return ratings(asked)
        drafts = honest_drafts(asked.posts, most=12)
        for place, draft in enumerate(drafts[honest_ones:]):
            lies[place % len(lies)](draft, asked.posts)
        return json.dumps({"drafts": drafts})

    return answer


def over_openai(says: Callable[[Seen], str]) -> Answer:
    """Let a model speak over an OpenAI-shaped wire."""

    def send(seen: Seen, connection: Any) -> None:
        connection.sendall(openai_says(says(seen)))

    return send


@dataclass
class Script:
    """Answers of one test: `synthesis` and `scoring` each take the next of their answers, and the last one for ever."""

    synthesis: Sequence[bytes | Answer]
    scoring: Sequence[bytes | Answer] = ()
    asked: list[str] = field(default_factory=list)

    def __call__(self, seen: Seen, connection: Any) -> None:
        kind = "scoring" if read_question(seen).is_scoring else "synthesis"
        answers = self.scoring or (over_openai(honest),) if kind == "scoring" else self.synthesis
        answer = answers[min(self.asked.count(kind), len(answers) - 1)]
        self.asked.append(kind)
        if isinstance(answer, bytes):
            connection.sendall(answer)
        else:
            answer(seen, connection)


def changed(posts: dict[str, str], **changes: object) -> list[Draft]:
    """Write honest drafts, each changed in the same way."""
    return [copy.deepcopy(draft) | changes for draft in honest_drafts(posts)]


def _draft(name: str, text: str) -> Draft:
    sentence = re.split(r"(?<=[.!?])\s", text.strip())[0]
    words = sentence.split()
    title = " ".join(words[:14]).rstrip(",;:")
    return {
        "title": title,
        "angle": f"A carousel that shows what stands behind it, with the words of the post itself: {sentence}",
        "why_now": "The post came this week.",
        "type": "evergreen",
        "primary_channel": "instagram",
        "suggested_channels": ["blog"],
        "persona": None,
        "pillar": None,
        "evidence_ids": [name],
        "quotes": [{"evidence_id": name, "text": sentence}],
    }


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in _strings(part)]
