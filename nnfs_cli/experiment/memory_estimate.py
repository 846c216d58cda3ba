"""How much memory a training takes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nnfs_cli.experiment.build import Built
from nnfs_cli.nn.layer import Layer

WORKER_BYTES = 12 * 1024 * 1024
"""What a forked worker's interpreter does not share with rank 0's."""
CELL = 20
"""Characters of a number in metrics.csv, more or less."""


def peak_bytes(built: Built) -> int:
    """The peak of a whole training, from a process that has taken steps and evaluated a batch.

    What this process has held at once so far, loading of the data included; a copy of the best
    epoch; two of earlier values, to measure steps and dead weights by; the test's samples as the
    network and its loss want them; the figures of all epochs; and every other worker's own memory,
    as much as rank 0's.
    """
    flat, team = built.network.model.flat, built.training.team
    best = flat.all_values.nbytes + sum(v.nbytes for v in built.network.optimizer.memory.values())
    copies = best + 2 * flat.values.nbytes
    others = (team.size - 1) * (working_bytes(built) + WORKER_BYTES)
    return resident_peak(built) + copies + test_bytes(built) + history_bytes(built) + others


def working_bytes(built: Built) -> int:
    """What a worker needs for itself: gradients, the layers' scratch memory, a batch."""
    model, training = built.network.model, built.training
    scratches = [*model.workspace.scratches, *(layer.scratch for layer in layers_of(model))]
    scratch = sum(array.nbytes for each in scratches for array in each.blocks())
    return int(model.flat.grads.nbytes) + scratch + training.batches.nbytes


def test_bytes(built: Built) -> int:
    """What scaled inputs and encoded targets of the test take, as large as those of training."""
    batches, test = built.training.batches, built.data.test
    encoded = 0 if batches.encoded is batches.targets else batches.encoded.nbytes
    scaled = 0 if batches.kept_raw else batches.inputs.nbytes
    return (encoded + scaled) // len(batches.samples) * len(test or ())


def history_bytes(built: Built) -> int:
    """What the figures of all epochs take, as records and as the text of metrics.csv."""
    names = built.training.recorded()
    record = sys.getsizeof(dict.fromkeys(names)) + len(names) * sys.getsizeof(1.0)
    row = len(names) * CELL + 2 * CELL  # epoch, step, time and rate are short
    return built.training.epochs * (record + row)


def resident_peak(built: Built) -> int:
    """The most memory this process has held so far; where no system tells, its arrays.

    Linux's `ru_maxrss` begins with what the process held that started this one, so that a
    large notebook would raise the figure; the high-water mark in /proc is this program's own.
    """
    with suppress(OSError, ValueError):
        status = Path("/proc/self/status").read_text().split()
        return int(status[status.index("VmHWM:") + 1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        data = built.data
        splits = data.splits.values()
        return working_bytes(built) + sum(s.inputs.nbytes + s.targets.nbytes for s in splits)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def layers_of(layer: Layer) -> Iterator[Layer]:
    """The layer and every layer inside it."""
    yield layer
    for _, inner in layer.walk():
        yield inner
