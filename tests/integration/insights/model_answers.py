"""Models that answer an analysis over the wire: a server reads the posts it is given and says what a test wants."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kairo.platform.llm.asking import Models
from kairo.platform.llm.routes import routes_file
from tests.fakes.model_calls import models_at
from tests.fakes.model_servers import anthropic_says, gemini_says, openai_says
from tests.integration.outbound.servers import Answer, Seen, Site

ROUTES = routes_file(Path(__file__).parents[2] / "fakes" / "answer_routes.yaml")
_POST = re.compile(r'<evidence-\w+ id="([pe]\d+)">\n(.*?)\n</evidence-', re.DOTALL)
_FINDING = re.compile(r'<evidence-\w+ id="(\d+)">\n(\w+): (.*?) Posts: (.*?)\n</evidence-', re.DOTALL)
_TASKS = {
    "find the keyphrases": "keyphrase_mining",
    "judge how posts": "sentiment",
    "sort posts": "topics",
    "widen a search": "expansion",
    "market notes": "synthesis",
}


@dataclass(frozen=True)
class Told:
    """A question as a model reads it: its task, the posts by their ids, and the numbered findings, if any."""

    task: str
    posts: Mapping[str, str]
    findings: Mapping[int, tuple[str, str, list[str]]]
    body: str

    def posts_with(self, word: str) -> list[str]:
        return [key for key, text in self.posts.items() if word in text.casefold() and key.startswith("p")]


Says = Callable[[Told], object]


def well_read(told: Told) -> object:
    """Answer each task as a careful model does, about posts that love and hate a battery."""
    loved, hated = told.posts_with("love"), told.posts_with("hate")
    if told.task == "keyphrase_mining":
        return {"phrases": [{"phrase": "battery", "post_ids": told.posts_with("battery")[:10]}]}
    if told.task == "sentiment":
        return {
            "positive": loved,
            "negative": hated,
            "aspects": [{"aspect": "battery", "praising": loved, "complaining": hated}],
            "praise": [{"post_id": loved[0], "quote": "I love the battery of this phone", "strength": 0.9}],
            "complaints": [{"post_id": hated[0], "quote": "The battery of this phone is awful", "strength": 0.9}],
        }
    if told.task == "topics":
        return {"topics": [{"label": "battery", "post_ids": told.posts_with("battery")}]}
    if told.task == "expansion":
        return {"wordings": [{"text": "accumulator", "weight": 0.7}]}
    return {
        "tldr": "People disagree about the battery.",
        "insights": [
            {"type": kind, "text": said, "findings": [number], "post_ids": posts}
            for number, (kind, said, posts) in told.findings.items()
        ],
    }


def says(answer: Says, *, shape: str = "openai", tokens_out: int = 20) -> Answer:
    """Serve what `answer` says of each question, in a provider's shape."""

    def send(seen: Seen, connection: socket.socket) -> None:
        said = answer(_told(seen.body))
        text = said if isinstance(said, str) else json.dumps(said)
        pages = {
            "openai": lambda: openai_says(text, tokens_out=tokens_out),
            "anthropic": lambda: anthropic_says(said, tokens_out=tokens_out),
            "gemini": lambda: gemini_says(text, tokens_out=tokens_out),
        }
        connection.sendall(pages[shape]())

    return send


def asking(
    *, openai: Site | None = None, anthropic: Site | None = None, gemini: Site | None = None, local: Site | None = None
) -> Models:
    """Return models that ask these sites, by the routes of answers."""
    return replace(models_at(openai=openai, anthropic=anthropic, gemini=gemini, local=local), routes=ROUTES)


def _told(body: bytes) -> Told:
    texts = _strings(json.loads(body))
    whole = "\n".join(texts)
    task = next(name for words, name in _TASKS.items() if words in whole)
    findings = {int(number): (kind, said, posts.split(", ")) for number, kind, said, posts in _FINDING.findall(whole)}
    return Told(task=task, posts=dict(_POST.findall(whole)), findings=findings, body=whole)


def _strings(document: object) -> list[str]:
    if isinstance(document, str):
        return [document]
    parts = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return [text for part in parts for text in _strings(part)]
