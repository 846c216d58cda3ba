"""The user's own components: Python files named on the command line, never by a config."""

from __future__ import annotations

import hashlib
import sys
import traceback
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType

from nnfs_cli.components.registry import IMPORTED
from nnfs_cli.errors import UsageError

LOADED: dict[str, str] = {}
"""The SHA-256 of each plugin that this process has run, by file name."""
FILES: set[str] = set()
"""The files they were run from, as tracebacks name them."""


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
            _execute(path, content)
            LOADED[path.name] = digest
    return dict(LOADED)


def check_plugins(recorded: Mapping[str, str]) -> list[str]:
    """Raise UsageError if a plugin that a run used is not loaded; name those that changed."""
    missing = sorted(set(recorded) - set(LOADED))
    if missing:
        options = " ".join(f"--plugin {name}" for name in missing)
        raise UsageError(f"the run uses components from {', '.join(missing)}", f"add {options}")
    return [name for name, digest in recorded.items() if LOADED[name] != digest]


def blamed(error: BaseException) -> str | None:
    """``my_layers.py:12`` if a plugin's own line was at work when ``error`` was raised."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return next((f"{f.filename}:{f.lineno}" for f in frames if f.filename in FILES), None)


def _execute(path: Path, content: bytes) -> None:
    """Run the very bytes whose hash is recorded, as a module of its own."""
    from nnfs_cli.config.guarding import guard  # only who has a plugin waits for what it needs

    name = f"nnfs_plugin_{path.stem}"
    module = ModuleType(name)
    module.__file__ = str(path)
    FILES.add(str(path))
    sys.modules[name] = module
    try:
        with redirect_stdout(sys.stderr):  # stdout is the command's answer
            exec(compile(content, str(path), "exec"), module.__dict__)
        for members in IMPORTED.values():
            for member in {cls for cls in members.values() if cls.__module__ == name}:
                guard(member)
    except UsageError:
        raise
    except (Exception, SystemExit, GeneratorExit) as error:
        del sys.modules[name]
        line = _line_in(path, error)
        raise UsageError(f"plugin {path}:{line} fails: {type(error).__name__}: {error}") from error


def _line_in(path: Path, error: BaseException) -> int:
    """The last line of the plugin that was reached, or the one that is not Python."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 0
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 0 for f in reversed(frames) if f.filename == str(path)), 0)
