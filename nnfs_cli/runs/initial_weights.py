"""Starting from another run's weights (``init_from``), matched by name and shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnfs_cli.data.prepare import Data
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.errors import DataError
from nnfs_cli.experiment.build import Built
from nnfs_cli.nn.model import Model
from nnfs_cli.runs.checkpoint import read_parameters, read_text


def initialize_from(checkpoint: Path, model: Model) -> str:
    """Copy every parameter and buffer whose name and shape match; say in a sentence what matched.

    Raises DataError if nothing does.
    """
    wanted = {f"parameters/{path}": p.value for path, p in model.named_parameters().items()}
    wanted |= {f"state/{path}": buffer.value for path, buffer in model.named_buffers().items()}
    found = read_parameters(checkpoint, wanted)
    if not found:
        names = ", ".join(list(wanted)[:3])
        raise DataError(f"init_from: nothing in {checkpoint} fits this network ({names}, ...)")
    for name, values in found.items():
        wanted[name][...] = values
    left = [name.partition("/")[2] for name in wanted if name not in found]
    rest = f"; left as initialized: {', '.join(left)}" if left else ""
    return f"took {len(found)} of {len(wanted)} arrays from {checkpoint}{rest}"


def initialized(built: Built, checkpoint: Path | None) -> list[str]:
    """Start from the weights of a checkpoint, if there is one; say what was taken."""
    if checkpoint is None:
        return []
    notes = [initialize_from(checkpoint, built.network.model), scaling_note(checkpoint, built.data)]
    return [note for note in notes if note]


def preprocessing_of(checkpoint: Path | None) -> Preprocessing | None:
    """What a checkpoint's network does to its inputs. Raises DataError."""
    if checkpoint is None:
        return None
    return Preprocessing.from_json(read_text(checkpoint)["preprocessing"])


def scaling_note(checkpoint: Path, data: Data) -> str:
    """What to say where weights meet inputs that are scaled in another way than they learned."""
    own, other = data.preprocessing, Preprocessing.from_json(read_text(checkpoint)["preprocessing"])
    if own.input_shape != other.input_shape or (
        np.array_equal(own.scale, other.scale) and np.array_equal(own.shift, other.shift)
    ):
        return ""
    old, new = _mean_and_deviation(other), _mean_and_deviation(own)
    return (
        f"the weights learned from inputs with {old} brought to 0 and 1, and here it is those with "
        f"{new}: data.normalize=init_from keeps the scaling that they know"
    )


def _mean_and_deviation(preprocessing: Preprocessing) -> str:
    """What becomes 0 and what becomes 1 under x * scale - shift, for the first channel."""
    scale, shift = float(preprocessing.scale.flat[0]), float(preprocessing.shift.flat[0])
    return f"mean {shift / scale:.4g} and deviation {1 / scale:.4g}"
