"""Embedders by name."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from kairo.platform.embeddings import UnknownEmbedder, default_embedder, embedder_named
from kairo.platform.embeddings.contracts import EmbedderNotInstalled


def test_the_static_embedder_is_the_default() -> None:
    assert default_embedder() is embedder_named("static")


@pytest.mark.parametrize("name", ["", "word2vec", "openai", "openai:", "sentence-transformers:", "static:x"])
def test_a_name_that_there_is_not_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(UnknownEmbedder, match="write static, sentence-transformers:MODEL"):
        embedder_named(name)


@pytest.mark.skipif(find_spec("sentence_transformers") is not None, reason="the extra is installed here")
def test_a_missing_extra_is_told_at_the_first_text_with_how_to_install_it() -> None:
    minilm = embedder_named("sentence-transformers:all-MiniLM-L6-v2")

    with pytest.raises(EmbedderNotInstalled, match=r"pip install 'kairo\[sentence-transformers\]'"):
        minilm.embed(["hello"])
