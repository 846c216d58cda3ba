"""The user's own components: Python files named on the command line, never by a config."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from nnfs_cli.errors import UsageError

LOADED: dict[str, str] = {}
"""The SHA-256 of each plugin that this process has run, by file name."""


def load_plugins(paths: Iterable[Path]) -> dict[str, str]:
    """Run each file, which registers its components; return the SHA-256 of each by file name.

    Raises UsageError with the line, if a file is missing or fails.
    """
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read plugin {path}: {error.strerror}") from None
        digest = hashlib.sha256(content).hexdigest()
        if LOADED.get(path.name) != digest:
            _execute(path)
            LOADED[path.name] = digest
    return dict(LOADED)


def check_plugins(recorded: Mapping[str, str]) -> list[str]:
    """Raise UsageError if a plugin that a run used is not loaded; name those that changed."""
    missing = sorted(set(recorded) - set(LOADED))
    if missing:
        options = " ".join(f"--plugin {name}" for name in missing)
        raise UsageError(f"the run uses components from {', '.join(missing)}", f"add {options}")
    return [name for name, digest in recorded.items() if LOADED[name] != digest]


def _execute(path: Path) -> None:
    name = f"nnfs_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"plugin {path} is not a Python file", "its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        line = trace.tb_lineno if trace else 0
        raise UsageError(f"plugin {path}:{line} fails: {type(error).__name__}: {error}") from error
