"""Public data beside the repository, for tests that measure against it; without it they are skipped by name."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared(path: str) -> Path:
    """Return the file of that name, or skip the test and say which one is missing."""
    found = _SHARED / path
    if not found.exists():
        pytest.skip(f"public data is missing: {path}")
    return found
