"""The library without the command line: :func:`train` on arrays, layers and optimizers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nnfs_cli.blas import one_thread
from nnfs_cli.data.batches import Batches
from nnfs_cli.data.memory import data_from_arrays
from nnfs_cli.data.prepare import Data
from nnfs_cli.errors import UsageError
from nnfs_cli.evaluation import evaluate
from nnfs_cli.fusing import fuse
from nnfs_cli.layers.sequential import Sequential
from nnfs_cli.losses.loss import Loss
from nnfs_cli.metrics.metric import Metric
from nnfs_cli.model import Model
from nnfs_cli.network import Network
from nnfs_cli.optimizers.optimizer import Optimizer
from nnfs_cli.parameter import Array
from nnfs_cli.schedules.constant import Constant
from nnfs_cli.schedules.schedule import Schedule
from nnfs_cli.training import Epoch, Step, Training
from nnfs_cli.workers import team_of


@dataclass(frozen=True, eq=False)
class Trained(Network):
    """A trained network, the record of each epoch, and its figures on the test part, if any.

    ``predict`` takes raw inputs, as the data has them.
    """

    history: list[dict[str, float]]
    test: dict[str, float]


def train(
    model: Sequential,
    data: Data | tuple[Array, Array],
    *,
    loss: Loss | str,
    optimizer: Optimizer | str,
    epochs: int = 10,
    batch_size: int = 64,
    schedule: Schedule | None = None,
    metrics: Sequence[Metric | str] = (),
    seed: int = 0,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    workers: int = 1,
    watch: Callable[[Step | Epoch], None] | None = None,
) -> Trained:
    """Train ``model`` on data: a pair (inputs, targets) of arrays, or a prepared Data.

    Loss, optimizer and metrics may be given by name, with all defaults. Of a pair, a fifth is
    kept for the test and a tenth of the rest for validation. ``watch`` is called with every step
    and epoch; ``workers`` is the number of processes that share each batch. Raises UsageError or
    DataError if the parts do not fit, DivergedError if the loss is no longer finite.
    """
    loss, optimizer = Loss.read(loss), Optimizer.read(optimizer)
    measures = [Metric.read(metric) for metric in metrics]
    if epochs < 1:
        raise UsageError(f"epochs expects a whole number of at least 1, received {epochs}")
    if isinstance(data, tuple):
        data = data_from_arrays(*data)
    built = Model(model, data.preprocessing.input_shape, seed)
    network = Network(built, fuse(built, loss), optimizer, measures, data.preprocessing)
    batches: Batches = network.batches(data.train, batch_size, data.augmenter())
    validation = network.batches(data.validation) if data.validation else None
    training = Training(
        built,
        network.loss,
        optimizer,
        batches,
        epochs,
        validation,
        schedule or Constant(),
        measures,
        seed,
        clip_norm,
        clip_value,
        team_of(workers, built, batches),
    )
    # One BLAS thread is faster on matrices as small as these, and exact from run to run.
    with one_thread():
        for event in training:
            if watch:
                watch(event)
        test = {}
        if data.test is not None:
            held = network.batches(data.test)
            test = evaluate(built, network.loss, measures, held, training.team.size).figures()
    history = training.progress.history
    return Trained(built, network.loss, optimizer, measures, data.preprocessing, history, test)
