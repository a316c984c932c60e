"""Google's Gemini: POST {url}/v1beta/models/{model}:generateContent."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from pydantic import JsonValue

from kairo.platform.llm.contracts import Outcome
from kairo.platform.llm.ports import AttemptFailed, ModelReply, ModelRequest, Speaker
from kairo.platform.llm.providers.posting import Endpoint, posted
from kairo.platform.llm.providers.reading import counted, no_text, objects_at, part, text_at

_ROLES = {Speaker.USER: "user", Speaker.MODEL: "model"}
_REFUSALS = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"})


@dataclass(frozen=True)
class GenerateContent:
    endpoint: Endpoint

    def answer(self, request: ModelRequest, *, within_s: float) -> ModelReply:
        """Ask once.

        Raises:
            AttemptFailed: there is no text to read.
        """
        path = f"/v1beta/models/{quote(request.model, safe='')}:generateContent"
        document = posted(self.endpoint, path, _body(request), within_s=within_s)
        usage = counted(
            part(document, "usageMetadata"), "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"
        )
        ending = text_at(document, "candidates", 0, "finishReason")
        blocked = text_at(document, "promptFeedback", "blockReason")
        if blocked or ending in _REFUSALS:
            raise AttemptFailed(Outcome.REFUSED, f"The provider blocked it: {blocked or ending}.", usage=usage)
        if ending == "MAX_TOKENS":
            raise AttemptFailed(Outcome.TOO_LONG, "The answer is longer than was allowed.", usage=usage)
        parts = objects_at(document, "candidates", 0, "content", "parts")
        text = "".join(text_at(entry, "text") for entry in parts if entry.get("thought") is not True)
        if not text:
            raise no_text(usage)
        return ModelReply(text, usage)


def _body(request: ModelRequest) -> dict[str, JsonValue]:
    return {
        "systemInstruction": {"parts": [{"text": request.system}]},
        "contents": [{"role": _ROLES[turn.speaker], "parts": [{"text": turn.text}]} for turn in request.turns],
        "generationConfig": {
            "maxOutputTokens": request.max_output_tokens,
            "responseMimeType": "application/json",
            "responseJsonSchema": request.schema,
        },
    }
