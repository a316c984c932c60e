"""Whether anything is kept of a person, and the texts that later stages compare when they let go of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import first_row, rows
from kairo.stages.evidence.contracts import AuthorDTO, AuthorNotFound
from kairo.stages.evidence.rules.erasing import bare_handle

_AUTHOR = """
SELECT item.platform, item.author_key FROM evidence_item item
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.platform = %(platform)s
  AND item.author_key = lower(%(author)s)
LIMIT 1
"""
_TEXTS = """
SELECT item.id, concat_ws(E'\\n', item.title, item.text_content, item.transcript) FROM evidence_item item
WHERE item.tenant_id = (SELECT %(tenant)s::uuid) AND item.id = ANY (%(items)s)
"""


def author(platform: str, author_ref: str) -> AuthorDTO:
    """Return a person of whom something is kept, however the handle is written.

    Raises:
        AuthorNotFound: nothing is.
    """
    parameters = {"tenant": current_tenant(), "platform": platform.casefold(), "author": bare_handle(author_ref)}
    found = first_row(_AUTHOR, parameters)
    if found is None:
        raise AuthorNotFound("Nothing is kept of such an author.")
    return AuthorDTO(platform=found[0], author_key=found[1])


def stored_texts(item_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return all that items say, also those that are being erased: what a stage has of them shows by these texts."""
    return dict(rows(_TEXTS, {"tenant": current_tenant(), "items": list(item_ids)}))
