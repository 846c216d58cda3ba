"""``~``: the user's home folder, if there is one."""

from __future__ import annotations

from pathlib import Path

from nnfs_cli.errors import MachineError


def from_home(path: str | Path) -> Path:
    """The path, ``~`` at its start written out (shells leave it in ``--runs-dir=~/runs``).

    Raises MachineError where no home folder is known: a container's user without HOME.
    """
    path = Path(path)
    if path.parts[:1] != ("~",):
        return path
    try:
        return path.expanduser()
    except RuntimeError:
        raise MachineError(f"{path}: there is no home folder here", "set HOME") from None
