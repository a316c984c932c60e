"""What identifies a person, on public sentences with planted spans, beside one expression for each kind, with Luhn.

    python -m bench.insights_pii        the whole set whatever BENCH_SCALE

A planted span is recalled when one found span of its kind covers it whole; a found span is right when it touches a
planted one of its kind. The figures to reach are those of Kairo; the plain expressions show what shape alone gives.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.table import ROOT, Line, report
from kairo.platform.policy.numbers import digits_of
from kairo.platform.policy.pii import find_pii

DATA = ROOT.parent / "shared" / "data" / "nlp" / "presidio" / "synth_dataset_v2.jsonl.gz"
KINDS = {
    "EMAIL_ADDRESS": "email",
    "CREDIT_CARD": "card",
    "US_SSN": "ssn",
    "PHONE_NUMBER": "phone",
    "IBAN_CODE": "iban",
}
REACH = {"email": (99.5, 99.5), "card": (99.5, 99.5), "ssn": (99.0, None), "phone": (97.0, 70.0), "iban": (None, None)}
PLAIN = {
    "email": r"[\w.+-]+@[\w-]+\.[\w.-]+",
    "card": r"\b\d(?:[ -]?\d){11,18}\b",
    "ssn": r"\b\d{3}-\d{2}-\d{4}\b",
    "phone": r"\+?\(?\d(?:[\d ().-]{5,18})\d(?:x\d+)?",
    "iban": r"\b[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30}\b",
}
Span = tuple[str, int, int]


def main() -> None:
    """Report recall and precision of each kind, or say that the data is missing."""
    if not DATA.exists():
        print(f"insights_pii: skipped, {Path(*DATA.parts[-4:])} is missing")
        return
    with gzip.open(DATA, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    ours, plain = judged(rows, found_by_kairo), judged(rows, found_by_shape)
    report("insights_pii", [line for kind in REACH for line in lines_of(kind, ours[kind], plain[kind])])


def lines_of(kind: str, ours: tuple[float, float], plain: tuple[float, float]) -> Iterable[Line]:
    """Put recall and precision of one kind beside the plain expression's."""
    for name, mine, theirs, least in zip(("recall", "precision"), ours, plain, REACH[kind], strict=True):
        yield Line(
            f"{kind}, {name}", mine, "regular expression, Luhn", theirs, "%", "" if least is None else f"≥ {least} %"
        )


def judged(rows: list[dict[str, object]], find: Callable[[str], list[Span]]) -> dict[str, tuple[float, float]]:
    """Return recall and precision in percent by kind."""
    tally = {kind: [0, 0, 0, 0] for kind in REACH}
    for row in rows:
        planted, found = planted_in(row), find(str(row["full_text"]))
        for kind, start, end in planted:
            tally[kind][0] += any(k == kind and first <= start and end <= last for k, first, last in found)
            tally[kind][1] += 1
        for kind, start, end in found:
            tally[kind][2] += any(k == kind and start < last and first < end for k, first, last in planted)
            tally[kind][3] += 1
    return {
        kind: (100 * recalled / max(1, planted), 100 * right / max(1, found))
        for kind, (recalled, planted, right, found) in tally.items()
    }


def planted_in(row: dict[str, object]) -> list[Span]:
    """Return the spans of the kinds that are looked for."""
    spans: list[dict[str, object]] = row["spans"]  # type: ignore[assignment]  # the set's own shape
    return [
        (KINDS[str(span["entity_type"])], int(str(span["start_position"])), int(str(span["end_position"])))
        for span in spans
        if span["entity_type"] in KINDS
    ]


def found_by_kairo(text: str) -> list[Span]:
    """Return what the product finds."""
    return [(str(span.type), span.start, span.end) for span in find_pii(text)]


def found_by_shape(text: str) -> list[Span]:
    """Return what one expression a kind finds, cards checked by Luhn and taken out of the phones."""
    found: list[Span] = []
    for kind, pattern in PLAIN.items():
        for match in re.finditer(pattern, text):
            taken = kind == "phone" and any(start < match.end() and match.start() < end for _, start, end in found)
            if not taken and (kind != "card" or passes_luhn(digits_of(match.group()))):
                found.append((kind, *match.span()))
    return found


def passes_luhn(digits: str) -> bool:
    """Say whether the check digit is right, whoever issued the number."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + doubled) % 10 == 0


if __name__ == "__main__":
    main()
