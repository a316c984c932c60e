"""A scripted model for gathers: it reads passages and items in a question, and answers honestly or as it is told."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from kairo.platform.llm.contracts import Usage
from kairo.platform.llm.ports import ModelReply, ModelRequest
from kairo.stages.knowledge.rules.sentences import sentences_of, states_something

_MARKED = re.compile(r"<evidence-(?P<nonce>\w+) id=\"(?P<id>\w+)\">\n(?P<text>.*?)\n</evidence-(?P=nonce)>", re.DOTALL)
ITEMS_AN_ANSWER = 5
Hook = Callable[[str, int], None]


@dataclass(frozen=True)
class Asked:
    """A question as the model reads it: what is wanted, and the texts between its marks by the letter of their ids."""

    kind: str
    passages: dict[str, str]
    known: list[str]
    items: list[str]


def read_question(text: str) -> Asked:
    """Read a question for items, for a rating, or for an examination."""
    found = {match["id"]: match["text"] for match in _MARKED.finditer(text)}
    kind = "generate" if "Passages, each with its id" in text else "evaluate" if "gaps:" in text else "judge"
    return Asked(
        kind,
        passages={name: told for name, told in found.items() if name.startswith("p")},
        known=[told for name, told in found.items() if name.startswith("k")],
        items=[told for name, told in found.items() if name.startswith("i")],
    )


def honest_items(asked: Asked, *, most: int = ITEMS_AN_ANSWER) -> list[dict[str, object]]:
    """Write items that copy sentences of the passages which are not known yet, one a passage in turn."""
    known = " ".join(asked.known)
    by_passage = {
        name: [one.text for one in sentences_of(text) if states_something(one) and one.text[:150] not in known]
        for name, text in asked.passages.items()
    }
    found: list[dict[str, object]] = []
    while len(found) < most and any(by_passage.values()):
        for name, texts in by_passage.items():
            if texts and len(found) < most:
                text = texts.pop(0)
                quoted = {"id": name, "quote": text}
                found.append(
                    {"content": text, "summary": text[:158], "context": "As a source says.", "sources": [quoted]}
                )
    return found


def honest(asked: Asked) -> str:
    """Answer as a good model would; its ratings rise with the number of items."""
    if asked.kind == "generate":
        return json.dumps({"items": honest_items(asked)}, ensure_ascii=False)
    score = min(95, 20 + 2 * len(asked.items))
    parts = {"coverage": score, "depth": score, "coherence": 90, "actionability": score}
    if asked.kind == "judge":
        return json.dumps({**parts, "reason": "Depth."})
    return json.dumps({**parts, "gaps": ["Nothing is said about returns."], "contradictions": []})


@dataclass
class ScriptedModel:
    """A provider that answers by a script and counts; `before` may stop the process, or ask for patience."""

    script: Callable[[Asked], str] = honest
    before: Hook = lambda kind, number: None
    after: Hook = lambda kind, number: None
    answered: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    questions: list[str] = field(default_factory=list)

    def answer(self, request: ModelRequest, *, within_s: float) -> ModelReply:
        """Answer a request."""
        text = "\n".join(turn.text for turn in request.turns)
        question = read_question(text)
        self.asked[question.kind] += 1
        self.before(question.kind, self.asked[question.kind])
        reply = self.script(question)
        self.answered[question.kind] += 1
        self.questions.append(_MARKED.sub(lambda match: match["text"], text))
        self.after(question.kind, self.answered[question.kind])
        return ModelReply(text=reply, usage=Usage(tokens_in=100, tokens_out=50))
