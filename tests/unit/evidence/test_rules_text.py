from __future__ import annotations

import subprocess
import sys
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.stages.evidence.rules.text import content_hash, matching_words, normalise, real_content


def test_links_mentions_and_hashtags_are_parsed_out_and_kept() -> None:
    found = normalise(
        "Loved it, thanks @Anna.K and @ben@mastodon.social! https://x.com/a?b=1. youtu.be/abc #Coffee #Кофе"
    )

    assert found.text == "Loved it, thanks @Anna.K and @ben@mastodon.social!"
    assert found.links == ("https://x.com/a?b=1", "youtu.be/abc")
    assert found.mentions == ("anna.k", "ben@mastodon.social")
    assert found.hashtags == ("coffee", "кофе")


def test_a_markdown_link_leaves_its_words() -> None:
    found = normalise("Read [the whole guide](https://example.com/guide) first")

    assert (found.text, found.links) == ("Read the whole guide first", ("https://example.com/guide",))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("RT @brew: Great shoes 🔥 Link in bio 👇 #nike #run", "Great shoes 🔥"),
        ("rt @a rt @b: hello there", "hello there"),
        ("Finally! (x-post from /r/coffee)", "Finally!"),
        ("X-post from r/headphones: my new amp", "my new amp"),
        ("Good morning. Follow us @brew for more coffee tips!", "Good morning."),
        ("Новая коллекция! Подписывайтесь на наш канал ✌️", "Новая коллекция!"),
        ("Лучший кофе. Ссылка в шапке профиля", "Лучший кофе."),
        ("A long read\nThe post A long read appeared first on Brew Blog.", "A long read"),
        ("The link in bio is broken again", "The link in bio is broken again"),
        ("I follow us elections closely", "I follow us elections closely"),
        ("@anna @ben what do you think, @chris?", "what do you think, @chris?"),
    ],
)
def test_boilerplate_goes_and_what_somebody_says_stays(written: str, said: str) -> None:
    assert normalise(written).text == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Best coffee in #Berlin #travel #food", "Best coffee in Berlin"),
        ("Best coffee in #Munich #travel #food", "Best coffee in Munich"),
        ("Done for today. #run #fit", "Done for today."),
        ("I love #coffee in the morning", "I love coffee in the morning"),
        ("#one, #two 🔥 #three", ""),
        ("#a#b#c", ""),
        ("C# is fun & we're #1", "C# is fun & we're 1"),
        ("हिन्दी में #कॉफ़ी", "हिन्दी में कॉफ़ी"),
    ],
)
def test_a_hashtag_inside_a_sentence_keeps_its_word(written: str, said: str) -> None:
    assert normalise(written).text == said


def test_hashtags_keep_the_vowel_signs_of_their_script() -> None:
    assert normalise("यह #हिन्दी है और #ไทยแลนด์").hashtags == ("हिन्दी", "ไทยแลนด์")


def test_what_nobody_sees_is_dropped_and_what_shapes_signs_stays() -> None:
    assert normalise("a\u200bb\u202ec\ufeffd\x00e\u00adf\ud800").text == "abcdef"
    assert normalise("\u3164\u2800\u115f").text == ""
    assert normalise("👨\u200d👩\u200d👧 می\u200cخواهم").text == "👨\u200d👩\u200d👧 می\u200cخواهم"


def test_people_read_nfc_and_comparisons_use_nfkc() -> None:
    decomposed, mathematical = "Cafe\u0301", "𝗕𝗲𝘀𝘁 𝗰𝗼𝗳𝗳𝗲𝗲"

    assert normalise(decomposed).text == "Café"
    assert normalise(mathematical).text == mathematical
    assert matching_words(mathematical) == ["best", "coffee"]


def test_line_ends_and_blanks_are_made_even() -> None:
    assert normalise(" one \r\n\r\n\r\n\r\n two\u00a0 \t three\u2028four ").text == "one\n\ntwo three\nfour"


def test_a_repost_with_other_dress_hashes_alike() -> None:
    plain = content_hash(normalise("Best coffee in town, don't miss it"))

    for repost in (
        "RT @bob: BEST COFFEE in town — don’t miss it!!! 🔥🔥 https://t.co/xyz",
        "𝗕𝗲𝘀𝘁 coffee\u200b in town... dont miss it #coffee #berlin",
        "Best  coffee\nin town; don't miss it ☕",
    ):
        assert content_hash(normalise(repost.replace("it #", "it. #"))) == plain


def test_other_words_hash_apart() -> None:
    hashes = {content_hash(normalise(text)) for text in ("iPhone 14 review", "iPhone 15 review", "Обзор iPhone 14", "")}

    assert len(hashes) == 4


def test_yo_and_ye_are_one_letter_for_matching() -> None:
    assert content_hash(normalise("Ещё кофе")) == content_hash(normalise("Еще кофе"))


@pytest.mark.parametrize("empty", ["", "🔥🔥", "#coffee #love", "https://x.com/a", "\u200b\u3164", "@anna", "...!!!"])
def test_texts_without_words_have_no_hash_and_no_content(empty: str) -> None:
    normalized = normalise(empty)

    assert content_hash(normalized) == ""
    assert not real_content(normalized)


@pytest.mark.parametrize(
    "text",
    [
        "Great coffee here",
        "отличный кофе",
        "最好的咖啡在柏林",
        "東京の朝",
        "กาแฟอร่อยมาก",
        "좋은 커피",
        "बहुत अच्छी कॉफ़ी",
        "So good 🔥 #yum",
    ],
)
def test_real_words_are_content_in_every_script(text: str) -> None:
    assert real_content(normalise(text))


@pytest.mark.parametrize("text", ["wow", "wow #coffee #love", "2024 100 50", "ok ok ok", "@a @b #c", "好", "!!! 🔥 1"])
def test_a_cry_a_number_or_tags_are_no_content(text: str) -> None:
    assert not real_content(normalise(text))


def test_the_hash_is_the_same_in_every_process() -> None:
    imports = "from kairo.stages.evidence.rules.text import content_hash, normalise"
    statement = f"{imports}; print(content_hash(normalise('Hello world')))"

    seen = {
        subprocess.run(
            [sys.executable, "-c", statement], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert seen == {content_hash(normalise("hello, WORLD"))}


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_any_text_can_be_normalised_and_stored(text: str) -> None:
    normalized = normalise(text)

    normalized.text.encode("utf-8")
    assert "\x00" not in normalized.text
    assert unicodedata.is_normalized("NFC", normalized.text)
    assert normalized.text == normalized.text.strip()
    assert (content_hash(normalized) == "") == (matching_words(normalized.text) == [])


HOSTILE = (
    "#",
    "#a",
    "#a ",
    "@a ",
    "@",
    "http://",
    "a.",
    "a/",
    "[",
    "[aa](http",
    "\u200d",
    "👨\u200d",
    "rt @a ",
    "! follow us ",
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_repetition_costs_no_more_than_its_length(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    started = time.process_time()

    normalized = normalise(text)
    content_hash(normalized)
    real_content(normalized)

    assert time.process_time() - started < 1.0
