"""Warm starts of `kairo run` until /readyz answers; the cold start that makes the data directory is shown beside.

python -m bench.start        five warm starts at every scale
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.table import ROOT, Line, free_port, report

WARM_STARTS = 5
READY_WITHIN_S = 180
OWN = ("DATABASE_URL", "KAIRO_OWNER_DATABASE_URL", "KAIRO_DATA_DIR", "KAIRO_SECRET_KEY", "KAIRO_EMBEDDED")


def main() -> None:
    """Start once cold and five times warm in one data directory, and report the median and the slowest."""
    from kairo.platform.database.embedded import ROOT_HOME

    home = ROOT_HOME if os.geteuid() == 0 else None
    if home:
        home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="b-", dir=home) as directory:
        Path(directory).chmod(0o755)
        cold_s = seconds_to_ready(Path(directory))
        warm_s = [seconds_to_ready(Path(directory)) for _ in range(WARM_STARTS)]
    against = ("cold start with the demo brand", cold_s, "s")
    report(
        "start",
        [
            Line("kairo run until /readyz, median", statistics.median(warm_s), *against, "≤ 4 s"),
            Line("kairo run until /readyz, slowest", max(warm_s), *against),
        ],
    )


def seconds_to_ready(directory: Path) -> float:
    """Run Kairo in a data directory, stop it once /readyz answers 200, and return the seconds until then."""
    port = free_port()
    command = [sys.executable, "-m", "kairo.interfaces.cli.main", "--data-dir", str(directory)]
    environment = {name: value for name, value in os.environ.items() if name not in OWN} | {"PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    served = subprocess.Popen(
        [*command, "run", "--port", str(port), "--no-browser"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while not _is_ready(port):
            if served.poll() is not None or time.perf_counter() - started > READY_WITHIN_S:
                raise SystemExit(f"kairo run was not ready within {READY_WITHIN_S} s (exit code {served.poll()})")
            time.sleep(0.02)
        return time.perf_counter() - started
    finally:
        served.terminate()
        served.wait()


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    main()
