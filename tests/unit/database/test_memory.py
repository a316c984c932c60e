"""The share of memory that the embedded server keeps pages in."""

from __future__ import annotations

import pytest

from kairo.platform.database.memory import LEAST_MB, MOST_MB, available_bytes, shared_buffers_mb


@pytest.mark.parametrize(
    ("gigabytes", "megabytes"), [(0, LEAST_MB), (0.5, LEAST_MB), (2, 256), (16, 2048), (512, MOST_MB)]
)
def test_the_server_gets_an_eighth_within_bounds(gigabytes: float, megabytes: int) -> None:
    assert shared_buffers_mb(round(gigabytes * 2**30)) == megabytes


def test_the_machine_or_its_container_has_memory() -> None:
    assert 2**26 < available_bytes() < 2**50
