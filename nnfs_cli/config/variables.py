"""``${VAR}`` in the paths of a config: a variable of the environment, as scripts have it."""

from __future__ import annotations

import os
import re
from typing import Any

from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.errors import ConfigError, Location, Problem

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
PATHS: tuple[Location, ...] = (
    *(("data", key) for key in ("path", "validation", "test", "labels")),
    ("init_from",),
)
"""The keys that are paths; elsewhere ``${`` is what it is."""


def expand_variables(document: Document) -> None:
    """Put the variables' values into the paths. Raises ConfigError for one without a value."""
    problems = []
    for path in PATHS:
        inside: Any = document.value
        for part in path[:-1]:
            inside = inside.get(part) if isinstance(inside, dict) else None
        text = inside.get(path[-1]) if isinstance(inside, dict) else None
        if isinstance(text, str):
            try:
                inside[path[-1]] = expanded(text)
            except KeyError as error:
                name = error.args[0]
                state = "empty" if name in os.environ else "not set"
                message = (
                    f"`{'.'.join(map(str, path))}` names the variable {name}, which is {state}"
                )
                hint = f"export {name}, or write the path out"
                problems.append(Problem(message, hint, document.where(path)))
    if problems:
        raise ConfigError(problems)


def expanded(text: str) -> str:
    """The text with each variable's value. Raises KeyError with the name of one that has none."""

    def value(found: re.Match[str]) -> str:
        if not os.environ.get(found[1]):  # an empty one would make `${VAR}/d` a path from the root
            raise KeyError(found[1])
        return os.environ[found[1]]

    return VARIABLE.sub(value, text)
