"""Starting from another run's weights (``init_from``), matched by name and shape."""

from __future__ import annotations

from pathlib import Path

from nnfs_cli.checkpoint import read_parameters
from nnfs_cli.errors import DataError
from nnfs_cli.model import Model


def initialize_from(checkpoint: Path, model: Model) -> str:
    """Copy every parameter and state whose name and shape match; say in a sentence what matched.

    Raises DataError if nothing does.
    """
    wanted = {f"parameters/{path}": p.value for path, p in model.named_parameters().items()}
    wanted |= {f"state/{path}": state.value for path, state in model.named_states().items()}
    found = read_parameters(checkpoint, wanted)
    if not found:
        names = ", ".join(list(wanted)[:3])
        raise DataError(f"init_from: nothing in {checkpoint} fits this network ({names}, ...)")
    for name, values in found.items():
        wanted[name][...] = values
    left = [name.partition("/")[2] for name in wanted if name not in found]
    rest = f"; left as initialized: {', '.join(left)}" if left else ""
    return f"took {len(found)} of {len(wanted)} arrays from {checkpoint}{rest}"
