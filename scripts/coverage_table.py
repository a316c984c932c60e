"""Print what a measured run of the tests covered: a line a package, then the product, then rules and contracts.

`python scripts/coverage_table.py` after `make coverage`; reads .coverage.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import PurePath

from coverage import Coverage

DECISIONS = {"rules", "contracts"}


def main() -> None:
    """Print the table."""
    measured = Coverage()
    measured.load()
    packages: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for file in sorted(measured.get_data().measured_files()):
        path = PurePath(file)
        _, statements, _, missing, _ = measured.analysis2(file)
        for name in _names(path.parts[path.parts.index("kairo") :]):
            packages[name][0] += len(statements)
            packages[name][1] += len(missing)
    for name in sorted(packages, key=lambda name: (not name.startswith("kairo."), name)):
        statements_of, missing_of = packages[name]
        covered = 100 * (1 - missing_of / statements_of) if statements_of else 100.0
        line = f"{covered:6.1f} %  {statements_of:6,} statements  {missing_of:5,} missing  {name}"
        sys.stdout.write(f"{line}\n")


def _names(parts: tuple[str, ...]) -> list[str]:
    """List the lines of the table that a module counts for."""
    package = ".".join(parts[:3]) if len(parts) > 3 else ".".join(parts[:2]).removesuffix(".py")
    decides = any(PurePath(part).stem in DECISIONS for part in parts)
    return [package, "total of kairo", *(["total of rules and contracts"] if decides else [])]


if __name__ == "__main__":
    main()
