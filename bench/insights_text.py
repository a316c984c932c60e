"""Keyphrases, sentiment, near-duplicates and language of public texts, each beside a baseline in the same run.

    python -m bench.insights_text        the whole sets whatever BENCH_SCALE

Keyphrases: F1 at 10 of stems (Porter), the mean over the texts; their weights were fitted on the Inspec abstracts that
are not measured here. Sentiment: macro-recall; the shipped Russian model has seen all of XED, so that Russian is
measured in five folds. Near-duplicates: precision of pairs at 0.90, and recall of reposts that the bench makes.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import snowballstemmer

from bench.duplicates import perturbed
from bench.table import ROOT, Line, ask_peer, report
from kairo.platform.embeddings import default_embedder
from kairo.stages.evidence.adapters.language import default_identifier
from kairo.stages.evidence.rules.scripts import DEFAULT_LANGUAGES
from kairo.stages.evidence.rules.similarity import SURE, repeat_score
from kairo.stages.evidence.rules.text import normalise
from kairo.stages.evidence.rules.wording import wording_of
from kairo.stages.insights.rules.keyphrases import of_text
from kairo.stages.insights.rules.sentiment.model import probabilities

NLP = ROOT.parent / "shared" / "data" / "nlp"
PORTER = snowballstemmer.stemmer("porter")
embed = default_embedder().embed
PAIRS = (
    ("stsb en", "stsb/en.dev.jsonl.gz", "en", lambda row: row["score"] >= 3),
    ("stsb ru", "stsb/ru.dev.jsonl.gz", "ru", lambda row: row["score"] >= 3),
    ("mrpc", "mrpc/train.jsonl.gz", "en", lambda row: row["label"] == 1),
    ("qqp", "qqp/dev.jsonl.gz", "en", lambda row: row["label"] == 1),
    ("paraphraser ru", "paraphraser_ru/gold.jsonl.gz", "ru", lambda row: row["label"] >= 0),
)


def main() -> None:
    """Measure everything whose data is there, and say what is missing."""
    lines: list[Line] = []
    for part in (keyphrases, english_sentiment, russian_sentiment, near_duplicates, languages, speed):
        try:
            lines += part()
        except FileNotFoundError as missing:
            print(f"insights_text: {part.__name__} skipped, {missing.filename} is missing")
    report("insights_text", lines)


def keyphrases() -> Iterator[Line]:
    """Compare our ten best phrases with those of readers, and YAKE's."""
    inspec = {row["id"]: row["text"] for row in rows("keyphrases/Inspec.jsonl.gz")}
    gold = json.loads((NLP / "keyphrases/inspec.test.uncontr.json").read_text())
    chosen = (NLP / "keyphrases/inspec_test_ids.txt").read_text().split()
    test = [(inspec[name], [phrase for [phrase] in gold[name]]) for name in chosen if name in inspec]
    semeval = [(row["text"], row["keys"]) for row in rows("keyphrases/SemEval2017.jsonl.gz")]
    for corpus, texts in (("Inspec test-500", test), ("SemEval2017", semeval)):
        ours = mean_f1(texts, [[phrase for phrase, _ in of_text(text, "en", embed, k=10)] for text, _ in texts])
        answer = ask_about("with_yake.py", [text for text, _ in texts])
        theirs = None if isinstance(answer, str) else mean_f1(texts, answer["found"])
        note = answer if isinstance(answer, str) else ""
        yield Line(f"keyphrases F1@10, {corpus}", ours, "YAKE", theirs, "%", "≥ 33", note)


def english_sentiment() -> Iterator[Line]:
    """Judge the half test part of tweeteval; its validation part cannot be used: most of it stands in UMSAB too."""
    tweets = rows("tweeteval/sentiment.test.half.jsonl.gz")
    texts, labels = [row["text"] for row in tweets], [row["label"] for row in tweets]
    ours = macro_recall(labels, probabilities(texts, ["en"] * len(texts), embed).argmax(axis=1).tolist())
    answer = ask_about("with_vader.py", texts)
    theirs = None if isinstance(answer, str) else macro_recall(labels, answer["found"])
    note = answer if isinstance(answer, str) else ""
    yield Line("sentiment en, macro-recall", ours, "VADER", theirs, "%", "≥ 62", note)


def russian_sentiment() -> Iterator[Line]:
    """Judge XED's Russian lines in five folds, each by a model that has not seen them."""
    from sklearn.model_selection import cross_val_predict

    from kairo.stages.insights.rules.sentiment.features import features_of
    from kairo.stages.insights.rules.sentiment.wording import Judgement, normalised, tokens_of
    from scripts.train_sentiment import FOLDS, RUSSIAN_C, problem, xed

    texts, labels = xed(NLP / "xed/ru.jsonl.gz")
    matrix, regression = problem(features_of(texts, embed), RUSSIAN_C)
    found = cross_val_predict(regression, matrix, labels, cv=FOLDS)
    by_words = [int(Judgement.of(tokens_of(normalised(text))).balance > 0) for text in texts]
    peer = "our word list alone"
    yield Line(
        "sentiment ru, 2 classes, macro-recall",
        macro_recall(labels.tolist(), found.tolist()),
        peer,
        macro_recall(labels.tolist(), by_words),
        "%",
        "≥ 78",
    )
    accuracies = [100 * float(np.mean(np.array(guess) == labels)) for guess in (found, by_words)]
    yield Line("sentiment ru, 2 classes, accuracy", accuracies[0], peer, accuracies[1], "%")


def near_duplicates() -> Iterator[Line]:
    """Count how many of the pairs at 0.90 say the same, beside the bare cosine at 0.90; then recall of reposts."""
    for name, path, language, says_the_same in PAIRS:
        pairs = rows(path)
        right = np.array([says_the_same(row) for row in pairs])
        sure, near = compared([(row["a"], row["b"]) for row in pairs], language)
        yield Line(
            f"near-duplicates, precision, {name}",
            100 * float(right[sure].mean()),
            "cosine ≥ 0.90",
            100 * float(right[near].mean()),
            "%",
            "≥ 95",
            f"{int(sure.sum())} pairs, cosine {int(near.sum())}",
        )
    posts = {"en": "tweeteval/sentiment.val.jsonl.gz", "ru": "stsb/ru.dev.jsonl.gz"}
    for language, path in posts.items():
        dice = random.Random(7)
        texts = [str(row.get("text") or row["a"]) for row in rows(path)]
        texts = [text for text in texts if len(text.split()) >= 6]
        sure, near = compared([(text, perturbed(text, dice)) for text in texts], language)
        recalls = 100 * float(sure.mean()), 100 * float(near.mean())
        yield Line(f"reposts, recall, {language}", recalls[0], "cosine ≥ 0.90", recalls[1], "%", "≥ 95")


def languages() -> Iterator[Line]:
    """Identify texts of two languages out of twenty-four, beside py3langid limited to the same."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    plain: Any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    plain.set_languages([language for language in DEFAULT_LANGUAGES if language in plain.labels])
    sets = {
        "ru": [row["text"] for row in rows("xed/ru.jsonl.gz")] + [row["a"] for row in rows("stsb/ru.dev.jsonl.gz")],
        "en": [row["text"] for row in rows("tweeteval/sentiment.val.jsonl.gz")]
        + [row["a"] for row in rows("stsb/en.dev.jsonl.gz")],
    }
    ours = {name: [default_identifier().identify(text)[0] == name for text in texts] for name, texts in sets.items()}
    theirs = {name: [plain.classify(text)[0] == name for text in texts] for name, texts in sets.items()}
    for name, of_ours, of_theirs, reach in (
        ("en and ru", [*ours["en"], *ours["ru"]], [*theirs["en"], *theirs["ru"]], "≥ 98.5"),
        ("ru", ours["ru"], theirs["ru"], "≥ 96"),
    ):
        yield Line(
            f"language, {name}", 100 * float(np.mean(of_ours)), "py3langid", 100 * float(np.mean(of_theirs)), "%", reach
        )


def speed() -> Iterator[Line]:
    """Time what an analysis reads at most: 200 posts for keyphrases, 1,000 for sentiment, models loaded before."""
    from uuid import UUID

    from kairo.stages.insights.contracts.agents import AgentItem
    from kairo.stages.insights.rules.keyphrases import mine

    texts = [row["text"] for row in rows("tweeteval/sentiment.test.half.jsonl.gz")][:1_000]
    probabilities(texts[:2], ["en", "ru"], embed)
    items = [
        AgentItem(id=UUID(int=place), text=text, language="en", published_at=None)
        for place, text in enumerate(texts[:200])
    ]
    started = time.process_time()
    mine(items, items[:100], embed)
    mined = time.process_time()
    probabilities(texts, ["en"] * len(texts), embed)
    yield Line("keyphrases of 200 posts, CPU", 1000 * (mined - started), "", None, "ms", "< 1,000")
    yield Line("sentiment of 1,000 posts, CPU", 1000 * (time.process_time() - mined), "", None, "ms", "< 1,000")


def compared(pairs: Sequence[tuple[str, str]], language: str) -> tuple[np.ndarray, np.ndarray]:
    """Return which pairs are near-duplicates, and which have a cosine of 0.90 or more."""
    ones, others = ([normalise(pair[side]).text for pair in pairs] for side in (0, 1))
    cosines = (embed(ones) * embed(others)).sum(axis=1)
    scores = [
        repeat_score(wording_of(one), wording_of(other), cosine=float(cosine), embedder="static", language=language)
        for one, other, cosine in zip(ones, others, cosines, strict=True)
    ]
    return np.array(scores) >= SURE, cosines >= SURE


def mean_f1(texts: Sequence[tuple[str, Sequence[str]]], found: Sequence[Sequence[str]]) -> float:
    """Return the mean F1 at 10 in percent, over the texts that have phrases to find."""
    scores = []
    for (_, wanted), phrases in zip(texts, found, strict=True):
        right, ours = ({stemmed(phrase) for phrase in side} - {""} for side in (wanted, phrases[:10]))
        if right:
            scores.append(2 * len(right & ours) / (len(right) + len(ours)))
    return 100 * sum(scores) / len(scores)


def stemmed(phrase: str) -> str:
    return " ".join(PORTER.stemWords(re.findall(r"[^\W_]+", phrase.lower().replace("'", ""))))


def macro_recall(labels: Sequence[int], found: Sequence[int]) -> float:
    """Return the mean in percent of the recalls of the classes."""
    right, guessed = np.array(labels), np.array(found)
    return 100 * float(np.mean([np.mean(guessed[right == label] == label) for label in sorted(set(labels))]))


def ask_about(program: str, texts: Sequence[str]) -> Any:
    """Let a peer read the texts; returns its answer, or why there is none."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(texts, file)
        file.flush()
        return ask_peer(program, file.name)


def rows(path: str) -> list[dict[str, Any]]:
    with gzip.open(NLP / path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
