"""Texts into vectors, behind one interface; the default needs no network, no key and no graphics card."""

from kairo.platform.embeddings.choosing import default_embedder, embedder_named
from kairo.platform.embeddings.contracts import Embedder, EmbedderUnavailable, UnknownEmbedder
from kairo.platform.embeddings.static import StaticEmbedder

__all__ = [
    "Embedder",
    "EmbedderUnavailable",
    "StaticEmbedder",
    "UnknownEmbedder",
    "default_embedder",
    "embedder_named",
]
