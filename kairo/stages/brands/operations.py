"""Writes of brands: the import of a brand file, settings, and snapshots."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import yaml
from django.db import transaction
from pydantic import BaseModel, ValidationError

from kairo.errors import FieldError
from kairo.platform.jobs.operations import enqueue
from kairo.platform.policy.domains import domain_rules
from kairo.stages.brands import queries
from kairo.stages.brands.contracts import (
    BrandChanged,
    BrandDTO,
    BrandFile,
    BrandNotFound,
    BrandSettings,
    BrandSettingsDTO,
    BrandSnapshotDTO,
    InvalidBrandFile,
)
from kairo.stages.brands.models import Brand, BrandPart, BrandSnapshot, ContentPillar, PatternTemplate, Persona

CHANGED = "brands.changed"
PRIORITY = 7
DEFAULT_PLATFORMS = ["instagram", "tiktok"]
MAX_BRAND_FILE_BYTES = 200_000
# A brand file is four levels deep. Deeper ones cost the reader the square of their depth.
MAX_BRAND_FILE_DEPTH = 20
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_brand_file(path: Path) -> BrandFile:
    """Read and check a brand file.

    Raises:
        InvalidBrandFile: names each field that is wrong, or says why the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidBrandFile(f"The brand file {path} cannot be read: {error}.") from error
    return parse_brand_file(text)


def parse_brand_file(text: str) -> BrandFile:
    """Check the text of a brand file.

    Raises:
        InvalidBrandFile: names each field that is wrong.
    """
    if len(text) > MAX_BRAND_FILE_BYTES:
        raise InvalidBrandFile(f"A brand file has at most {MAX_BRAND_FILE_BYTES:,} characters; this has {len(text):,}.")
    try:
        _require_plain(text)
        parsed = yaml.load(text, Loader=_Loader)  # noqa: S506 - one of the safe loaders
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidBrandFile(f"The brand file is not YAML: {error}") from error
    if not isinstance(parsed, dict):
        raise InvalidBrandFile("A brand file is a mapping with `brand:` at its top; see docs/brand-file.md.")
    try:
        return BrandFile.model_validate(parsed)
    except ValidationError as error:
        problems = tuple(
            FieldError(".".join(str(part) for part in item["loc"]) or "(file)", item["msg"]) for item in error.errors()
        )
        lines = "\n".join(f"  {problem.field}: {problem.message}" for problem in problems)
        raise InvalidBrandFile(f"The brand file has mistakes:\n{lines}", errors=problems) from error


def _require_plain(text: str) -> None:
    """Refuse what makes a small text a large document: references to earlier parts, and parts in parts without end."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_BRAND_FILE_DEPTH:
            raise InvalidBrandFile(f"A brand file has at most {MAX_BRAND_FILE_DEPTH} levels; this has more.")
        if isinstance(event, yaml.AliasEvent):
            raise InvalidBrandFile("A brand file has no references (*name): write the part out where it is meant.")


@transaction.atomic
def import_brand(*, file: BrandFile, at: datetime, is_synthetic: bool = False) -> tuple[BrandDTO, bool, bool]:
    """Make or update the brand that a file describes, in the running tenant; returns (brand, created, changed).

    Parts that the file leaves out are archived, never deleted: boards may refer to them. The same file again changes
    nothing.
    """
    head = file.brand.model_dump()
    head["platforms"] = DEFAULT_PLATFORMS if head["platforms"] is None else head["platforms"]
    head["is_synthetic"] = is_synthetic
    row = Brand.objects.select_for_update().filter(slug=file.brand.slug).first()
    created = row is None
    if row is None:
        row = Brand.objects.create(**head, created_at=at, updated_at=at)
    changed = _assign(row, head | {"archived_at": None})
    changed |= _replace_parts(Persona, row, list(file.personas), at)
    changed |= _replace_parts(ContentPillar, row, list(file.pillars), at)
    changed |= _replace_parts(PatternTemplate, row, list(file.patterns), at)
    changed |= created
    if changed:
        row.updated_at = at
        row.save()
        enqueue(CHANGED, BrandChanged(brand_id=row.id), priority=PRIORITY)
    return row.to_contract(), created, changed


def _replace_parts(table: type[BrandPart], brand: Brand, wanted: list[BaseModel], at: datetime) -> bool:
    rows = {row.name: row for row in table.objects.filter(brand=brand)}
    changed = False
    for part in wanted:
        fields = part.model_dump()
        row = rows.pop(fields["name"], None) or table(brand=brand)
        if _assign(row, fields | {"archived_at": None}) or row._state.adding:
            row.save()
            changed = True
    for row in rows.values():
        if row.archived_at is None:
            row.archived_at = at
            row.save(update_fields=["archived_at"])
            changed = True
    return changed


def _assign(row: Brand | BrandPart, fields: dict[str, object]) -> bool:
    """Set the fields that differ; tell whether any did."""
    different = {name: value for name, value in fields.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


@transaction.atomic
def change_settings(*, brand_id: UUID, change: Mapping[str, object], at: datetime) -> BrandSettingsDTO:
    """Change those of a brand's settings that are given (`gates` one by one), and return all as they hold then.

    Only what differs from the defaults is stored: setting a default takes a change back.

    Raises:
        BrandNotFound: not there, or somebody else's.
        InvalidBrandSettings: a setting that is unknown or out of its bounds.
        UnusableDomainRule: an entry of a list of domains is no domain.
    """
    row = Brand.objects.select_for_update().filter(id=brand_id).first()
    if row is None:
        raise BrandNotFound("There is no such brand.")
    before = queries.settings_of(brand_id).settings.model_dump()
    settings = queries.checked_settings(_merged(before, change))
    domain_rules((*settings.allowed_domains, *settings.denied_domains))
    others = {name: value for name, value in row.settings.items() if name not in BrandSettings.model_fields}
    stored = others | settings.model_dump(mode="json", exclude_defaults=True)
    if stored != row.settings:
        row.settings, row.updated_at = stored, at
        row.save(update_fields=["settings", "updated_at"])
    return queries.settings_of(brand_id)


def _merged(before: dict[str, object], change: Mapping[str, object]) -> dict[str, object]:
    gates, changed_gates = before["gates"], change.get("gates")
    if isinstance(gates, dict) and isinstance(changed_gates, Mapping):
        return {**before, **change, "gates": {**gates, **changed_gates}}
    return {**before, **change}


def take_snapshot(*, brand_id: UUID, at: datetime) -> BrandSnapshotDTO:
    """Keep the brand as it is now; an unchanged brand gets its earlier snapshot again.

    Raises:
        BrandNotFound: not there, or somebody else's.
    """
    brand = queries.brand(brand_id)
    content = {
        "brand_name": brand.name,
        "positioning": brand.positioning,
        "pillars": [part.model_dump(mode="json") for part in queries.pillars(brand_id) if part.is_active],
        "personas": [part.model_dump(mode="json") for part in queries.personas(brand_id)],
        "voice_tone_tags": brand.tone_tags,
        "taboos": brand.taboos,
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    row, _ = BrandSnapshot.objects.get_or_create(
        brand_id=brand_id, content_sha256=digest, defaults={"content": content, "snapshot_at": at}
    )
    return row.to_contract()
