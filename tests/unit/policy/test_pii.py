"""What identifies a person is found in running text, and what only looks like it is left alone."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.policy.pii import find_pii, mask, mask_pii
from tests.growth import grows_like_its_input
from tests.shared_data import shared


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ada@example.com.", "write to [email]."),
        ("почта: иван@почта.рф", "почта: [email]"),
        ("ada (at) example (dot) com", "[email]"),
        ("ad\u200ba@exam\u00adple.com", "[email]"),
        ("ada＠example．com", "[email]"),
        ("card 4111-1111-1111-1111, please", "card [card], please"),
        ("in 2024 4111 1111 1111 1111", "in 2024 [card]"),
        ("Visa٤١١١١١١١١١١١١١١١", "Visa[card]"),
        ("GB82 WEST 1234 5698 7654 32 thanks", "[iban] thanks"),
        ("de89370400440532013000", "[iban]"),
        ("my SSN is 123-45-6789", "my SSN is [ssn]"),
        ("social security number 123 45 6789", "social security number [ssn]"),
        ("звоните 8 (916) 123-45-67 или 89161234567", "звоните [phone] или [phone]"),
        ("тел. 123-45-67", "тел. [phone]"),
        ("call me on 467 3395", "call me on [phone]"),
        ("+49 151 12345678", "[phone]"),
        ("https://wa.me/4915112345678", "https://wa.me/[phone]"),
        ("(579)888-3058x12 or 0490 75 40 81", "[phone] or [phone]"),
    ],
)
def test_what_identifies_a_person_is_masked(text: str, masked: str) -> None:
    assert mask_pii(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T11:03:37.123456Z",
        "0193b2c4-1234-7abc-9012-123456789012",
        "1 000 000 подписчиков",
        "+1000000 likes",
        "цена 12 990 000 ₽",
        "10 000 000 views for $1 250 000",
        "@ada@mastodon.social drew logo@2x.png",
        "at 1700000000 seconds",
        "in 2012 2013 2014",
        "https://instagram.com/p/4155552671/",
        "order 1234567890123456",
        "licence U62928788557186",
        "Vol. 15 (2004) 109-116",
        "10.0.0.127 and 192.168.100.200",
        "000-12-3456",
        "GB83 WEST 1234 5698 7654 32",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert mask_pii(text) == text


def test_a_region_makes_its_own_numbers_phones() -> None:
    assert find_pii("84951234567") == ()
    assert [span.type for span in find_pii("84951234567", region="RU")] == ["phone"]


@pytest.mark.parametrize("piece", ["1 ", "a@", "(1", "a.b-", "GB82 ", "at [at] "])
def test_a_hostile_text_takes_no_longer_than_its_length_explains(piece: str) -> None:
    assert grows_like_its_input(lambda pieces: find_pii(piece * pieces), 1_500)


@given(st.text(), st.sampled_from(["ada@example.com", "4111111111111111", "+1 415 555 2671"]), st.text())
def test_spans_are_in_order_and_what_is_masked_is_gone(before: str, secret: str, after: str) -> None:
    text = f"{before}\n{secret}\n{after}"

    spans = find_pii(text)

    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert secret not in mask(text, spans)


KINDS = {"EMAIL_ADDRESS": "email", "CREDIT_CARD": "card", "US_SSN": "ssn", "PHONE_NUMBER": "phone"}
RECALL = {"email": 0.995, "card": 0.995, "ssn": 0.99, "phone": 0.97}
PRECISION = {"email": 0.995, "card": 0.995, "ssn": 0.99, "phone": 0.70}


def test_recall_and_precision_on_public_sentences() -> None:
    found, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    with gzip.open(shared("nlp/presidio/synth_dataset_v2.jsonl.gz"), "rt") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        planted = [
            (KINDS[span["entity_type"]], span["start_position"], span["end_position"])
            for span in row["spans"]
            if span["entity_type"] in KINDS
        ]
        spans = [(str(span.type), span.start, span.end) for span in find_pii(row["full_text"])]
        for kind, start, end in planted:
            covered = any(other == kind and first <= start and end <= last for other, first, last in spans)
            (found if covered else missed)[kind] += 1
        wrong.update(
            kind
            for kind, start, end in spans
            if kind in RECALL and not any(kind == k and start < last and first < end for k, first, last in planted)
        )

    assert {kind for kind, least in RECALL.items() if found[kind] < least * (found[kind] + missed[kind])} == set()
    assert {kind for kind, least in PRECISION.items() if found[kind] < least * (found[kind] + wrong[kind])} == set()
