"""Slug: a name as a part of the name of a folder."""

from __future__ import annotations

import re
import unicodedata


def slug(name: str) -> str:
    """A name that is safe as part of a folder's: letters, digits, dash, at most 40."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:40].rstrip("-") or "run"
