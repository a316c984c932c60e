"""PDF files as text, read in a process of their own: a hostile file can take only so much time and memory.

Run as a module it is that process: the file comes on standard input, the answer goes as JSON to standard output.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from io import BytesIO
from pathlib import PurePath

from kairo.stages.knowledge.adapters.markdown import checked, tidy
from kairo.stages.knowledge.contracts.documents import (
    MAX_DOCUMENT_CHARACTERS,
    MAX_PDF_PAGES,
    DocumentKind,
    ReadText,
    UnreadableDocument,
)

SECONDS = 30
MEMORY_BYTES = 1_500_000_000
_SENTENCES = {
    "encrypted": "{name} is protected by a password: save it without one and send that.",
    "broken": "{name} is broken and cannot be read as PDF: open it, save it anew as PDF, and send that.",
    "pages": "{name} has more than {pages:,} pages: send the part that matters.",
    "long": "{name} holds more than {characters:,} characters of text: send it in parts.",
    "heavy": "{name} takes too long or too much memory to read: print it to a new PDF, or send its text.",
    "pictures": "{name} holds no text, only pictures of pages: run text recognition (OCR) over it and send that.",
}


def is_pdf(content: bytes) -> bool:
    """Say whether a file is a PDF by its mark, which readers look for in its first kilobyte."""
    return b"%PDF-" in content[:1024]


def read_pdf(content: bytes, *, name: str, seconds: float = SECONDS) -> ReadText:
    """Read a PDF's text, page by page.

    Raises:
        UnreadableDocument: it is protected, broken, too large or too costly to read, or holds only pictures.
    """
    command = [sys.executable, "-m", "kairo.stages.knowledge.adapters.pdf"]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise _unreadable("heavy", name) from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise _unreadable("heavy", name) from error
    if "refused" in answer:
        raise _unreadable(str(answer["refused"]), name)
    text, headings = _joined([tidy(str(page)) for page in answer["pages"]])
    if not any(map(str.isalpha, text)):
        raise _unreadable("pictures", name)
    title = " ".join(tidy(str(answer["title"])).split()) or PurePath(name).stem or "Untitled"
    return checked(ReadText(kind=DocumentKind.PDF, title=title[:200], text=text, headings=headings), name)


def _joined(pages: list[str]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Put the pages together; each begins under a heading of its own, so that a passage tells its page."""
    parts: list[str] = []
    headings: list[tuple[int, str]] = []
    length = 0
    for number, page in enumerate(pages, start=1):
        if not page:
            continue
        separator = "\n\n" if parts else ""
        headings.append((length + len(separator), f"p. {number}"))
        parts.append(separator + page)
        length += len(separator) + len(page)
    return "".join(parts), tuple(headings)


def _unreadable(reason: str, name: str) -> UnreadableDocument:
    sentence = _SENTENCES.get(reason, _SENTENCES["broken"])
    return UnreadableDocument(sentence.format(name=name, pages=MAX_PDF_PAGES, characters=MAX_DOCUMENT_CHARACTERS))


def main() -> None:
    """Read the file on standard input within bounds, and write its pages or why they cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.stdout.write(json.dumps(_extracted(sys.stdin.buffer.read())))


def _extracted(content: bytes) -> dict[str, object]:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

    try:
        reader = PdfReader(BytesIO(content))
        # Many files are "protected" against changes alone: those open with the empty password.
        if reader.is_encrypted and not reader.decrypt(""):
            return {"refused": "encrypted"}
        if len(reader.pages) > MAX_PDF_PAGES:
            return {"refused": "pages"}
        pages: list[str] = []
        characters = 0
        for page in reader.pages:
            pages.append(page.extract_text())
            characters += len(pages[-1])
            if characters > MAX_DOCUMENT_CHARACTERS:
                return {"refused": "long"}
        return {"pages": pages, "title": str((reader.metadata and reader.metadata.title) or "")}
    except (FileNotDecryptedError, DependencyError):
        return {"refused": "encrypted"}
    except (MemoryError, RecursionError, LimitReachedError):
        return {"refused": "heavy"}
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, ArithmeticError):
        # What a broken file makes the reader stumble over is not ours to tell apart.
        return {"refused": "broken"}


if __name__ == "__main__":
    main()
