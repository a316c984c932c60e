"""Train the sentiment models of English and Russian and write their weights; the same data gives the same file.

    python scripts/train_sentiment.py ../shared/data [--out weights.npz]

Data: XED (CC BY 4.0), English and Russian; UMSAB (Apache 2.0), the posts written in English. Nothing of tweeteval is
read. Three steps: a polarity model of English from XED's emotions; a model of three classes from tweets, which reads
the first one's margin; a polarity model of Russian from XED, with a margin inside which a text is neutral.
Prints cross-validated figures; docs/models/sentiment.md holds the figures on other data.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from kairo.platform.embeddings import default_embedder
from kairo.stages.evidence.adapters.language import default_identifier
from kairo.stages.insights.rules.sentiment import model
from kairo.stages.insights.rules.sentiment.features import BUCKETS, Features, features_of

NEGATIVE, NEUTRAL, POSITIVE = range(3)
# XED: 1 anger 2 anticipation 3 disgust 4 fear 5 joy 6 sadness 7 surprise 8 trust.
GLAD, SORRY = {5, 8}, {1, 3, 4, 6}
ENGLISH_WORD = re.compile(
    r"\b(?:the|to|is|in|of|and|a|i|you|on|for|my|at|it|be|this|that|with|are|me|your|have|just|was|so)\b"
)
ENOUGH_ENGLISH = 2
NGRAM_WEIGHT = 3.0
"""How much more than the dense features the n-grams of tweets count: the penalty is the same for both."""
POLAR_C, TWEETS_C, RUSSIAN_C = 1.0, 0.05, 0.3
RUSSIAN_RULE = (0.5, 1.2, 1.5)
"""Margins within which a Russian text is neutral, with a word that judges and without one, and how sharply."""
FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)
Labels = NDArray[np.int64]


def main() -> None:
    """Train all three and write one file."""
    parser = argparse.ArgumentParser(description="Train the sentiment models and write their weights.")
    parser.add_argument("shared", type=Path, help="the folder of the public data")
    parser.add_argument("--out", type=Path, default=model.WEIGHTS, help="where to write; else into the package")
    arguments = parser.parse_args()
    stored: dict[str, NDArray[Any]] = {"russian.rule": np.array(RUSSIAN_RULE, dtype=np.float32)}
    lines = train("polar", *xed(arguments.shared / "nlp/xed/en.jsonl.gz"), POLAR_C, stored)
    texts, labels = tweets(arguments.shared / "nlp/umsab")
    features = features_of(texts, default_embedder().embed)
    polar = model.Linear(*(stored[f"polar.{part}"] for part in ("ngrams", "scales", "dense", "base")))
    wider = np.hstack([features.dense, model.polarity_features(polar.margins(features)[:, 0])])
    fit("tweets", Features(features.ngrams, features.values, wider), labels, TWEETS_C, stored, weight=NGRAM_WEIGHT)
    train("russian", *xed(arguments.shared / "nlp/xed/ru.jsonl.gz"), RUSSIAN_C, stored)
    np.savez_compressed(arguments.out, **stored)
    size = arguments.out.stat().st_size
    sys.stdout.write(f"{lines} English lines of XED, {len(texts)} tweets; {arguments.out} has {size:,} bytes\n")


def train(name: str, texts: list[str], labels: Labels, c: float, stored: dict[str, NDArray[Any]]) -> int:
    """Fit one model on texts and keep its weights under its name; returns how many texts there were."""
    fit(name, features_of(texts, default_embedder().embed), labels, c, stored)
    return len(texts)


def fit(
    name: str,
    features: Features,
    labels: Labels,
    c: float,
    stored: dict[str, NDArray[Any]],
    *,
    weight: float = 1.0,
) -> None:
    """Fit a balanced logistic regression, print its cross-validated recall, and keep its weights as bytes."""
    matrix, regression = problem(features, c, weight)
    predicted = cross_val_predict(regression, matrix, labels, cv=FOLDS)
    recall, accuracy = 100 * balanced_accuracy_score(labels, predicted), 100 * (predicted == labels).mean()
    sys.stdout.write(f"{name}: {len(labels)} texts, 5 folds: macro-recall {recall:.1f}, accuracy {accuracy:.1f}\n")
    regression.fit(matrix, labels)
    ngrams = (regression.coef_[:, : 2 * BUCKETS] * weight).T
    scales = np.maximum(np.abs(ngrams).max(axis=0) / 127, 1e-9)
    stored |= {
        f"{name}.ngrams": np.round(ngrams / scales).astype(np.int8),
        f"{name}.scales": scales.astype(np.float32),
        f"{name}.dense": regression.coef_[:, 2 * BUCKETS :].T.astype(np.float16),
        f"{name}.base": regression.intercept_.astype(np.float32),
    }


def problem(features: Features, c: float, weight: float = 1.0) -> tuple[sparse.csr_matrix, LogisticRegression]:
    """Return the features as one matrix, the n-grams weighted, and the regression that is fitted on it."""
    matrix = sparse.hstack([as_matrix(features) * weight, sparse.csr_matrix(features.dense)]).tocsr()
    return matrix, LogisticRegression(C=c, class_weight="balanced", max_iter=300, tol=1e-3)


def as_matrix(features: Features) -> sparse.csr_matrix:
    """Return the n-grams as one sparse row a text."""
    starts = np.cumsum([0, *map(len, features.ngrams)])
    data = (np.concatenate(features.values), np.concatenate(features.ngrams), starts)
    return sparse.csr_matrix(data, shape=(len(features.ngrams), 2 * BUCKETS))


def xed(path: Path) -> tuple[list[str], Labels]:
    """Return the lines that are clearly glad or clearly sorry, and which (1 and 0)."""
    kept = [(row["text"], set(row["labels"])) for row in rows(path)]
    polar = [(text, bool(labels & GLAD)) for text, labels in kept if bool(labels & GLAD) != bool(labels & SORRY)]
    return [text for text, _ in polar], np.array([int(glad) for _, glad in polar])


def tweets(folder: Path) -> tuple[list[str], Labels]:
    """Return the posts of UMSAB (train, validation) that are written in English, and their classes."""
    read = [row for part in ("train", "val") for row in rows(folder / f"all.{part}.jsonl.gz")]
    kept = [row for row in read if is_english(row["text"])]
    return [row["text"] for row in kept], np.array([row["label"] for row in kept])


def is_english(text: str) -> bool:
    """Tell English from other Latin writing, transcribed Hindi above all: by the model, and by two common words."""
    common = set(ENGLISH_WORD.findall(text.lower()))
    return len(common) >= ENOUGH_ENGLISH and default_identifier().identify(text)[0] == "en"


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    main()
