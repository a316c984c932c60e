"""A call as data: which task, which prompt file, what goes in and what has to come out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, JsonValue

from kairo.platform.llm.prompts import Prompt, load_prompt

InT = TypeVar("InT", bound=BaseModel)
OutT = TypeVar("OutT", bound=BaseModel)


@dataclass(frozen=True)
class LLMCall(Generic[InT, OutT]):
    """One way in which the product asks a model. `folder` is where the prompt's file lies, beside the stage's code."""

    task: str
    folder: Path
    prompt: str
    version: int
    takes: type[InT]
    returns: type[OutT]

    @cached_property
    def loaded(self) -> Prompt:
        """Return the prompt's file, checked against this call.

        Raises:
            InvalidPrompt: they do not fit together.
        """
        return load_prompt(self.folder / self.prompt, version=self.version, takes=self.takes)

    @cached_property
    def schema(self) -> dict[str, JsonValue]:
        return self.returns.model_json_schema()

    def key(self, given: InT) -> str:
        """Return the fingerprint of a question: its task, the prompt's words, its input and the shape of its answer."""
        parts = [self.task, self.loaded.digest, given.model_dump(mode="json"), self.schema]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
