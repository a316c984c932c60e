"""The catalogues of the pages and of the bot: which words are marked, what a .po file says of them, and the .mo file
that Django reads.

The .mo files are checked in, so that a machine without gettext's tools serves every language; they are made here, by
`python scripts/write_messages.py`, and a test compares them with their .po files.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.template.base import Lexer, TokenType

import kairo.interfaces.telegram
import kairo.interfaces.web

WEB = Path(kairo.interfaces.web.__file__).parent
TELEGRAM = Path(kairo.interfaces.telegram.__file__).parent
ROOMS = (WEB, TELEGRAM)
"""Each has its own catalogues: what it marks is said there and nowhere else."""
SOURCE_LANGUAGE = "en"
_MARKS = {"_", "gettext", "marked"}
_TRANSLATE = re.compile(r'^translate "((?:[^"\\]|\\.)*)"')
_MO_MAGIC, _MO_HEAD_BYTES = 0x950412DE, 28

Key = tuple[str, str | None]
"""A message: its words, and its plural where it has one."""
Catalogue = dict[Key, tuple[str, ...]]


def catalogue_files() -> list[tuple[Path, Path]]:
    """List each room with the .po file of each of its languages."""
    return [(room, path) for room in ROOMS for path in sorted(room.glob("locale/*/LC_MESSAGES/django.po"))]


def po_file(language: str, room: Path = WEB) -> Path:
    return room / "locale" / language / "LC_MESSAGES" / "django.po"


def marked_words(room: Path = WEB) -> set[Key]:
    """Collect every message that templates and modules of a room mark."""
    found = {key for path in room.rglob("*.html") for key in _in_template(path.read_text(encoding="utf-8"))}
    found |= {key for path in room.rglob("*.py") for key in _in_module(path.read_text(encoding="utf-8"))}
    return found


def _in_module(source: str) -> Iterator[Key]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        words = [given.value for given in node.args if isinstance(given, ast.Constant) and isinstance(given.value, str)]
        if node.func.id in _MARKS and words:
            yield words[0], None
        elif node.func.id == "ngettext":
            yield words[0], words[1]


def _in_template(source: str) -> Iterator[Key]:
    block: list[str] | None = None
    plural: list[str] | None = None
    for token in Lexer(source).tokenize():
        if token.token_type is TokenType.BLOCK and token.contents.startswith("blocktranslate"):
            block, plural = [], None
        elif token.token_type is TokenType.BLOCK and token.contents == "endblocktranslate":
            yield _trimmed(block or []), _trimmed(plural) if plural is not None else None
            block = None
        elif block is not None and token.contents == "plural":
            plural = []
        elif block is not None:
            is_variable = token.token_type is TokenType.VAR
            part = f"%({token.contents})s" if is_variable else token.contents.replace("%", "%%")
            (block if plural is None else plural).append(part)
        elif token.token_type is TokenType.BLOCK and (found := _TRANSLATE.match(token.contents)):
            # The tag doubles percent signs before it looks its words up.
            yield found[1].replace("%", "%%"), None


def _trimmed(parts: list[str]) -> str:
    """Join the parts as `blocktranslate trimmed` does."""
    return " ".join(line.strip() for line in "".join(parts).strip().splitlines())


def read_po(text: str) -> Catalogue:
    """Read a catalogue: messages with what they say; one that is not translated says nothing."""
    catalogue: Catalogue = {}
    for entry in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        field = ""
        for line in entry.splitlines():
            if line.startswith("#"):
                continue
            name, quote, rest = line.partition('"')
            field = name.strip() or field
            fields[field] = fields.get(field, "") + ast.literal_eval(quote + rest)
        if "msgid" in fields:
            said = tuple(fields[name] for name in sorted(fields) if name.startswith("msgstr"))
            catalogue[fields["msgid"], fields.get("msgid_plural")] = said
    return catalogue


def written_po(catalogue: Mapping[Key, tuple[str, ...]]) -> str:
    """Write a catalogue, its head first and the messages in their order."""
    return "\n".join(_entry(*key, said) for key, said in sorted(catalogue.items(), key=lambda entry: _order(entry[0])))


def _order(key: Key) -> tuple[str, str]:
    return key[0].casefold(), key[0]


def _entry(words: str, plural: str | None, said: tuple[str, ...]) -> str:
    lines = [f"msgid {_quoted(words)}"]
    if plural is None:
        return "\n".join([*lines, f"msgstr {_quoted(said[0])}", ""])
    forms = [f"msgstr[{number}] {_quoted(form)}" for number, form in enumerate(said)]
    return "\n".join([*lines, f"msgid_plural {_quoted(plural)}", *forms, ""])


def _quoted(text: str) -> str:
    """Write a text on one line, or, where it has lines of its own, each on one."""
    first, *rest = text.replace("\\", "\\\\").replace('"', '\\"').split("\n")
    if not rest:
        return f'"{first}"'
    *ended, last = [first, *rest]
    return "\n".join(['""', *(f'"{line}\\n"' for line in ended), *([f'"{last}"'] if last else [])])


def compiled(catalogue: Mapping[Key, tuple[str, ...]]) -> bytes:
    """Write the messages that say something in gettext's binary form."""
    said = {
        words if plural is None else f"{words}\0{plural}": "\0".join(forms)
        for (words, plural), forms in catalogue.items()
        if all(forms)
    }
    messages = sorted((words.encode(), forms.encode()) for words, forms in said.items())
    tables = 2 * 8 * len(messages)
    names, texts = _table([words for words, _ in messages], _MO_HEAD_BYTES + tables)
    forms_start = _MO_HEAD_BYTES + tables + len(texts)
    values, more = _table([forms for _, forms in messages], forms_start)
    head = struct.pack("<7I", _MO_MAGIC, 0, len(messages), _MO_HEAD_BYTES, _MO_HEAD_BYTES + tables // 2, 0, forms_start)
    return head + names + values + texts + more


def _table(texts: list[bytes], start: int) -> tuple[bytes, bytes]:
    """Return where each text stands, as (length, offset), and the texts themselves."""
    places, body = b"", b""
    for text in texts:
        places += struct.pack("<2I", len(text), start + len(body))
        body += text + b"\0"
    return places, body
