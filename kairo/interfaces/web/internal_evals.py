"""The reports of evaluations, as they lie in their folders. They belong to the installation, not to an account."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kairo.interfaces.web.internal_access import for_operators
from kairo.platform.tenancy.internal import InternalAccess

REPORTS: Final = Path("docs/eval/hero_loop")
IN_DATA: Final = Path("eval/hero_loop")
FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}\.(?:json|md)")
MOST_SHOWN: Final = 200
MAX_BYTES: Final = 2_000_000


@dataclass(frozen=True)
class Report:
    """A file of an evaluation."""

    name: str
    written_at: datetime
    byte_count: int


@require_safe
@for_operators
def evals(request: HttpRequest, access: InternalAccess) -> HttpResponse:
    """List the reports, newest first."""
    _require_installation(access)
    return render(request, "internal/evals.html", {"reports": _reports(), "current": "evals"})


@require_safe
@for_operators
def report(request: HttpRequest, access: InternalAccess, filename: str) -> HttpResponse:
    """Show one report as it was written."""
    _require_installation(access)
    path = _path_of(filename)
    text = path.read_bytes()[:MAX_BYTES].decode(errors="replace")
    shown = _indented(text) if path.suffix == ".json" else text
    return render(request, "internal/report.html", {"name": filename, "text": shown, "current": "evals"})


def _require_installation(access: InternalAccess) -> None:
    if not access.sees_installation():
        raise Http404


def _folders() -> list[Path]:
    return [REPORTS, Path(settings.KAIRO_DATA_DIR) / IN_DATA]


def _reports() -> list[Report]:
    files = {
        path.name: path
        for folder in _folders()
        if folder.is_dir()
        for path in folder.iterdir()
        if FILE_NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink()
    }
    found = [
        Report(name, datetime.fromtimestamp(path.stat().st_mtime, tz=UTC), path.stat().st_size)
        for name, path in files.items()
    ]
    return sorted(found, key=lambda one: (one.written_at, one.name), reverse=True)[:MOST_SHOWN]


def _path_of(filename: str) -> Path:
    """Return where a report lies.

    Raises:
        Http404: there is none of this name; a name that is more than a name is none.
    """
    if FILE_NAME.fullmatch(filename):
        for folder in reversed(_folders()):
            path = folder / filename
            if path.is_file() and not path.is_symlink():
                return path
    raise Http404


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text
