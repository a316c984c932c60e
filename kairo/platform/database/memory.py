"""How much memory the embedded server keeps pages in: its own default holds the indexes of some ten thousand posts."""

from __future__ import annotations

import os
from pathlib import Path

LEAST_MB = 128
"""What PostgreSQL takes by itself."""
MOST_MB = 4096
SHARE = 8
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def shared_buffers_mb(memory_bytes: int | None = None) -> int:
    """Return an eighth of the memory in MB, within bounds; of this machine or container unless told."""
    memory = available_bytes() if memory_bytes is None else memory_bytes
    return min(max(memory // SHARE // 2**20, LEAST_MB), MOST_MB)


def available_bytes() -> int:
    """Return the memory of the machine, or of the container if that has less; 0 where nobody says."""
    told = {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= set(os.sysconf_names)
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if told else 0
    limits = [int(text) for path in _LIMITS if path.exists() and (text := path.read_text().strip()).isdecimal()]
    return max(0, min([physical, *limits]))
