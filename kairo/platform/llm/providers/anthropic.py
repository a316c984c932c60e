"""Anthropic's messages: POST {url}/v1/messages. The answer is the input of a tool that the model has to call."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pydantic import JsonValue

from kairo.platform.llm.contracts import Outcome
from kairo.platform.llm.ports import AttemptFailed, ModelReply, ModelRequest, Speaker
from kairo.platform.llm.providers.posting import Endpoint, posted
from kairo.platform.llm.providers.reading import counted, no_text, objects_at, part, text_at

VERSION = "2023-06-01"
_TOOL = "answer"
_ROLES = {Speaker.USER: "user", Speaker.MODEL: "assistant"}


@dataclass(frozen=True)
class Messages:
    endpoint: Endpoint

    def answer(self, request: ModelRequest, *, within_s: float) -> ModelReply:
        """Ask once.

        Raises:
            AttemptFailed: there is no text to read.
        """
        document = posted(self.endpoint, "/v1/messages", _body(request), within_s=within_s)
        usage = counted(part(document, "usage"), "input_tokens", "output_tokens")
        ending = text_at(document, "stop_reason")
        if ending == "refusal":
            raise AttemptFailed(Outcome.REFUSED, "The model refused to answer.", usage=usage)
        if ending == "max_tokens":
            raise AttemptFailed(Outcome.TOO_LONG, "The answer is longer than was allowed.", usage=usage)
        written = ""
        for block in objects_at(document, "content"):
            if block.get("type") == "tool_use" and block.get("name") == _TOOL:
                return ModelReply(json.dumps(block.get("input"), ensure_ascii=False), usage)
            written += text_at(block, "text")
        if not written:
            raise no_text(usage)
        return ModelReply(written, usage)


def _body(request: ModelRequest) -> dict[str, JsonValue]:
    tool: JsonValue = {"name": _TOOL, "description": "Gives the answer.", "input_schema": request.schema}
    return {
        "model": request.model,
        "max_tokens": request.max_output_tokens,
        "system": request.system,
        "messages": [{"role": _ROLES[turn.speaker], "content": turn.text} for turn in request.turns],
        "tools": [tool],
        "tool_choice": {"type": "tool", "name": _TOOL},
    }
