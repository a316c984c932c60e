"""The pure parts of search: lexemes, weights, fusion, folding, snippets."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.stages.evidence.rules.fusion import MinMaxScores, ReciprocalRanks, dense_weight, fold, ranks
from kairo.stages.evidence.rules.lexemes import dictionary, lexed_document, lexed_query
from kairo.stages.evidence.rules.ranking import FacetCounts, QueryLexeme, WeightedList, idf, weighted_lists
from kairo.stages.evidence.rules.snippets import snippet

ENGLISH = FacetCounts(number=1, platform="reddit", language="en", documents=900, lexemes=18_000)
MORE_ENGLISH = FacetCounts(number=2, platform="tiktok", language="en", documents=100, lexemes=2_000)
RUSSIAN = FacetCounts(number=3, platform="reddit", language="ru", documents=50, lexemes=500)
ALL = (ENGLISH, MORE_ENGLISH, RUSSIAN)


def lists(*lexemes: QueryLexeme, budget: int = 10**6, window_share: float = 1.0) -> list[WeightedList]:
    return weighted_lists(lexemes, ALL, all_facets=ALL, window_share=window_share, budget=budget)


def test_unspaced_scripts_are_taken_apart_into_pairs_and_the_rest_into_words() -> None:
    lexed = lexed_document("Neue 抹茶拿铁 im Café")

    assert lexed.words == "neue im café"
    assert lexed.pairs.split() == ["抹茶", "茶拿", "拿铁", "抹", "茶", "拿", "铁"]
    assert lexed_query("抹茶拿铁").pairs.split() == ["抹茶", "茶拿", "拿铁"]
    assert lexed_query("茶").pairs == "茶"


@given(st.text(max_size=80))
def test_what_a_document_says_is_found_by_saying_the_same(text: str) -> None:
    document, query = lexed_document(text), lexed_query(text)

    assert query.words == document.words
    assert set(query.pairs.split()) <= set(document.pairs.split())


@pytest.mark.parametrize(
    ("language", "name"), [("en", "english"), ("ru", "russian"), ("ko", "simple"), (None, "simple")]
)
def test_each_language_has_its_dictionary(language: str | None, name: str) -> None:
    assert dictionary(language) == name


def test_a_rare_lexeme_weighs_more_and_no_lexeme_less_than_nothing() -> None:
    assert idf(documents=1000, holding=3) > idf(documents=1000, holding=300) > 0
    assert idf(documents=1000, holding=1000) > 0


def test_lexemes_are_weighed_by_their_own_language() -> None:
    found = {
        (one.facet, one.lexeme): one
        for one in lists(QueryLexeme("en", "balm", 1, 10), QueryLexeme("ru", "бальзам", 2, 10))
    }

    assert set(found) == {(1, "balm"), (2, "balm"), (3, "бальзам")}
    assert found[1, "balm"].weight == found[2, "balm"].weight == pytest.approx(2.2 * idf(documents=1000, holding=10))
    assert found[3, "бальзам"].weight == pytest.approx(2 * 2.2 * idf(documents=50, holding=10))
    # An average document halves a single mention at k1 + tf: base + slope × average = k1.
    assert found[1, "balm"].base + found[1, "balm"].slope * 20 == pytest.approx(1.2)


def test_the_rarest_lists_are_read_whole_as_far_as_the_budget_goes() -> None:
    rare, middling, common = (QueryLexeme("en", word, 1, count) for word, count in (("a", 5), ("b", 90), ("c", 800)))

    def whole(**changes: float) -> set[str]:
        return {one.lexeme for one in lists(common, rare, middling, **changes) if one.is_whole}  # type: ignore[arg-type]

    assert whole(budget=100) == {"a", "b"}
    assert whole(budget=1000) == {"a", "b", "c"}
    assert whole(budget=100, window_share=0.1) == {"a", "b", "c"}


LEXICAL = {"a": 9.0, "b": 6.0, "c": 3.0}
DENSE = {"c": 0.9, "d": 0.8, "a": 0.5}


def test_scores_are_stretched_and_weighted() -> None:
    fused = MinMaxScores(0.3).fuse(LEXICAL, DENSE)

    # Each leg starts at nothing where it has no score for what the other found.
    assert fused == pytest.approx(
        {
            "a": 0.7 + 0.3 * 0.5 / 0.9,
            "b": 0.7 * 6 / 9,
            "c": 0.7 * 3 / 9 + 0.3,
            "d": 0.3 * 0.8 / 0.9,
        }
    )
    assert list(fused) == ["a", "c", "b", "d"]


def test_reciprocal_ranks_look_at_places_alone() -> None:
    fused = ReciprocalRanks().fuse(LEXICAL, DENSE)

    assert fused == pytest.approx({"a": 0.5 / 61 + 0.5 / 63, "c": 0.5 / 63 + 0.5 / 61, "b": 0.5 / 62, "d": 0.5 / 62})


@pytest.mark.parametrize("strategy", [MinMaxScores(0.3), ReciprocalRanks(weight=0.3)])
def test_one_leg_alone_keeps_its_order(strategy: MinMaxScores | ReciprocalRanks) -> None:
    assert list(strategy.fuse(LEXICAL, {})) == ["a", "b", "c"]
    assert list(strategy.fuse({}, DENSE)) == ["c", "d", "a"]
    assert strategy.fuse({}, {}) == {}


def test_a_weak_embedder_counts_less() -> None:
    assert (dense_weight("static"), dense_weight("sentence-transformers:all-MiniLM-L6-v2")) == (0.3, 0.5)


def test_ranks_count_from_one_and_ties_are_always_in_the_same_order() -> None:
    assert ranks({"b": 1.0, "a": 1.0, "c": 2.0}) == {"c": 1, "a": 2, "b": 3}


def test_copies_fold_under_the_best_of_them() -> None:
    assert fold(["copy", "other", "original", "second copy"], {"copy": "original", "second copy": "original"}) == [
        "copy", "other",
    ]  # fmt: skip


@given(st.text(alphabet=string.ascii_letters + " \n茶抹ё🔥.'", max_size=900), st.text(max_size=30))
def test_a_snippet_is_an_exact_short_excerpt(text: str, query: str) -> None:
    cut = snippet(text, query)

    assert cut in text
    assert len(cut) <= 240


def test_a_snippet_shows_the_place_where_most_words_stand() -> None:
    text = f"A machine. {'Filler words here. ' * 30}Descaling the espresso machine. {'More of it. ' * 30}"

    assert "Descaling the espresso machine." in snippet(text, "how to descale espresso machines")


def test_a_snippet_without_a_match_is_the_beginning() -> None:
    text = "The beginning is here. " * 40

    assert text.startswith(snippet(text, "кофе"))
