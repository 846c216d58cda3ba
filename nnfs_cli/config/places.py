"""Where values of a document were written, by their paths, when parts are repeated or merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from nnfs_cli.errors import Location

Places = dict[Location, str]
"""Where the key or the value at each path was written."""


@dataclass(frozen=True)
class Anchored:
    """A value that is given a name, and the places of what is inside it, by paths from itself."""

    value: Any
    keys: Places
    values: Places

    @property
    def depth(self) -> int:
        """How many levels it has below itself."""
        return max(map(len, self.values), default=0)


def inside(places: Places, path: Location, first: int = 0) -> Places:
    """The places below ``path``, by paths from it, among those put in after the ``first``."""
    start = len(path)
    return {
        at[start:]: place
        for at, place in islice(places.items(), first, None)
        if at[:start] == path and len(at) > start
    }


def put_below(places: Places, path: Location, others: Places) -> None:
    """Put in places by paths from ``path``."""
    places.update({path + at: place for at, place in others.items()})


def merge(places: Places, path: Location, merge_key: str, taken: Mapping[str, Location]) -> None:
    """Move what lies below the merge key of the mapping at ``path`` to the mapping itself.

    ``taken`` says below which path from the merge key each key lies that the mapping takes; the
    rest was overruled and goes.
    """
    below = inside(places, (*path, merge_key))
    for at in [at for at in places if at[: len(path) + 1] == (*path, merge_key)]:
        del places[at]
    for at, place in below.items():
        key = at[0] if isinstance(at[0], str) else at[1] if len(at) > 1 else None
        if isinstance(key, str) and key in taken and at[: len(taken[key])] == taken[key]:
            places[(*path, key, *at[len(taken[key]) :])] = place
