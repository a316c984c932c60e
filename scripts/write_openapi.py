"""Write the OpenAPI document to docs/openapi.json; the tests compare it with what is served."""

from __future__ import annotations

import json
import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kairo.config.settings")
django.setup()

from kairo.interfaces.api.app import api  # noqa: E402

target = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"
schema = api.get_openapi_schema(path_prefix="/api/")
target.write_text(json.dumps(schema, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
