"""Texts into vectors, behind one interface; the default needs no network, no key and no graphics card."""

from kairo.platform.embeddings.contracts import Embedder
from kairo.platform.embeddings.static import StaticEmbedder, default_embedder

__all__ = ["Embedder", "StaticEmbedder", "default_embedder"]
