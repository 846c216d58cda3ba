"""Arrays as .npy files."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import header_data_from_array_1_0, write_array_header_1_0

from nnfs_cli.atomic import write_atomically
from nnfs_cli.compute.arrays import Array


def write_array_atomically(path: Path, array: Array) -> None:
    """Write what `np.save` would, which does not tell a full disk from other faults.

    Raises MachineError.
    """
    whole = np.ascontiguousarray(array)

    def write(file: BinaryIO) -> None:
        write_array_header_1_0(file, header_data_from_array_1_0(whole))
        file.write(whole.data)

    write_atomically(path, write, whole.nbytes)
