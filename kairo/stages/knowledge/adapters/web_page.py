"""A web page as text: what a reader sees of it, without menus, forms and scripts."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

from kairo.platform.outbound.contracts import Fetched, WrongCharset
from kairo.stages.knowledge.adapters.markdown import checked, read_text_file, tidy
from kairo.stages.knowledge.adapters.pdf import is_pdf, read_pdf
from kairo.stages.knowledge.contracts.documents import DocumentKind, ReadText, UnreadableDocument

_UNREAD = frozenset(
    {
        "script", "style", "noscript", "template", "svg", "math", "canvas", "iframe", "object", "nav", "aside",
        "footer", "form", "button", "select", "dialog", "menu", "audio", "video",
    }
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "body", "caption", "dd", "div", "dl", "dt", "fieldset", "figcaption",
        "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section",
        "summary", "details", "table", "tr", "ul",
    }
)  # fmt: skip
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLANKS = re.compile(r"[^\S\n]+")
_MARK = "\x00"
_MOST_MARKUP = 5_000_000


def read_web_page(answer: Fetched) -> ReadText:
    """Read what was fetched: HTML, plain text, Markdown or PDF.

    Raises:
        UnreadableDocument: it is none of these, or holds no text.
    """
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    name = answer.final_url
    if is_pdf(answer.body):
        return read_pdf(answer.body, name=name).model_copy(update={"kind": DocumentKind.WEB_PAGE})
    if kind not in {"", "text/html", "application/xhtml+xml", "text/plain", "text/markdown"}:
        raise UnreadableDocument(f"{name} is {kind}, no page of text: give the address of a page, a text or a PDF.")
    if kind in {"text/plain", "text/markdown"}:
        ending = "page.md" if kind == "text/markdown" else "page.txt"
        read = read_text_file(answer.body, name=ending)
        title = read.headings[0][1] if read.headings else name
        return read.model_copy(update={"kind": DocumentKind.WEB_PAGE, "title": title[:200]})
    try:
        markup = answer.text()
    except WrongCharset as error:
        raise UnreadableDocument(f"{name} cannot be read: {error.message}") from error
    return _read_html(markup, name)


def _read_html(markup: str, name: str) -> ReadText:
    if len(markup) > _MOST_MARKUP:
        raise UnreadableDocument(
            f"{name} has {len(markup):,} characters of HTML: send the text that matters as a file."
        )
    reader = _Reader()
    reader.feed(markup.replace(_MARK, ""))
    reader.close()
    text, headings = _with_headings("".join(reader.parts))
    title = " ".join(reader.title.split()) or (headings[0][1] if headings else name)
    return checked(ReadText(kind=DocumentKind.WEB_PAGE, title=tidy(title)[:200], text=text, headings=headings), name)


def _with_headings(marked: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Take the marks before headings out of a text, and tell where each heading begins in what is left."""
    lines = [_BLANKS.sub(" ", line).strip() for line in marked.split("\n")]
    blocks: list[str] = []
    headings: list[tuple[int, str]] = []
    length = 0
    for line in lines:
        said = tidy(line.replace(_MARK, ""))
        if not said:
            continue
        separator = "\n\n" if blocks else ""
        if line.startswith(_MARK):
            headings.append((length + len(separator), said))
        blocks.append(separator + said)
        length += len(separator) + len(said)
    return "".join(blocks), tuple(headings)


class _Reader(HTMLParser):
    """Collects the text of a page; blocks stand on lines of their own, and headings begin with a mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.title = ""
        self._unread: list[str] = []
        self._open: Counter[str] = Counter()
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread.append(tag)
            self._open[tag] += 1
        elif tag == "title" and not self.title and not self._unread:
            self._in_title = True
        elif tag in _HEADINGS:
            self.parts.append(f"\n{_MARK}")
        elif tag in _BLOCKS or tag == "br":
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._open[tag]:
            # What was left open inside ends with it.
            ended = ""
            while ended != tag:
                ended = self._unread.pop()
                self._open[ended] -= 1
        elif tag == "title":
            self._in_title = False
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._unread:
            self.parts.append(data.replace("\n", " "))
