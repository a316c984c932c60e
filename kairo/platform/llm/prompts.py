"""Prompts are files with a version and typed inputs. What comes from outside enters them only between marks.

A file begins with its version and names, then the text for the model's role and the text of the question:

    ---
    version: 3
    ---
    # System
    You write …
    # User
    The posts: {posts}

`{posts}` is a field of the call's input type. A field of the type `Evidence` is set between marks that its text cannot
forge; every other one is written as it is, or as JSON where it is not a text.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError

from kairo.platform.llm.contracts import InvalidPrompt
from kairo.shapes import Frozen, Strict

OWN_PROMPTS = Path(__file__).parent / "own_prompts"
_FILE = re.compile(r"---\n(?P<head>.*?)\n---\n# System\n(?P<system>.*?)\n# User\n(?P<user>.*)", re.DOTALL)
_PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_NONCE_BYTES = 12


class EvidenceText(Frozen):
    """A text of somebody outside, under the id by which an answer may cite it."""

    id: str
    text: str


class Evidence(Frozen):
    """Texts of people outside: material to judge, whatever orders they hold."""

    items: tuple[EvidenceText, ...]


class _Head(Strict):
    version: int
    about: str = ""


@dataclass(frozen=True)
class Prompt:
    """A prompt file. `digest` changes with every letter of it."""

    name: str
    version: int
    system: str
    user: str
    digest: str

    @property
    def label(self) -> str:
        """Return what records call it, such as synthesis@4."""
        return f"{self.name}@{self.version}"

    def rendered(self, given: BaseModel, *, nonce: str) -> tuple[str, str]:
        """Return the text for the model's role and the question, with the inputs in their places."""
        holds_evidence = any(isinstance(getattr(given, name), Evidence) for name in type(given).model_fields)
        system = _filled(self.system, given, nonce)
        if holds_evidence:
            system = f"{system}\n\n{_evidence_is_data().replace('{nonce}', nonce)}"
        return system, _filled(self.user, given, nonce)


@cache
def load_prompt(path: Path, *, version: int, takes: type[BaseModel]) -> Prompt:
    """Read a prompt's file and check it against the call that uses it.

    Raises:
        InvalidPrompt: another version, or a place that the inputs do not fill, or evidence in the model's role.
    """
    written = path.read_text(encoding="utf-8")
    found = _FILE.fullmatch(written)
    if found is None:
        raise InvalidPrompt(f"{path.name} needs a head between --- lines, then # System and # User.")
    head = _head(path, found["head"])
    if head.version != version:
        raise InvalidPrompt(f"{path.name} has the version {head.version}, and its call wants {version}.")
    system, user = found["system"].strip(), found["user"].strip()
    unknown = {*_PLACE.findall(system), *_PLACE.findall(user)} - takes.model_fields.keys()
    if unknown:
        raise InvalidPrompt(f"{path.name} has places that no input fills: {', '.join(sorted(unknown))}.")
    outside = [name for name in _PLACE.findall(system) if takes.model_fields[name].annotation is Evidence]
    if outside:
        raise InvalidPrompt(f"{path.name} sets evidence into the model's role: {', '.join(outside)}.")
    digest = hashlib.sha256(written.encode()).hexdigest()
    return Prompt(name=path.stem, version=version, system=system, user=user, digest=digest)


def new_nonce(given: BaseModel) -> str:
    """Draw a mark that stands in none of the inputs, and that nobody can guess before they are sent."""
    texts = given.model_dump_json()
    while True:
        nonce = secrets.token_hex(_NONCE_BYTES)
        if nonce not in texts:
            return nonce


def marked(items: Sequence[EvidenceText], *, nonce: str) -> str:
    """Set texts between marks that carry the nonce: none of them can end its own mark and speak from outside it."""
    return "\n".join(
        f"<evidence-{nonce} id={json.dumps(item.id, ensure_ascii=False)}>\n{item.text}\n</evidence-{nonce}>"
        for item in items
    )


def complaint(problems: Iterable[str]) -> str:
    """Return what a model is told whose answer did not fit."""
    return _own_text("repair.md").replace("{problems}", "\n".join(f"- {problem}" for problem in problems))


def _filled(template: str, given: BaseModel, nonce: str) -> str:
    # One pass: a place that stands in an input's own text stays the text that it is.
    return _PLACE.sub(lambda place: _written(getattr(given, place[1]), nonce), template)


def _written(value: object, nonce: str) -> str:
    if isinstance(value, Evidence):
        return marked(value.items, nonce=nonce)
    if isinstance(value, str):
        return value
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return json.dumps(plain, ensure_ascii=False, default=str)


def _head(path: Path, text: str) -> _Head:
    try:
        return _Head.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        raise InvalidPrompt(f"The head of {path.name} cannot be read: {error.errors()[0]['msg']}.") from error


def _evidence_is_data() -> str:
    return _own_text("evidence_is_data.md")


@cache
def _own_text(name: str) -> str:
    return (OWN_PROMPTS / name).read_text(encoding="utf-8").strip()
