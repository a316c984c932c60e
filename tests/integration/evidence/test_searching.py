"""Search over a real database: both legs, their filters, folding, the kept ranking, and what it tells the run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.telemetry.context import run_context
from kairo.platform.telemetry.contracts import EventType
from kairo.platform.telemetry.runs import events_of
from kairo.stages.brands.contracts import BrandNotFound
from kairo.stages.evidence import operations
from kairo.stages.evidence.contracts import InvalidSearch, SearchAnswer, SearchCache, SearchMode
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts, post

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def brand(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def say(
    texts: Sequence[str], *, tenant: UUID, brand: UUID, folder: Path, name: str = "posts", **changes: object
) -> None:
    """Import one post a text, each by its own person and an hour older than the one before."""
    lines = [
        post(number, at=NOW, **{"text": text, "platform_item_id": f"{name}-{number}", **changes})
        for number, text in enumerate(texts)
    ]
    import_posts(lines, tenant_id=tenant, brand_id=brand, folder=folder, at=NOW, name=name)


def look_for(query: str, *, tenant: UUID, brand: UUID, **filters: object) -> SearchAnswer:
    with tenant_transaction(tenant):
        return operations.search(brand, query, **{"at": NOW, **filters})  # type: ignore[arg-type]


def found(answer: SearchAnswer) -> list[str]:
    return [item.platform_item_id for item in answer.items]


COFFEE = (
    "How do I descale my espresso machine without vinegar?",
    "The new bakery sells rye bread on Saturdays only",
    "My espresso tastes sour whatever I do with the grinder",
    "Descaling a kettle takes five minutes with citric acid",
)


@pytest.mark.parametrize("mode", list(SearchMode))
def test_the_post_that_says_most_of_the_query_comes_first(
    mode: SearchMode, tenant: UUID, brand: UUID, tmp_path: Path
) -> None:
    say(COFFEE, tenant=tenant, brand=brand, folder=tmp_path)

    answer = look_for("descaling an espresso machine", tenant=tenant, brand=brand, mode=mode)

    assert found(answer)[0] == "posts-0"
    best = answer.items[0]
    assert (best.ranks.lexical, best.ranks.dense) == {
        SearchMode.HYBRID: (1, 1), SearchMode.LEXICAL: (1, None), SearchMode.DENSE: (None, 1),
    }[mode]  # fmt: skip
    assert best.snippet == COFFEE[0]
    assert answer.degraded == []


def test_a_brand_finds_what_its_own_surfaces_saw_and_nothing_else(
    tenant: UUID, stranger: UUID, brand: UUID, tmp_path: Path
) -> None:
    other = stored_brand(tenant, brand__slug="other").id
    theirs = stored_brand(stranger).id
    say(COFFEE, tenant=tenant, brand=brand, folder=tmp_path)
    say(["Espresso machines for rent"], tenant=tenant, brand=other, folder=tmp_path, name="rent")

    assert found(look_for("espresso", tenant=tenant, brand=other)) == ["rent-0"]
    assert "rent-0" not in found(look_for("espresso machines for rent", tenant=tenant, brand=brand))
    assert found(look_for("espresso", tenant=stranger, brand=theirs)) == []
    with pytest.raises(BrandNotFound):
        look_for("espresso", tenant=stranger, brand=brand)


def test_a_post_that_a_second_brand_sees_later_is_found_for_it_too(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    other = stored_brand(tenant, brand__slug="other").id
    say(COFFEE, tenant=tenant, brand=brand, folder=tmp_path)

    say(COFFEE, tenant=tenant, brand=other, folder=tmp_path)

    assert found(look_for("espresso grinder", tenant=tenant, brand=other, mode=SearchMode.LEXICAL))[0] == "posts-2"


@pytest.mark.parametrize("mode", list(SearchMode))
def test_filters_hold_in_every_mode(mode: SearchMode, tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    say(COFFEE, tenant=tenant, brand=brand, folder=tmp_path)
    say(["Old espresso talk"], tenant=tenant, brand=brand, folder=tmp_path, name="old", published_at="2020-01-05")
    say(["Espresso on the tube"], tenant=tenant, brand=brand, folder=tmp_path, name="tube", platform="youtube")
    say(["Эспрессо кислит, что делать с помолом?"], tenant=tenant, brand=brand, folder=tmp_path, name="ru")
    say(["Espresso without a date"], tenant=tenant, brand=brand, folder=tmp_path, name="bare", published_at=None)

    def searched(**filters: object) -> set[str]:
        return set(found(look_for("espresso эспрессо", tenant=tenant, brand=brand, mode=mode, **filters)))

    assert {"old-0", "tube-0", "ru-0", "bare-0"} <= searched()
    assert searched(window="1w") & {"old-0", "bare-0"} == set()
    assert {"tube-0", "ru-0"} <= searched(window="1w")
    assert searched(platforms=["youtube"]) == {"tube-0"}
    assert searched(languages=["ru"]) == {"ru-0"}
    assert searched(languages=["RU"], platforms=["instagram"], window="3d") == {"ru-0"}
    assert searched(platforms=["nowhere"]) == set()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("抹茶", "今天的抹茶拿铁真的很好喝"),
        ("茶", "今天的抹茶拿铁真的很好喝"),
        ("日焼け止め", "この日焼け止めは白くならないから好き"),
        ("กาแฟ", "ร้านกาแฟเปิดใหม่ใกล้บ้าน"),
        ("кофемашину", "Кофемашина сломалась через неделю после покупки"),
        ("зёрна", "Купил новые зерна для эспрессо в зале"),
        ("Kaffeemaschinen", "Meine Kaffeemaschine ist nach zwei Wochen kaputt und nun"),
        ("STRASSE", "Das Café in der langen Straße macht früh auf"),
        ("ｅｓｐｒｅｓｓｏ", "A good espresso needs a good grinder"),
        ("node.js", "We moved our shop from Node.js to Django"),
        ("커피", "오늘 마신 커피 정말 맛있었어요"),
    ],
)
def test_words_of_every_script_are_found(query: str, text: str, tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    say([text, "Nothing of the kind stands in this one"], tenant=tenant, brand=brand, folder=tmp_path)

    answer = look_for(query, tenant=tenant, brand=brand, mode=SearchMode.LEXICAL)

    assert found(answer) == ["posts-0"]
    assert answer.items[0].snippet == text


@pytest.mark.parametrize(
    "query", ["espresso & !machine | (", "'espresso':*", '"espresso" <-> x\\', "%s espresso $$ --"]
)
def test_no_sign_of_a_query_is_an_operator(query: str, tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    say(COFFEE, tenant=tenant, brand=brand, folder=tmp_path)

    assert set(found(look_for(query, tenant=tenant, brand=brand, mode=SearchMode.LEXICAL))) == {"posts-0", "posts-2"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"query": " \n "}, "q"),
        ({"query": "!?… 🔥"}, "q"),
        ({"query": "x" * 1001}, "q"),
        ({"window": "soon"}, "window"),
        ({"window": "0d"}, "window"),
        ({"window": "999999y"}, "window"),
        ({"k": 0}, "k"),
        ({"k": 201}, "k"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_its_reason(
    changes: dict[str, object], field: str, tenant: UUID, brand: UUID
) -> None:
    with pytest.raises(InvalidSearch) as refusal:
        look_for(**{"query": "espresso", "tenant": tenant, "brand": brand, **changes})  # type: ignore[arg-type]

    assert [problem.field for problem in refusal.value.errors] == [field]


def test_copies_are_folded_under_the_best_of_them(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    text = "Win a free espresso machine, comment your favourite blend below"
    say([text, f"{text}!!! 🔥", f"{text} 👇", COFFEE[0]], tenant=tenant, brand=brand, folder=tmp_path)

    answer = look_for("espresso machine", tenant=tenant, brand=brand)

    assert sorted(name in {"posts-0", "posts-1", "posts-2"} for name in found(answer)) == [False, True]


def test_a_search_is_kept_until_the_corpus_changes(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    say(COFFEE, tenant=tenant, brand=brand, folder=tmp_path)

    first = look_for("espresso", tenant=tenant, brand=brand)
    again = look_for("  espresso ", tenant=tenant, brand=brand, at=NOW + timedelta(days=1))
    filtered = look_for("espresso", tenant=tenant, brand=brand, platforms=["instagram"])
    say(["One more espresso"], tenant=tenant, brand=brand, folder=tmp_path, name="more")
    fresh = look_for("espresso", tenant=tenant, brand=brand)

    assert [answer.cache for answer in (first, again, filtered, fresh)] == [
        SearchCache.MISS, SearchCache.HIT, SearchCache.MISS, SearchCache.MISS,
    ]  # fmt: skip
    assert again.items == first.items
    assert "more-0" in found(fresh)


def test_a_search_asks_the_database_a_few_times_however_much_it_finds(
    tenant: UUID, brand: UUID, tmp_path: Path
) -> None:
    say(COFFEE, tenant=tenant, brand=brand, folder=tmp_path)
    few = asked_for("espresso", tenant=tenant, brand=brand, window="1w")
    again = asked_for("espresso", tenant=tenant, brand=brand, window="1w")
    say([f"{text} espresso" for text in COFFEE * 5], tenant=tenant, brand=brand, folder=tmp_path, name="more")

    many = asked_for("espresso", tenant=tenant, brand=brand, window="1w")

    # The tenant, the corpus with the kept ranking, the weights, both legs, the missing scores, what is kept and shown,
    # the run's event, and the ring for those who follow it.
    assert (few, many) == (8, 8)
    assert again == 5


def asked_for(query: str, *, tenant: UUID, brand: UUID, **filters: object) -> int:
    """Search, and return how many round trips it took."""
    with CaptureQueriesContext(connection) as asked:
        look_for(query, tenant=tenant, brand=brand, **filters)
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for query in asked)


def test_the_run_tells_whether_the_ranking_was_kept(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    say(COFFEE, tenant=tenant, brand=brand, folder=tmp_path)

    with run_context() as run_id:
        look_for("espresso", tenant=tenant, brand=brand)
        look_for("espresso", tenant=tenant, brand=brand)

    with tenant_transaction(tenant):
        told = [(event.type, event.data["cache"]) for event in events_of(run_id)]
    assert told == [(EventType.RETRIEVAL, "miss"), (EventType.RETRIEVAL, "hit")]


def test_the_snippet_is_an_exact_excerpt_around_the_words(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    text = f"{'Nothing to see here yet. ' * 40}The espresso machine leaks.\n{'And so on it goes. ' * 40}"
    say([text], tenant=tenant, brand=brand, folder=tmp_path)

    [item] = look_for("leaking espresso machines", tenant=tenant, brand=brand).items

    assert item.snippet in text
    assert "espresso machine leaks" in item.snippet
    assert len(item.snippet) <= 240
