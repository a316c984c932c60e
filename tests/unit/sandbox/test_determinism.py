from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from itertools import islice

import pytest

from kairo.sandbox.market.dice import Dice, mixed
from tests.unit.sandbox.markets import SUBJECTS, market

FINGERPRINT = """
from tests.unit.sandbox.test_determinism import fingerprint
print(fingerprint("houseplants"))
"""


def fingerprint(subject: str, *, seed: int = 9) -> str:
    """Hash the first thousand records of a market, byte by byte."""
    digest = sha256()
    for post in islice(market(subject, seed=seed, days=10, posts_per_day=200).posts(), 1000):
        digest.update(json.dumps(post.to_apify(), ensure_ascii=False).encode())
    return digest.hexdigest()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_same_seed_gives_the_same_bytes(subject: str) -> None:
    assert fingerprint(subject) == fingerprint(subject)


def test_numbers_are_drawn_alike_on_every_machine() -> None:
    dice = Dice(1)
    ids = " ".join(post.id for post in islice(market(seed=1, days=10, posts_per_day=100).posts(), 500))

    assert [dice.below(1000) for _ in range(6)] == [198, 169, 498, 718, 393, 912]
    assert mixed(1, 2, 3) == 15020427595393229491
    # Who posts when, without a word of what: this changes with the rates and the people, and with nothing else.
    assert sha256(ids.encode()).hexdigest()[:16] == "20b31da0aebc3b26"


def test_another_seed_gives_another_market() -> None:
    assert fingerprint("houseplants", seed=9) != fingerprint("houseplants", seed=10)


@pytest.mark.parametrize("hash_seed", ["1", "4242"])
def test_the_bytes_depend_neither_on_the_process_nor_on_its_hash_seed(hash_seed: str) -> None:
    elsewhere = subprocess.run(
        [sys.executable, "-c", FINGERPRINT],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert elsewhere.stdout.strip() == fingerprint("houseplants")


def test_details_are_the_same_in_whatever_order_they_are_asked_for() -> None:
    posts = list(islice(market(days=5, posts_per_day=100).posts(), 200))

    forwards = [post.to_apify() for post in posts]

    assert [post.to_apify() for post in reversed(posts)] == forwards[::-1]


def test_a_market_begun_anew_tells_the_same_posts() -> None:
    one = market(days=6, posts_per_day=150)

    assert [post.caption for post in one.posts()] == [post.caption for post in one.posts()]
