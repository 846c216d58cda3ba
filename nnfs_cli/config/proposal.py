"""A config to start from, and what it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Proposal:
    """The name and the text of a config; in lines what data it is for; and what must be said."""

    name: str
    text: str
    taken: Sequence[str] = ()
    notice: str = ""
