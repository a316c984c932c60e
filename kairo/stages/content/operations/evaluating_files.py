"""Reports as files: where they are written, the one before, and reading them again."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from kairo.errors import Invalid, NotFound
from kairo.stages.content.rules.evaluating_compare import Comparison, compare, since
from kairo.stages.content.rules.evaluating_page import comparison_page, page
from kairo.stages.content.rules.evaluating_report import KIND, EvalReport

__all__ = [
    "EvalReport",
    "compare_reports",
    "comparison_page",
    "read_report",
    "report_folder",
    "with_previous",
    "write_report",
]

FOLDER = Path("docs", "eval", KIND)
DATA_FOLDER = Path("eval", KIND)
_STAMP = r"\d{8}T\d{6}\d{3}Z"


class ReportNotFound(NotFound):
    code = "report_not_found"


class InvalidReport(Invalid):
    """The file is no report of an evaluation, or of another version."""

    code = "invalid_report"


class UnwritableFolder(Invalid):
    """Reports cannot be written where they were asked for."""

    code = "unwritable_folder"


def report_folder(named: Path | None, *, data_directory: Path) -> Path:
    """Return the folder for reports, made if missing: the named one, else the working directory's, else the data's.

    Raises:
        UnwritableFolder: the named one, or all of them, cannot be written.
    """
    tried = [named] if named is not None else [FOLDER, data_directory / DATA_FOLDER]
    for folder in tried:
        if _is_writable(folder):
            return folder
    raise UnwritableFolder(
        f"No report can be written to {' or '.join(map(str, tried))}: name another folder with --out."
    )


def with_previous(report: EvalReport, folder: Path) -> EvalReport:
    """Return a report with its differences from the newest one of the same fixture and generator in the folder."""
    name = re.compile(rf"hero-{re.escape(report.fixture)}-{report.generator}-{_STAMP}\.json")
    earlier = sorted(path for path in folder.iterdir() if name.fullmatch(path.name))
    for path in reversed(earlier):
        try:
            return report.model_copy(update={"previous": since(read_report(path), report, file=path.name)})
        except InvalidReport:
            continue  # A file of an older form says nothing to compare with.
    return report


def write_report(report: EvalReport, folder: Path) -> tuple[Path, Path]:
    """Write a report as JSON and as Markdown, and return both paths."""
    stem = f"hero-{report.fixture}-{report.generator}-{_stamp(report.made_at)}"
    written = folder / f"{stem}.json", folder / f"{stem}.md"
    for path, text in zip(written, (f"{report.model_dump_json(indent=1)}\n", page(report)), strict=True):
        # Whoever lists the folder meanwhile sees whole reports only.
        unfinished = path.with_suffix(f"{path.suffix}.part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    return written


def read_report(path: Path) -> EvalReport:
    """Read a report again.

    Raises:
        ReportNotFound: there is no such file.
        InvalidReport: it is no report.
    """
    if not path.is_file():
        raise ReportNotFound(f"There is no report {path}. `kairo eval hero` writes reports and says where.")
    try:
        report = EvalReport.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise InvalidReport(f"{path} is no report of an evaluation that this version can read.") from error
    if report.kind != KIND:
        raise InvalidReport(f"{path} is a report of {report.kind}, not of {KIND}.")
    return report


def compare_reports(before: Path, after: Path) -> Comparison:
    """Put two reports side by side.

    Raises:
        ReportNotFound, InvalidReport: as `read_report` says.
    """
    return compare(read_report(before), read_report(after), before=before.name, after=after.name)


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03}Z"
