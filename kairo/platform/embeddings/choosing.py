"""Which embedder an installation uses, and any other one by its name: vectors that are stored keep theirs."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from kairo.platform.embeddings.contracts import Embedder, UnknownEmbedder
from kairo.platform.embeddings.static import StaticEmbedder


def default_embedder() -> Embedder:
    """Return the embedder of this installation: KAIRO_EMBEDDER, the static one by default.

    Raises:
        UnknownEmbedder: the setting names none.
    """
    return embedder_named(getattr(settings, "KAIRO_EMBEDDER", StaticEmbedder.name) if settings.configured else "static")


@cache
def embedder_named(name: str) -> Embedder:
    """Return the one embedder of this name in this process; nothing is loaded or asked before its first text.

    Raises:
        UnknownEmbedder: there is none.
    """
    kind, _, model = name.partition(":")
    if name == StaticEmbedder.name:
        return StaticEmbedder()
    if kind == "sentence-transformers" and model:
        from kairo.platform.embeddings.sentence_transformers import SentenceTransformersEmbedder

        return SentenceTransformersEmbedder(model)
    if kind == "openai" and model:
        from kairo.platform.embeddings.endpoint import EndpointEmbedder

        return EndpointEmbedder(model, url=settings.KAIRO_EMBEDDINGS_URL, key=settings.KAIRO_EMBEDDINGS_API_KEY or "")
    raise UnknownEmbedder(name)
