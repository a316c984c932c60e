"""Brand fixtures of evaluations: a folder with brand.yaml and items.jsonl, imported into an account of its own.

The account's name carries the fingerprint of both files, so that a changed fixture never meets an earlier one's posts,
and an unchanged one is imported once. Its brand is named like the account: no command takes it for somebody's brand.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

from pydantic import JsonValue, ValidationError

from kairo.errors import Invalid, NotFound
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.operations import ensure_tenant
from kairo.stages.brands import operations as brands
from kairo.stages.brands.contracts import BrandFile, InvalidBrandFile
from kairo.stages.content.rules.evaluating_report import EvalInputs, Expected
from kairo.stages.evidence import operations as evidence
from kairo.stages.opportunities.contracts import ExternalSignalBundleDTO

FIXTURES = Path("evals", "hero")
BRAND_FILE = "brand.yaml"
ITEMS_FILE = "items.jsonl"
SIGNALS_FILE = "signals.json"
EXPECTED_FILE = "expected.json"
FROM_FILE = "fixture"
FROM_EVIDENCE = "evidence"
LONGEST_NAME = 40
MOST_SIGNALS_BYTES = 1_000_000
_KINDS = ("trends", "web_mentions", "competitor_posts", "social_moments")


class FixtureNotFound(NotFound):
    """There is no such folder, or a file that every fixture has is missing in it."""

    code = "fixture_not_found"


class InvalidFixture(Invalid):
    """A file of the fixture cannot be read."""

    code = "invalid_fixture"


@dataclass(frozen=True)
class Fixture:
    """A fixture as it was read; nothing of it is stored yet."""

    name: str
    items: Path
    brand: BrandFile
    as_of: datetime
    sha256: str
    signals: ExternalSignalBundleDTO | None = None
    expected: Expected | None = None

    @property
    def account(self) -> str:
        return f"eval-{self.name}-{self.sha256[:8]}"


@dataclass(frozen=True)
class Subject:
    """What is evaluated: a stored brand as of a moment, and signals where a fixture brings its own."""

    name: str
    tenant_id: UUID
    brand_id: UUID
    as_of: datetime
    inputs: EvalInputs
    signals: ExternalSignalBundleDTO | None = None
    expected: Expected | None = None


def known_fixture(slug: str) -> Fixture | None:
    """Read the fixture of this name in the working directory's evals/hero, if there is one.

    Raises as `read_fixture` does.
    """
    known = _name(Path(slug)) == slug and (FIXTURES / slug).is_dir()
    return read_fixture(FIXTURES / slug) if known else None


def read_fixture(folder: Path, *, slug: str | None = None) -> Fixture:
    """Read and check a fixture's files; `slug`, where it is given, is that of its brand or the folder's name.

    Raises:
        FixtureNotFound: the folder or one of its files is missing, or it is another brand's.
        InvalidFixture: a file cannot be read; says which and why.
    """
    if not folder.is_dir():
        raise FixtureNotFound(
            f"There is no folder {folder}: a fixture is a folder with {BRAND_FILE}, {ITEMS_FILE} and {SIGNALS_FILE}."
        )
    for name in (BRAND_FILE, ITEMS_FILE):
        if not (folder / name).is_file():
            raise FixtureNotFound(f"The fixture {folder} lacks {name}: add it, or name another folder.")
    brand = _brand(folder / BRAND_FILE)
    if slug not in (None, brand.brand.slug, folder.resolve().name):
        raise FixtureNotFound(f"The fixture {folder} is of the brand {brand.brand.slug!r}, not of {slug!r}.")
    signals, fetched_at = _signals(folder)
    digest = hashlib.sha256()
    for name in (BRAND_FILE, ITEMS_FILE):
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return Fixture(
        name=_name(folder),
        items=folder / ITEMS_FILE,
        brand=brand,
        as_of=fetched_at or _newest(folder / ITEMS_FILE),
        sha256=digest.hexdigest(),
        signals=signals,
        expected=_expected(folder),
    )


def store_fixture(fixture: Fixture, *, max_opportunities: int | None) -> Subject:
    """Bring a fixture into its account: made if missing, unchanged where it is there already.

    Raises:
        UnreadableFile: items.jsonl as a whole cannot be read.
        ImportUnderWay: somebody else imports the same fixture at this moment.
    """
    account = ensure_tenant(slug=fixture.account)
    head = fixture.brand.brand.model_copy(update={"slug": fixture.account})
    # Its surfaces are left out: nobody is to listen for a brand that nobody has.
    file = fixture.brand.model_copy(update={"brand": head, "surfaces": [], "tenant": None})
    with tenant_transaction(account.id):
        brand, _, _ = brands.import_brand(file=file, at=fixture.as_of, is_synthetic=True)
    report = evidence.import_file(tenant_id=account.id, brand_id=brand.id, path=fixture.items, at=fixture.as_of)
    inputs = EvalInputs(
        brand=brand.name,
        items=report.read - report.rejected,
        rejected=report.rejected,
        signals=FROM_EVIDENCE if fixture.signals is None else FROM_FILE,
        sha256=fixture.sha256,
        max_opportunities=max_opportunities,
    )
    return Subject(
        name=fixture.name,
        tenant_id=account.id,
        brand_id=brand.id,
        as_of=fixture.as_of,
        inputs=inputs,
        signals=fixture.signals,
        expected=fixture.expected,
    )


def _brand(path: Path) -> BrandFile:
    try:
        return brands.read_brand_file(path)
    except InvalidBrandFile as error:
        told = " ".join(error.message.split())
        raise InvalidFixture(f"{path} cannot be used, docs/brand-file.md shows its form: {told}") from error


def _name(folder: Path) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")
    return plain[:LONGEST_NAME].strip("-") or "fixture"


def _signals(folder: Path) -> tuple[ExternalSignalBundleDTO | None, datetime | None]:
    """Read signals.json: its signals, where it has any, and the moment that the fixture stands for."""
    path = folder / SIGNALS_FILE
    if not path.is_file():
        return None, None
    written = _document(path)
    try:
        for kind in _KINDS:
            written[kind] = _with_ids(folder, kind, written.get(kind, []))
        bundle = ExternalSignalBundleDTO.model_validate({**written, "brand_id": UUID(int=0)})
    except (TypeError, ValueError) as error:
        raise InvalidFixture(f"{path} is no bundle of signals: {_first(error)}.") from error
    fetched_at = bundle.fetched_at if bundle.fetched_at.tzinfo else bundle.fetched_at.replace(tzinfo=UTC)
    holds_some = any(getattr(bundle, kind) for kind in _KINDS)
    return (bundle.model_copy(update={"fetched_at": fetched_at}) if holds_some else None), fetched_at


def _with_ids(folder: Path, kind: str, signals: JsonValue) -> JsonValue:
    """Give signals without an id one that is the same each time."""
    if not isinstance(signals, list):
        raise TypeError(f"{kind} is no list")
    named = uuid5(UUID(int=0), _name(folder))
    return [
        {"id": str(uuid5(named, f"{kind}:{place}")), **signal} if isinstance(signal, dict) else signal
        for place, signal in enumerate(signals)
    ]


def _expected(folder: Path) -> Expected | None:
    path = folder / EXPECTED_FILE
    if not path.is_file():
        return None
    try:
        return Expected.model_validate(_document(path))
    except ValidationError as error:
        raise InvalidFixture(f"{path} cannot be used: {_first(error)}.") from error


def _document(path: Path) -> dict[str, JsonValue]:
    try:
        if path.stat().st_size > MOST_SIGNALS_BYTES:
            raise ValueError(f"it has more than {MOST_SIGNALS_BYTES:,} bytes")
        written = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidFixture(f"{path} is no JSON document that can be read: {error}.") from error
    if not isinstance(written, dict):
        raise InvalidFixture(f"{path} is no JSON object.")
    return written


def _newest(items: Path) -> datetime:
    """Return the newest date in a file of items, for a fixture that does not say of which moment it is."""
    newest: datetime | None = None
    for line in items.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        try:
            told = json.loads(line)
            at = datetime.fromisoformat(str(told["published_at"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        newest = at if newest is None or at > newest else newest
    if newest is None:
        raise InvalidFixture(
            f"No line of {items} has a published_at that can be read: say the moment as fetched_at in {SIGNALS_FILE}."
        )
    return newest


def _first(error: Exception) -> str:
    """Say in one line what is wrong."""
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return f"{'.'.join(map(str, found['loc'])) or '(file)'}: {found['msg']}"
    return str(error)
