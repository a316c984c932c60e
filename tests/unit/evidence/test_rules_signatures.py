from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.stages.evidence.rules.signatures import signature_bands, signature_bands_of
from tests.factories.evidence import TEXTS
from tests.growth import grows_like_its_input


def test_a_text_has_twenty_signed_64_bit_bands() -> None:
    bands = signature_bands(TEXTS[0])

    assert len(bands) == 20
    assert all(isinstance(band, int) and -(2**63) <= band < 2**63 for band in bands)


def test_a_text_without_words_shares_no_band_with_anything() -> None:
    assert signature_bands_of(["", "🔥", "Hello there"])[:2] == [[], []]


def test_bands_do_not_depend_on_the_batch_they_came_in() -> None:
    assert signature_bands_of(TEXTS) == [signature_bands(text) for text in TEXTS]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_batch_gives_what_each_text_gives_alone(texts: list[str]) -> None:
    assert signature_bands_of(texts) == [signature_bands(text) for text in texts]


def test_bands_are_the_same_in_every_process_and_release() -> None:
    statement = (
        "from kairo.stages.evidence.rules.signatures import signature_bands; print(signature_bands('Hello world')[:2])"
    )

    seen = {
        subprocess.run(
            [sys.executable, "-c", statement], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert seen == {str(STORED_BANDS_OF_HELLO_WORLD)}


def test_a_cut_off_copy_shares_a_band_and_other_posts_do_not() -> None:
    whole = f"{TEXTS[4]}. {TEXTS[5]}. {TEXTS[7]}. {TEXTS[9]}"

    bands, cut, other = (set(signature_bands(text)) for text in (whole, whole[:70], TEXTS[2]))

    assert bands & cut
    assert not bands & other


def test_many_posts_take_no_longer_than_their_number_explains() -> None:
    posts = [f"{TEXTS[number % 12]} {number} {TEXTS[number % 7]}" for number in range(10_000)]

    assert grows_like_its_input(lambda count: signature_bands_of(posts[:count]), 2_500)


STORED_BANDS_OF_HELLO_WORLD = [7560765940497697361, 1062210011230057313]
