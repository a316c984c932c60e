from __future__ import annotations

import gzip
import json
import threading

import pytest

from kairo.stages.evidence.adapters.language import ScriptGatedIdentifier, default_identifier
from kairo.stages.evidence.rules.scripts import read_script
from tests.shared_data import shared


@pytest.fixture(scope="module")
def identifier() -> ScriptGatedIdentifier:
    return ScriptGatedIdentifier()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The best flat white in town is on Main Street", "en"),
        ("Лучший кофе в городе", "ru"),
        ("Подъезд вымыли", "ru"),
        ("Де можна випити смачної кави?", "uk"),
        ("Дякую, це дуже смачно", "uk"),
        ("柏林最好的咖啡", "zh"),
        ("ベルリンで一番のコーヒー", "ja"),
        ("좋은 커피 추천해 주세요", "ko"),
        ("กาแฟอร่อยมาก", "th"),
        ("أفضل قهوة في المدينة", "ar"),
        ("הקפה הכי טוב בעיר", "he"),
        ("Ο καλύτερος καφές στην πόλη", "el"),
        ("शहर की सबसे अच्छी कॉफ़ी", "hi"),
        ("Der beste Kaffee der Stadt ist hier", "de"),
        ("El mejor café de la ciudad está aquí", "es"),
        ("Dünyanın en iyi kahvesi burada", "tr"),
        ("Apple представила новый iPhone 15 Pro Max", "ru"),
        ("Nike Air Max 很好看", "zh"),
        ("RT @user: Лучший кофе https://example.com/the-best-coffee-in-town #coffee", "ru"),
    ],
)
def test_a_text_is_named_by_its_script_and_its_words(
    identifier: ScriptGatedIdentifier, text: str, language: str
) -> None:
    found, confidence = identifier.identify(text)

    assert found == language
    assert 0 < confidence <= 1


@pytest.mark.parametrize("text", ["", "🔥", "ok", "12 345", "@user https://x.com #tag"])
def test_too_little_text_is_what_the_source_declares_or_unknown(identifier: ScriptGatedIdentifier, text: str) -> None:
    assert identifier.identify(text) == (None, 0.0)
    assert identifier.identify(text, declared="pt-BR") == ("pt", 0.0)


def test_the_declared_language_tips_the_scales_but_cannot_outvote_the_letters(
    identifier: ScriptGatedIdentifier,
) -> None:
    assert identifier.identify("Hotel Restaurant", declared="de")[0] == "de"
    assert identifier.identify("Лучший кофе в городе", declared="en")[0] == "ru"


def test_a_script_that_no_configured_language_writes_is_unknown() -> None:
    latin_only = ScriptGatedIdentifier(["en", "de"])

    assert latin_only.identify("Лучший кофе", declared="en") == (None, 0.0)
    assert latin_only.identify("Лучший кофе", declared="ru") == ("ru", 0.0)
    assert latin_only.identify("Der beste Kaffee der Stadt")[0] == "de"


def test_letters_that_only_one_alphabet_has_rule_the_others_out() -> None:
    assert read_script("Їжак", ["ru", "uk"]).languages == ("uk",)
    assert read_script("Мыши", ["ru", "uk"]).languages == ("ru",)
    assert read_script("Мыши и їжак", ["ru", "uk"]).languages == ("ru", "uk")


def test_threads_share_one_identifier(identifier: ScriptGatedIdentifier) -> None:
    fresh = ScriptGatedIdentifier()
    found: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(fresh.identify("Der beste Kaffee der Stadt")[0])) for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == ["de"] * 8
    assert default_identifier() is default_identifier()


def _texts(path: str, field: str) -> list[str]:
    with gzip.open(shared(path), "rt", encoding="utf-8") as lines:
        return [json.loads(line)[field] for line in lines]


def test_accuracy_on_public_texts(identifier: ScriptGatedIdentifier) -> None:
    sets = [
        ("ru", _texts("nlp/xed/ru.jsonl.gz", "text")),
        ("ru", _texts("nlp/paraphraser_ru/gold.jsonl.gz", "a")),
        ("ru", _texts("nlp/stsb/ru.dev.jsonl.gz", "a")),
        ("en", _texts("nlp/xed/en.jsonl.gz", "text")[::5]),
        ("en", _texts("nlp/stsb/en.dev.jsonl.gz", "a")),
        ("en", _texts("nlp/tweeteval/sentiment.val.jsonl.gz", "text")),
        ("en", _texts("nlp/agnews/test.jsonl.gz", "text")[::4]),
    ]

    hits = [(language, [identifier.identify(text)[0] == language for text in texts]) for language, texts in sets]

    russian = [hit for language, found in hits if language == "ru" for hit in found]
    everything = [hit for _, found in hits for hit in found]
    assert sum(russian) / len(russian) >= 0.99
    assert sum(everything) / len(everything) >= 0.99
    assert min(sum(found) / len(found) for _, found in hits) >= 0.985
