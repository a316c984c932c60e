from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import tracemalloc

import numpy as np
import pytest

from kairo.platform.embeddings import Embedder, StaticEmbedder, default_embedder

MOST_GROWN_MB = 8
"""A tokenizer that kept these texts would grow by seven times as much."""
# In a process of its own: what other tests freed would be filled before anything grew.
_READING_TEXTS = """
import random, resource
from kairo.platform.embeddings import StaticEmbedder

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

embedder, dice = StaticEmbedder(), random.Random(5)
words = "calm skin red cheeks cleanser sunscreen serum barrier winter cheap gentle sting".split()

def read(batches):
    for _ in range(batches):
        embedder.embed([" ".join(dice.choices(words, k=25)) for _ in range(1000)])

read(2)
before = peak_mb()
read(8)
print(peak_mb() - before)
"""


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return default_embedder()


def test_rows_have_length_one_and_the_stated_dimension(embedder: Embedder) -> None:
    vectors = embedder.embed(["Best coffee in town", "Лучший кофе в городе", "柏林最好的咖啡"])

    assert (embedder.name, embedder.dimension) == ("static", 256)
    assert vectors.shape == (3, 256)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_texts_without_words_give_rows_of_zeros(embedder: Embedder) -> None:
    vectors = embedder.embed(["", "   ", "🔥🔥", "...!?", "\u200b", "coffee"])

    assert not vectors[:5].any()
    assert vectors[5].any()
    assert not np.isnan(vectors).any()


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 256)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("Best coffee in Berlin", "Where to drink coffee in Berlin?", "Parliament passed the tax law"),
        ("Лучший кофе в Берлине", "Где выпить кофе в Берлине?", "Парламент принял закон о налогах"),
        ("最好的咖啡在柏林", "柏林哪里咖啡好喝", "议会通过了税法"),
    ],
)
def test_alike_texts_lie_closer_in_every_script(embedder: Embedder, text: str, near: str, far: str) -> None:
    one, close, distant = embedder.embed([text, near, far])

    assert one @ close > one @ distant + 0.2


def test_a_row_does_not_depend_on_its_batch(embedder: Embedder) -> None:
    texts = [f"Post number {number} about {'coffee ' * (number % 40)}" for number in range(700)]

    together = embedder.embed(texts)

    np.testing.assert_allclose(
        together[[0, 350, 699]], np.vstack([embedder.embed([texts[at]]) for at in (0, 350, 699)]), atol=1e-6
    )


def test_long_transcripts_do_not_swell_the_memory(embedder: Embedder) -> None:
    transcripts = ["word " * 20_000] * 40
    tracemalloc.start()

    embedder.embed([*transcripts, *["a short post"] * 500])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 60_000_000


def test_nothing_reaches_for_the_network() -> None:
    statement = (
        "import socket\n"
        "def refuse(*_, **__): raise AssertionError('network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from kairo.platform.embeddings import default_embedder\n"
        "print(default_embedder().embed(['hello']).shape)"
    )

    run = subprocess.run(
        [sys.executable, "-c", statement], env={"HOME": "/nonexistent"}, capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "(1, 256)"
    assert socket.socket.connect is not None


def test_loading_leaves_the_logs_of_the_application_alone() -> None:
    statement = (
        "import logging\n"
        "from kairo.platform.embeddings import default_embedder\n"
        "default_embedder().embed(['hello'])\n"
        "print(len(logging.getLogger().handlers), logging.getLogger().level)"
    )

    run = subprocess.run([sys.executable, "-c", statement], capture_output=True, text=True, check=True)

    assert run.stdout.split() == ["0", str(logging.WARNING)]


def test_importing_the_door_reads_no_weights() -> None:
    statement = "import sys, kairo.platform.embeddings; print('wordllama' in sys.modules, 'tokenizers' in sys.modules)"

    run = subprocess.run([sys.executable, "-c", statement], capture_output=True, text=True, check=True)

    assert run.stdout.split() == ["False", "False"]


def test_threads_load_the_weights_once() -> None:
    fresh, rows = StaticEmbedder(), []
    threads = [threading.Thread(target=lambda: rows.append(fresh.embed(["hello"])[0])) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({row.tobytes() for row in rows}) == 1
    assert default_embedder() is default_embedder()


def test_texts_that_were_read_are_not_kept() -> None:
    command = [sys.executable, "-c", _READING_TEXTS]

    run = subprocess.run(command, capture_output=True, text=True, check=True)

    assert int(run.stdout) < MOST_GROWN_MB
