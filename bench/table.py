"""What every benchmark needs: its size, a server with every guarantee on, the peers' Python, a table and a result."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEERS_PYTHON = ROOT / "bench" / ".venv" / "bin" / "python"
SCALE = float(os.environ.get("BENCH_SCALE", ".1"))


@dataclass(frozen=True)
class Line:
    """One figure beside a peer's; `theirs` is None where the peer could not be measured, and `note` says why."""

    what: str
    ours: float
    peer: str
    theirs: float | None
    unit: str
    reach: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.theirs else None


def report(name: str, lines: Sequence[Line]) -> None:
    """Print the lines as a table and write them to bench/results/, with the scale and the machine's load."""
    load = os.getloadavg()[0]
    print(f"\n{name}: scale {SCALE:g}, {os.cpu_count()} cores, load {load:.1f}")
    print(f"{'what':<36}{'ours':>10}  {'unit':<10}{'beside':<34}{'theirs':>10}{'ratio':>9}  reach")
    for line in lines:
        theirs = "–" if line.theirs is None else f"{line.theirs:,.1f}"
        ratio = "–" if line.ratio is None else f"{line.ratio:.2f}"
        print(
            f"{line.what:<36}{line.ours:>10,.1f}  {line.unit:<10}{line.peer:<34}{theirs:>10}{ratio:>9}  "
            f"{line.reach}{'  ' if line.note else ''}{line.note}"
        )
    path = ROOT / "bench" / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    figures = [asdict(line) | {"ratio": line.ratio} for line in lines]
    stored = {"scale": SCALE, "cores": os.cpu_count(), "load": load, "lines": figures}
    path.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n")
    print(f"written to {path.relative_to(ROOT)}")


@contextmanager
def durable_server(kept: Path | None = None) -> Iterator[str]:
    """Own an embedded server with PostgreSQL's own settings (fsync on), migrated; Django is set up on it.

    Its data is gone afterwards, unless it lies in a `kept` directory. Yields the URL of its superuser.
    """
    from kairo.platform.database.embedded import ROOT_HOME, own_server

    # A terminated benchmark must stop its server, which has a session of its own and would live on.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    home = ROOT_HOME if os.geteuid() == 0 else None
    if home:
        home.mkdir(parents=True, exist_ok=True)
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
    place = tempfile.TemporaryDirectory(prefix="b-", dir=home) if kept is None else nullcontext(str(kept))
    with place as directory:
        Path(directory).chmod(0o755)
        with own_server(Path(directory), settings={"max_connections": "200"}) as address:
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "kairo.config.settings",
                "DATABASE_URL": address.app_url,
                "KAIRO_OWNER_DATABASE_URL": address.owner_url,
                "KAIRO_DATA_DIR": directory,
                "KAIRO_LOG_LEVEL": "WARNING",
            }
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", database="owner", verbosity=0)
            yield address.url("postgres")


@contextmanager
def a_redis() -> Iterator[str]:
    """Own a Redis on a free port for the block where REDIS_URL names none; it keeps nothing on disk, as by default."""
    program = shutil.which("redis-server")
    if "REDIS_URL" in os.environ or program is None:
        yield os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
        return
    port = free_port()
    quiet = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--loglevel", "warning"]
    with tempfile.TemporaryDirectory() as directory:
        server = subprocess.Popen([program, *quiet, "--dir", directory], stdout=subprocess.DEVNULL)
        try:
            time.sleep(0.5)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask_peer(
    program: str, *arguments: str, url: str = "", redis_url: str = "", timeout_s: float = 240
) -> dict[str, float] | str:
    """Run a program of bench/peers/ in the peers' environment and return its figures, or why there are none."""
    if not PEERS_PYTHON.exists():
        return "peers are not installed: run make bench-peers"
    # Ours is not for them: Celery takes the settings of a Django that it finds named there for its own.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    try:
        done = subprocess.run(
            [str(PEERS_PYTHON), str(ROOT / "bench" / "peers" / program), *arguments],
            env={**environment, "PEER_DATABASE_URL": url, "REDIS_URL": redis_url},
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        return f"not done in {timeout_s:.0f} s"
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or ["no message"])[-1][:80]
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def beside(what: str, ours: float, peer: str, figures: dict[str, float] | str, key: str, unit: str, reach: str) -> Line:
    """Put our figure beside a peer's answer, or beside the reason why it gave none."""
    if isinstance(figures, str):
        return Line(what, ours, peer, None, unit, reach, figures)
    return Line(what, ours, peer, figures[key], unit, reach)


def at_share(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
