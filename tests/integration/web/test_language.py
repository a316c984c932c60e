"""Pages in the reader's language."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests.catalogues import po_file, read_po
from tests.factories.boards import make_brand
from tests.journeys.scenes import stage_scenes

HOLE = re.compile(r"%\(\w+\)s|\{\w+\}")
READ_OUT = (
    "aria-label", "placeholder", "title", "data-announce", "data-column", "data-too-large", "data-empty", "data-one",
    "data-sent", "data-arrived", "data-label",
)  # fmt: skip
ITEM_OF_NOBODY = f"/b/northwind/evidence/{uuid4()}"


@pytest.mark.parametrize(
    ("wish", "language"),
    [("ru", "ru"), ("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("en-GB", "en"), ("de", "en"), ("", "en"), ("x" * 5000, "en")],
)
def test_the_browser_says_which_language(database: str, wish: str, language: str) -> None:
    response = Client().get("/sign-in", headers={"Accept-Language": wish})

    assert f'<html lang="{language}">' in response.content.decode()


def test_a_choice_is_kept_and_leads_back_to_the_page(client: Client, tenant: UUID) -> None:
    make_brand(tenant)

    chosen = client.post("/language", {"language": "ru", "next": "/b/northwind/gates?x=1"})
    page = client.get("/b/northwind/gates", headers={"Accept-Language": "en"}).content.decode()

    assert chosen["Location"] == "/b/northwind/gates?x=1"
    assert "Проверки материалов" in page
    assert chosen.cookies["kairo_language"]["httponly"]


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", ""])
def test_a_choice_leads_nowhere_else(database: str, back: str) -> None:
    assert Client().post("/language", {"language": "ru", "next": back})["Location"] == "/"


def test_each_language_goes_by_its_own_name(database: str) -> None:
    page = Client().get("/sign-in", headers={"Accept-Language": "ru"}).content.decode()

    assert 'lang="en">English</button>' in page
    assert 'lang="ru" aria-current="true">Русский</button>' in page


def test_a_language_that_there_is_not_changes_nothing(database: str) -> None:
    response = Client().post("/language", {"language": "tlh", "next": "/sign-in"})

    assert (response.status_code, response["Location"]) == (302, "/sign-in")
    assert "kairo_language" not in response.cookies
    assert Client().get("/language").status_code == 405


def test_the_api_speaks_no_other_language(client: Client) -> None:
    answer = client.get("/api/jobs/x", headers={"Accept-Language": "ru"})

    assert not any("а" <= letter <= "я" for letter in answer.content.decode())


def test_no_page_leaves_words_of_ours_in_english(client: Client, tenant: UUID) -> None:
    pages = [*stage_scenes(tenant).values(), "/sign-in?token=x", "/nowhere", ITEM_OF_NOBODY]
    words, forms = _words_of_ours()
    left = {}

    for path in pages:
        said = _Said(client.get(path, headers={"Accept-Language": "ru"}).content.decode())
        assert said.language == "ru", path
        if found := [text for text in said.texts if text in words or any(form.fullmatch(text) for form in forms)]:
            left[path] = found

    assert left == {}


def _words_of_ours() -> tuple[set[str], list[re.Pattern[str]]]:
    """Return the English messages that Russian says otherwise: those without holes as they are, the others as forms.

    A message with links or code is on the page in pieces; those of one word alone would be found in what people wrote.
    """
    catalogue = read_po(po_file("ru").read_text(encoding="utf-8"))
    english = {words for (words, _), said in catalogue.items() if said[0] != words}
    english |= {plural for _, plural in catalogue if plural}
    russian = "\n".join(form for said in catalogue.values() for form in said)
    pieces = {piece.strip(" .:") for words in english for piece in re.split(r"<[^>]+>", words)} | english
    pieces = {piece for piece in pieces if piece not in russian}  # a command reads the same
    whole = {piece for piece in pieces if not HOLE.search(piece)}
    filled = [piece for piece in pieces - whole if len(re.findall(r"[a-z]{2,}", HOLE.sub("", piece))) > 1]
    return whole - {""}, [re.compile(".+?".join(map(re.escape, HOLE.split(piece)))) for piece in filled]


class _Said(HTMLParser):
    """What a page says: texts, and attributes that are read out; another language may go by its name in that."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.language = ""
        self._names_another = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        self._names_another = tag == "button" and given.get("lang") not in {None, self.language}
        self.texts += [text for name in READ_OUT if (text := (given.get(name) or "").strip())]

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split()).strip(" .:·")
        if text and not self._names_another:
            self.texts.append(text)
