"""Import files one after the other in a process of its own, and print each report with the memory that it took.

`python -m tests.integration.evidence.import_in_child TENANT BRAND FILE...`; the database is in DATABASE_URL.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from uuid import UUID


def main(tenant_id: str, brand_id: str, *files: str) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from kairo.stages.evidence import operations

    for file in files:
        report = operations.import_file(
            tenant_id=UUID(tenant_id), brand_id=UUID(brand_id), path=Path(file), at=timezone.now()
        )
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**report.model_dump(mode="json", exclude={"rejects"}), "peak_mb": peak_mb}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
