"""Chat completions as OpenAI, OpenRouter, vLLM, Ollama and llama.cpp speak them: POST {url}/chat/completions."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from kairo.platform.llm.contracts import Outcome
from kairo.platform.llm.ports import AttemptFailed, ModelReply, ModelRequest, Speaker
from kairo.platform.llm.providers.posting import Endpoint, posted
from kairo.platform.llm.providers.reading import counted, no_text, part, text_at

_ROLES = {Speaker.USER: "user", Speaker.MODEL: "assistant"}


@dataclass(frozen=True)
class ChatCompletions:
    """`length_field`: OpenAI's newer models refuse max_tokens, and most compatible servers know nothing else."""

    endpoint: Endpoint
    length_field: str = "max_tokens"

    def answer(self, request: ModelRequest, *, within_s: float) -> ModelReply:
        """Ask once.

        Raises:
            AttemptFailed: there is no text to read.
        """
        document = posted(self.endpoint, "/chat/completions", self._body(request), within_s=within_s)
        usage = counted(part(document, "usage"), "prompt_tokens", "completion_tokens")
        message = part(document, "choices", 0, "message")
        ending = text_at(document, "choices", 0, "finish_reason")
        refusal = text_at(message, "refusal")
        if refusal or ending == "content_filter":
            raise AttemptFailed(Outcome.REFUSED, refusal or "The provider filtered the answer out.", usage=usage)
        if ending == "length":
            raise AttemptFailed(Outcome.TOO_LONG, "The answer is longer than was allowed.", usage=usage)
        text = text_at(message, "content")
        if not text:
            raise no_text(usage)
        return ModelReply(text, usage)

    def _body(self, request: ModelRequest) -> dict[str, JsonValue]:
        turns: list[JsonValue] = [{"role": _ROLES[turn.speaker], "content": turn.text} for turn in request.turns]
        # Not "strict": that refuses every schema with an optional field; the answer is checked here in any case.
        form: JsonValue = {"name": "answer", "schema": request.schema}
        return {
            "model": request.model,
            "messages": [{"role": "system", "content": request.system}, *turns],
            self.length_field: request.max_output_tokens,
            "response_format": {"type": "json_schema", "json_schema": form},
        }
