"""``${VAR}`` in the paths of a config: a variable of the environment, as scripts have it."""

from __future__ import annotations

import os
import re
from typing import Any

from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.errors import ConfigError, Location, Problem

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
PATHS: tuple[Location, ...] = (("data", "path"), ("init_from",))
"""The keys that are paths; elsewhere ``${`` is what it is."""


def expand_variables(document: Document) -> None:
    """Put the variables' values into the paths. Raises ConfigError for one that is not set."""
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
                message = f"`{'.'.join(map(str, path))}` names the variable {error.args[0]}"
                hint = f"export {error.args[0]}, or write the path out"
                problems.append(Problem(f"{message}, which is not set", hint, document.where(path)))
    if problems:
        raise ConfigError(problems)


def expanded(text: str) -> str:
    """The text with each variable's value. Raises KeyError with the name of one that is not set."""
    return VARIABLE.sub(lambda found: os.environ[found[1]], text)
