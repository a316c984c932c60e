"""All speed benchmarks one after the other, each in a process of its own: two at a time would measure each other.

python -m bench.all        BENCH_SCALE=.1 (default): about 6 minutes; 1: at most 25
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

from bench.table import ROOT, SCALE

PARTS = ("jobs", "today", "start", "first_paint", "duplicates", "import_posts")
LONGEST_S = 15 * 60


def main() -> None:
    """Run every part to its end, say how long each took, and fail if one did."""
    took_s: dict[str, float] = {}
    failed = []
    for part in PARTS:
        started = time.perf_counter()
        if not succeeds(part):
            failed.append(part)
        took_s[part] = time.perf_counter() - started
    print("\n" + "\n".join(f"{part:<14}{seconds:>7.0f} s" for part, seconds in took_s.items()))
    print(f"{'all':<14}{sum(took_s.values()):>7.0f} s")
    path = ROOT / "bench" / "results" / "all.json"
    path.write_text(json.dumps({"scale": SCALE, "seconds": took_s, "failed": failed}, indent=1) + "\n")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def succeeds(part: str) -> bool:
    """Run one part; its tables are printed as it goes."""
    try:
        return subprocess.run([sys.executable, "-m", f"bench.{part}"], cwd=ROOT, timeout=LONGEST_S).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"{part}: not done in {LONGEST_S // 60} minutes")
        return False


if __name__ == "__main__":
    main()
