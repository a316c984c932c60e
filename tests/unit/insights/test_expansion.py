"""Other wordings of a query: out of the evidence, out of lists, and none that repeats the query."""

from __future__ import annotations

from kairo.platform.embeddings import default_embedder
from kairo.stages.insights.contracts.agents import ExpansionSource
from kairo.stages.insights.rules.expansion import expand
from tests.unit.insights.agent_items import items_of

embed = default_embedder().embed
POSTS = items_of(
    [
        "Retinol serum dried my skin, purging for weeks",
        "Is skin purging normal with retinol?",
        "Retinol and skin purging: week two",
        "Vitamin C in the morning",
        "Clay mask on Sunday",
        "Vitamin C and a clay mask",
    ]
)


def test_the_query_comes_first_with_weight_one() -> None:
    first = expand("  retinol ", POSTS, embed)[0]

    assert (first.text, first.weight, first.source) == ("retinol", 1, ExpansionSource.ORIGINAL)


def test_phrases_that_stand_beside_it_are_found() -> None:
    found = {wording.text.lower(): wording for wording in expand("retinol", POSTS, embed)}

    assert found["skin purging"].source is ExpansionSource.CO_OCCURRENCE
    assert 0 < found["skin purging"].weight < 1
    assert "clay mask" not in found


def test_a_listed_word_is_replaced_by_its_synonyms() -> None:
    found = [wording for wording in expand("cheap headphones", [], embed) if wording.source is ExpansionSource.SYNONYM]

    assert {"affordable headphones", "cheap earphones"} <= {wording.text for wording in found}


def test_translations_come_only_when_asked() -> None:
    def translated(query: str, *, translate: bool) -> list[str]:
        found = expand(query, [], embed, translate=translate)
        return [wording.text for wording in found if wording.source is ExpansionSource.TRANSLATION]

    assert translated("coffee delivery", translate=False) == []
    assert translated("coffee delivery", translate=True) == ["кофе доставка"]
    assert translated("кофе", translate=True) == ["coffee"]


def test_an_empty_query_has_no_wording() -> None:
    assert expand("  ", POSTS, embed) == []
