"""A package as a file: Markdown to read, JSON for programs, CSV for schedulers and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from kairo.stages.content.contracts import (
    ClaimStatus,
    ContentPackageDTO,
    ExportedFile,
    ExportFormat,
    VariantDTO,
    VariantStatus,
)
from kairo.stages.content.rules.channels import published_text

BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet program takes UTF-8 for its own code page."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
COLUMNS = (
    "channel",
    "status",
    "scheduled_publish_at",
    "title",
    "text",
    "call_to_action",
    "claims_to_check",
    "variant_id",
    "version",
)


CONTENT_TYPES = {
    ExportFormat.MARKDOWN: "text/markdown; charset=utf-8",
    ExportFormat.JSON: "application/json; charset=utf-8",
    ExportFormat.CSV: "text/csv; charset=utf-8",
}


def exported(package: ContentPackageDTO, variants: Sequence[VariantDTO], form: ExportFormat) -> ExportedFile:
    """Return a package with the variants that may still go out or are out, as a file."""
    return ExportedFile(
        name=f"package-{package.id}.{form}", content_type=CONTENT_TYPES[form], text=_text(package, variants, form)
    )


def _text(package: ContentPackageDTO, variants: Sequence[VariantDTO], form: ExportFormat) -> str:
    shown = [one for one in variants if one.status not in {VariantStatus.REJECTED, VariantStatus.ARCHIVED}]
    if form is ExportFormat.JSON:
        document = {
            "package": package.model_dump(mode="json"),
            "variants": [variant.model_dump(mode="json") for variant in shown],
        }
        return json.dumps(document, ensure_ascii=False, indent=2)
    return _csv(shown) if form is ExportFormat.CSV else _markdown(package, shown)


def safe_cell(text: str) -> str:
    """Return a text that a spreadsheet shows as it stands and never computes: an apostrophe goes before a formula."""
    return f"'{text}" if text.lstrip(" \u00a0\u3000").startswith(_FORMULA_STARTS) else text


def _csv(variants: Sequence[VariantDTO]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for variant in variants:
        to_check = [claim.text for claim in variant.claims if claim.status is ClaimStatus.TO_CHECK]
        due = variant.scheduled_publish_at
        cells = (
            variant.channel,
            variant.status,
            due.isoformat() if due else "",
            variant.title or "",
            published_text(variant.body, variant.call_to_action),
            variant.call_to_action or "",
            " | ".join(to_check),
            str(variant.id),
            str(variant.version),
        )
        writer.writerow([safe_cell(cell) for cell in cells])
    return BYTE_ORDER_MARK + written.getvalue()


def _markdown(package: ContentPackageDTO, variants: Sequence[VariantDTO]) -> str:
    parts = [f"# {_one_line(package.title)}", *filter(None, [package.thesis, package.summary])]
    for variant in variants:
        parts.append(f"## {variant.channel} · {variant.status}")
        if variant.title:
            parts.append(f"**{_one_line(variant.title)}**")
        parts.append(published_text(variant.body, variant.call_to_action))
        to_check = [claim.text for claim in variant.claims if claim.status is ClaimStatus.TO_CHECK]
        if to_check:
            parts.append("To check before it goes out:\n\n" + "\n".join(f"- {_one_line(text)}" for text in to_check))
    return "\n\n".join(parts) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())
