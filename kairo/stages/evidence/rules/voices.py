"""Whether two names mean one author, and whether two addresses mean one page."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit

_NOT_IN_NAMES = re.compile(r"[^\w@]|_")
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|igshid?|mc_[ce]id|ref_src|ref_url|si|share_id")


def author_key(author: str | None) -> str | None:
    """Fold the ways in which one author's name is written: case, fullwidth letters, "@", dots, dashes, underscores.

    Trailing digits stay: user1 and user2 are two people on every platform, and numeric ids would all become one.
    None where nothing is left, for an author without a name is unknown.
    """
    if not author:
        return None
    folded = unicodedata.normalize("NFKC", author).casefold().strip().lstrip("@")
    return _NOT_IN_NAMES.sub("", folded) or None


def page_key(url: str | None) -> str | None:
    """Fold the ways in which one page is linked: scheme, "www.", fragment, trailing slash, tracking parameters."""
    if not url or not url.strip():
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    own = sorted((name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(name.lower()))
    query = f"?{urlencode(own)}" if own else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"
