"""Configs that earlier versions took: their keys are given today's names, and it is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nnfs_cli.components.renamed import renamed_keys
from nnfs_cli.config.problems import kind_at
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.errors import ConfigError, Location, Problem


def rename_keys(document: Document, root: type) -> None:
    """Replace former keys in the document, whose ``notes`` name them.

    Of both names the one wins that is given later: in a file that extends the other, or on the
    command line. Raises ConfigError where one place gives both.
    """
    problems = []
    for path in sorted(_mappings(document.value), key=len, reverse=True):
        mapping = _at(document.value, path)
        for old, new in renamed_keys(kind_at(root, path, document.value)).items():
            if old not in mapping:
                continue
            where = document.where((*path, old), key=True)
            former, present = (document.ranks.get((*path, key), 0) for key in (old, new))
            if new not in mapping or former > present:
                _rename(document, path, old, new)
            elif former < present:
                del mapping[old]
            else:
                problem = f"`{old}` and `{new}` are the same key, which was renamed"
                problems.append(Problem(problem, f"keep {new!r}", where))
            place = f"{where}: " if where else ""
            document.notes.append(f"{place}`{old}` is called `{new}` now; both names work")
    if problems:
        raise ConfigError(problems)


def _mappings(tree: Any, path: Location = ()) -> Iterator[Location]:
    """Where there is a mapping, the outermost first."""
    if isinstance(tree, list):
        tree = dict(enumerate(tree))
    elif isinstance(tree, dict):
        yield path
    else:
        return
    for key, item in tree.items():
        yield from _mappings(item, (*path, key))


def _at(tree: Any, path: Location) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def _rename(document: Document, path: Location, old: str, new: str) -> None:
    mapping = _at(document.value, path)
    items = [(new if key == old else key, value) for key, value in mapping.items() if key != new]
    mapping.clear()
    mapping.update(items)
    place = (*path, old)
    for places in (document.keys, document.values):
        for there in [there for there in places if there[: len(place)] == place]:
            places[*path, new, *there[len(place) :]] = places.pop(there)
