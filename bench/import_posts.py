"""Import of posts on one core: items a second and memory at two sizes, beside COPY of the same raw rows.

    python bench/import_posts.py        BENCH_SCALE=.1 (default): 1,000 and 20,000 posts; 1: 10,000 and 200,000
    BENCH_IMPORT_POSTS=1000000 BENCH_SCALE=1 for the full size

Client and server share one core. Each size runs in a process and a database of its own; both sides run in turn there.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import IO

import psycopg

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "import_posts.json"
SIZES = (10_000, int(os.environ.get("BENCH_IMPORT_POSTS", "200000")))
WARM_UP_POSTS = 1_000
COPIES_OF_EARLIER = 0.06
REMEMBERED = 2_000
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PLATFORMS = ("instagram", "tiktok", "reddit", "youtube")
ENDINGS = ("", "", "!", " 🔥🔥", " 😂", "…", " https://example.com/p?id=7", " #skincare #fyp", " (link in bio)")


def main() -> None:
    """Run both sizes and print and keep the figures."""
    if "--measure" in sys.argv:
        measure(int(sys.argv[-1]))
        return
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    scale = float(os.environ.get("BENCH_SCALE", ".1"))
    with tempfile.TemporaryDirectory() as folder:
        figures = [in_own_process(round(size * scale), Path(folder)) for size in SIZES]
    print_table(figures)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"scale": scale, "cores": 1, "sizes": figures}, indent=1) + "\n")
    print(f"\nwritten to {RESULTS.relative_to(ROOT)}")


def in_own_process(size: int, folder: Path) -> dict[str, float]:
    """Start a fresh server, let a child process measure one size against it, and return its figures."""
    from kairo.platform.database.embedded import ROOT_HOME, own_server

    home = ROOT_HOME if os.geteuid() == 0 else None
    if home:
        home.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="b-", dir=home))
    directory.chmod(0o755)
    try:
        with own_server(directory) as address:
            environment = {
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "DJANGO_SETTINGS_MODULE": "kairo.config.settings",
                "DATABASE_URL": address.app_url,
                "KAIRO_OWNER_DATABASE_URL": address.owner_url,
                "KAIRO_DATA_DIR": str(folder),
                "KAIRO_LOG_LEVEL": "WARNING",
            }
            command = [sys.executable, __file__, "--measure", str(size)]
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, cwd=folder)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(size: int) -> None:
    """Import one file of generated posts and COPY the same rows, and print the figures as JSON."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0)
    tenant_id, brand_id = a_brand()
    write_posts(Path("warm-up.jsonl"), WARM_UP_POSTS, seed=1)
    write_posts(Path("posts.jsonl"), size, seed=2)
    import_posts(Path("warm-up.jsonl"), tenant_id, brand_id)
    resting_mb = peak_mb()
    started, ours_before, servers_before = time.perf_counter(), time.process_time(), server_cpu_s()
    stored = import_posts(Path("posts.jsonl"), tenant_id, brand_id)
    took_s = time.perf_counter() - started
    ours_s, servers_s = time.process_time() - ours_before, server_cpu_s() - servers_before
    assert stored == size, f"{stored} of {size} posts are new"
    copy_s = copy_raw(Path("posts.jsonl"))
    figures = {
        "posts": size,
        "seconds": took_s,
        "client_cpu_seconds": ours_s,
        "server_cpu_seconds": servers_s,
        "copy_seconds": copy_s,
        "resting_mb": resting_mb,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(figures))


def a_brand() -> tuple[object, object]:
    """Make a tenant and a brand to import for."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.platform.tenancy.operations import create_tenant
    from kairo.stages.brands import operations
    from kairo.stages.brands.contracts import BrandFile

    tenant_id = create_tenant(slug="bench").id
    with tenant_transaction(tenant_id):
        file = BrandFile.model_validate({"brand": {"slug": "bench", "name": "Bench"}})
        brand, _, _ = operations.import_brand(file=file, at=NOW)
    return tenant_id, brand.id


def import_posts(path: Path, tenant_id: object, brand_id: object) -> int:
    """Import through the door that people use and return how many posts are new."""
    from kairo.stages.evidence import operations

    report = operations.import_file(tenant_id=tenant_id, brand_id=brand_id, path=path, at=NOW)  # type: ignore[arg-type]
    assert report.normalized == report.new, f"{report.normalized} of {report.new} posts were normalised"
    return report.new


def copy_raw(path: Path) -> float:
    """COPY the same records into a table of raw JSON with its key, and return the seconds."""
    with psycopg.connect(os.environ["KAIRO_OWNER_DATABASE_URL"]) as server:
        server.execute("CREATE TABLE raw_post (id bigint PRIMARY KEY, raw_json jsonb NOT NULL)")
        server.commit()
        started = time.perf_counter()
        with server.cursor().copy("COPY raw_post FROM STDIN") as copy, path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                copy.write_row((number, line))
        server.commit()
        return time.perf_counter() - started


def write_posts(path: Path, count: int, *, seed: int) -> None:
    """Write generated generic posts as JSONL: words by Zipf's law, a few reposts, three weeks, four platforms."""
    dice = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        write_lines(file, dice, count, seed)


def write_lines(file: IO[str], dice: random.Random, count: int, seed: int) -> None:
    for number, text in enumerate(texts(dice, count)):
        likes = round(dice.lognormvariate(4, 1.5))
        post = {
            "platform": dice.choice(PLATFORMS),
            "platform_item_id": f"{seed}-{number}",
            "url": f"https://example.com/{seed}/{number}",
            "author": f"person{dice.randrange(count)}",
            "text": text,
            "media_type": "image",
            "published_at": (NOW - timedelta(seconds=dice.randrange(21 * 24 * 3600))).isoformat(),
            "views": likes * 20,
            "likes": likes,
            "comments": likes // 9,
        }
        file.write(json.dumps(post, ensure_ascii=False) + "\n")


def texts(dice: random.Random, count: int) -> Iterator[str]:
    """Yield texts of 6 to 40 words with what posts carry; some repeat an earlier one with another ending."""
    words = vocabulary()
    weights = list(accumulate(1 / (rank + 8) for rank in range(len(words))))
    earlier: list[str] = []
    for _ in range(count):
        if earlier and dice.random() < COPIES_OF_EARLIER:
            said = dice.choice(earlier)
        else:
            said = " ".join(dice.choices(words, cum_weights=weights, k=dice.randint(6, 40))).capitalize()
            earlier = [*earlier[-REMEMBERED:], said] if dice.random() < 0.1 else earlier
        yield said + dice.choice(ENDINGS)


def vocabulary() -> list[str]:
    """Return the words that the embedder's tokenizer knows as a whole, the frequent ones first."""
    from kairo.platform.embeddings.static import _load_weights

    tokenizer, _ = _load_weights()
    known = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    return [token[1:] for token, _ in known if token.startswith("▁") and token[1:].isascii() and token[1:].islower()]


def server_cpu_s() -> float:
    """Return the processor time that the server's process for our connection has used."""
    from kairo.platform.database.sql import rows

    [[pid]] = rows("SELECT pg_backend_pid()")
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb() -> float:
    """Return the most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def print_table(figures: list[dict[str, float]]) -> None:
    """Print a line a size; on a busy machine the items a second of processor time are the ones to compare."""
    heads = (
        "posts",
        "items/s",
        "items/cpu s",
        "client s",
        "server s",
        "COPY rows/s",
        "ours:COPY",
        "peak MB",
        "grown MB",
    )
    print("".join(f"{head:>13}" for head in heads))
    for row in figures:
        ours, copy = row["posts"] / row["seconds"], row["posts"] / row["copy_seconds"]
        cpu_s = row["client_cpu_seconds"] + row["server_cpu_seconds"]
        cells = (
            f"{row['posts']:,}",
            f"{ours:,.0f}",
            f"{row['posts'] / cpu_s:,.0f}",
            f"{row['client_cpu_seconds']:.1f}",
            f"{row['server_cpu_seconds']:.1f}",
            f"{copy:,.0f}",
            f"{ours / copy:.3f}",
            f"{row['peak_mb']:.0f}",
            f"{row['peak_mb'] - row['resting_mb']:.0f}",
        )
        print("".join(f"{cell:>13}" for cell in cells))


if __name__ == "__main__":
    main()
