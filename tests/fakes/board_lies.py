"""Every way that we know in which a model's draft can say what its posts do not; each lie spoils an honest draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

Draft = dict[str, Any]
Posts = dict[str, str]
Lie = Callable[[Draft, Posts], object]


def an_id_that_was_not_given(draft: Draft, _: Posts) -> None:
    draft["evidence_ids"] = ["e999"]


def an_id_that_looks_like_ours(draft: Draft, _: Posts) -> None:
    draft["evidence_ids"] = [str(uuid4())]


def a_quote_of_an_id_that_was_not_given(draft: Draft, _: Posts) -> None:
    draft["quotes"][0]["evidence_id"] = "e0"


def one_more_id_beside_the_true_one(draft: Draft, _: Posts) -> None:
    draft["evidence_ids"] += ["e404"]


def no_evidence(draft: Draft, _: Posts) -> None:
    draft["evidence_ids"], draft["quotes"] = [], []


def evidence_without_a_quote(draft: Draft, _: Posts) -> None:
    draft["quotes"] = []


def an_invented_quote(draft: Draft, _: Posts) -> None:
    draft["quotes"][0]["text"] = "Everyone at my office has switched to it and nobody looks back."


def a_quote_with_one_letter_changed(draft: Draft, _: Posts) -> None:
    text = draft["quotes"][0]["text"]
    draft["quotes"][0]["text"] = f"{text[:8]}{'x' if text[8] != 'x' else 'y'}{text[9:]}"


def a_quote_in_another_case(draft: Draft, _: Posts) -> None:
    draft["quotes"][0]["text"] = draft["quotes"][0]["text"].upper()


def a_quote_with_a_letter_of_another_alphabet(draft: Draft, _: Posts) -> None:
    draft["quotes"][0]["text"] = draft["quotes"][0]["text"].replace("o", "о")


def a_quote_stitched_from_its_ends(draft: Draft, _: Posts) -> None:
    words = draft["quotes"][0]["text"].split()
    draft["quotes"][0]["text"] = " ".join([*words[:3], *words[-2:]])


def a_quote_of_another_post(draft: Draft, posts: Posts) -> None:
    mine = draft["evidence_ids"][0]
    draft["quotes"][0]["text"] = next(text for name, text in posts.items() if name != mine)[:60]


def a_quote_beside_a_true_one(draft: Draft, _: Posts) -> None:
    draft["quotes"].append({"evidence_id": draft["evidence_ids"][0], "text": "Ten out of ten, would buy again."})


def a_quote_of_nothing(draft: Draft, _: Posts) -> None:
    draft["quotes"][0]["text"] = "  "


def a_quote_too_short_to_say_anything(draft: Draft, _: Posts) -> None:
    draft["quotes"][0]["text"] = draft["quotes"][0]["text"].split()[0]


def a_quote_inside_the_angle(draft: Draft, _: Posts) -> None:
    draft["angle"] += " One of them wrote: “I will never buy another brand.”"


def a_share_of_people(draft: Draft, _: Posts) -> None:
    draft["why_now"] = "This week 93% of the posts ask for it."


def a_count_in_words(draft: Draft, _: Posts) -> None:
    draft["why_now"] = "This month thousands of people ask for it."


def a_count_in_small_words(draft: Draft, _: Posts) -> None:
    draft["why_now"] = "Since yesterday ninety posts ask for it."


def a_rise(draft: Draft, _: Posts) -> None:
    draft["why_now"] = "Interest has doubled since last week."


def a_sum_of_money(draft: Draft, _: Posts) -> None:
    draft["angle"] += " It is a market of $4 billion."


def an_authority(draft: Draft, _: Posts) -> None:
    draft["angle"] += " Studies show that it works."


def a_guarantee(draft: Draft, _: Posts) -> None:
    draft["angle"] += " Results are guaranteed."


def a_rival_by_name(draft: Draft, _: Posts) -> None:
    draft["angle"] += " It answers what Neutrogena and L'Oréal started last week."


def a_link(draft: Draft, _: Posts) -> None:
    draft["angle"] += " More at https://cheap-pills.example/now."


def a_bare_domain(draft: Draft, _: Posts) -> None:
    draft["title"] += " at cheap-pills.shop"


def a_handle(draft: Draft, _: Posts) -> None:
    draft["angle"] += " Tag @beauty.guru42 in it."


def a_taboo(draft: Draft, _: Posts) -> None:
    draft["angle"] += " A small miracle."


def a_channel_that_there_is_not(draft: Draft, _: Posts) -> None:
    draft["primary_channel"] = "myspace"


def a_type_that_there_is_not(draft: Draft, _: Posts) -> None:
    draft["type"] = "viral"


def a_pillar_that_there_is_not(draft: Draft, _: Posts) -> None:
    draft["pillar"] = "Anti-ageing"


def a_persona_that_there_is_not(draft: Draft, _: Posts) -> None:
    draft["persona"] = "Rich Richard"


def no_reason_in_time(draft: Draft, _: Posts) -> None:
    draft["why_now"] = "Because people care."


def a_title_that_says_nothing(draft: Draft, _: Posts) -> None:
    draft["title"] = "Great tips for you"


def a_title_in_capitals(draft: Draft, _: Posts) -> None:
    draft["title"] = "Neutrogena Launches Sunscreen Against Every Problem"


_BEGIN = ("a_", "an_", "no_", "one_", "evidence_")
LIES: list[Lie] = [value for name, value in list(globals().items()) if name.startswith(_BEGIN)]
_FIRST_OF_WORDS = LIES.index(a_quote_inside_the_angle)
EVIDENCE_LIES, WORD_LIES = LIES[:_FIRST_OF_WORDS], LIES[_FIRST_OF_WORDS:]
"""About ids and quotes, and about all else: one of each spoils a draft without hindering the other."""
