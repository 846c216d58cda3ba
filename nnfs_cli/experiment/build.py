"""From a config to what it describes: data, model, loss, optimizer, ready to train."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nnfs_cli.config.config import Config
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.data.kept_scaling import scaled_as
from nnfs_cli.data.prepare import Data, prepare
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.source import Source
from nnfs_cli.data.tables.cells import is_number
from nnfs_cli.errors import ConfigError, Location, Problem, ShapeError, UsageError
from nnfs_cli.nn.fusing import fuse
from nnfs_cli.nn.metric import other_metrics, require_own_key, said
from nnfs_cli.nn.model import Model
from nnfs_cli.training.early_stopping import choose_monitor
from nnfs_cli.training.fitting import fitted, require_weighable
from nnfs_cli.training.loop import Training
from nnfs_cli.training.network import Network
from nnfs_cli.training.workers import team_of

DataLoader = Callable[[Config, Source, Document], Data]
"""What :func:`build_data` does, or something that remembers what that gave."""


@dataclass(frozen=True, eq=False)
class Built:
    """A whole experiment, ready to start."""

    config: Config
    data: Data
    network: Network
    training: Training
    monitor: str
    """The column that decides which epoch is best."""


def build_network(
    config: Config,
    preprocessing: Preprocessing,
    document: Document,
    most_parameters: int | None = None,
) -> Network:
    """Build the network for inputs of a known shape. Raises ConfigError.

    More parameters than ``most_parameters`` are a DataError, before they are allocated.
    """
    config = copy.deepcopy(config)
    with located(document, ()):
        shape, seed = preprocessing.input_shape, config.seed
        model = Model(config.layers, shape, seed, most_parameters=most_parameters)
    with located(document, ("loss",)):
        loss = fuse(model, config.loss)
    with located(document, ("layers",)):
        config.optimizer.bind(model.flat)
    with located(document, ("loss", "class_weights")):
        return Network(model, loss, config.optimizer, config.metrics, preprocessing)


def build_data(config: Config, source: Source, document: Document) -> Data:
    """Load the data, and see that it can be augmented. Raises ConfigError and DataError."""
    data = prepare(config.data, source)
    with located(document, ("data", "augment")):
        data.augmenter()
    return data


def build(
    config: Config,
    source: Source,
    document: Document | None = None,
    kept: Preprocessing | None = None,
    load: DataLoader | None = None,
) -> Built:
    """Load the data and build everything. Raises ConfigError and DataError.

    ``document`` is where the config was read from, to report shapes at their lines; ``kept`` is
    the preprocessing whose scaling is kept where ``data.normalize`` says ``init_from``; ``load``
    replaces :func:`build_data`.
    """
    document = document or Document(None)
    data = (load or build_data)(config, source, document)
    if data.dataset.normalize == "init_from":
        with located(document, ("data", "normalize")):
            data = scaled_as(kept, data)
    with located(document, ("loss",)):
        config.loss = fitted(config.loss, data.train, data.preprocessing.labels)
    with located(document, ("metrics",)):
        require_weighable(config.metrics, data.train)
    network = build_network(config, data.preprocessing, document)
    with located(document, ("layers", len(config.layers) - 1)), _other_task(config, data):
        batches = network.batches(data.train, config.train.batch_size, data.augmenter())
        validation = network.batches(data.validation) if data.validation else None
    _check_metrics(network, document)
    train = config.train
    with located(document, ("train", "workers")):
        team = team_of(train.workers, network.model, batches)
    training = Training(
        model=network.model,
        loss=network.loss,
        optimizer=network.optimizer,
        batches=batches,
        epochs=train.epochs,
        validation=validation,
        schedule=copy.deepcopy(config.schedule),
        metrics=network.metrics,
        seed=config.seed,
        clip_norm=train.clip_norm,
        clip_value=train.clip_value,
        team=team,
    )
    monitor = _check_monitors(config, network, validation is not None, document)
    return Built(config, data, network, training, monitor)


def undefined_metrics(built: Built, document: Document) -> list[str]:
    """What to say of metrics that no epoch of a new training can compute.

    Such as ``roc_auc`` where all validation samples are of one class. Raises ConfigError for those
    that do not fit the data at all, and for two that have one name.
    """
    metrics = built.network.metrics
    for index, metric in enumerate(metrics):
        with located(document, ("metrics", index)):
            require_own_key(metric, metrics[:index])
        unfit = metric.unfit(built.network.classes or 0)
        if unfit:
            with located(document, ("metrics", index)):
                raise UsageError(
                    f"metric {metric.word} cannot be computed: {unfit}", "leave it out"
                )
    validation = built.data.validation
    if validation is None:
        return []
    reasons = [(m.key, m.undefined(validation.targets)) for m in metrics]
    return [
        f"val_{key} cannot be computed: the {len(validation):,} validation samples {reason}"
        for key, reason in reasons
        if reason
    ]


def _check_metrics(network: Network, document: Document) -> None:
    for index, metric in enumerate(network.metrics):
        unfit = metric.unfit_outputs(network.model.output_shape[-1])
        if unfit:
            with located(document, ("metrics", index)):
                raise UsageError(f"metric {metric.word}: {unfit}", "leave it out")
        if not metric.fits(network.task):
            with located(document, ("metrics", index)):
                raise UsageError(
                    f"metric {metric.word} is for {metric.targets}, but the data's targets "
                    f"are {said(network.task)}",
                    other_metrics(network.task),
                )


def _check_monitors(config: Config, network: Network, validated: bool, document: Document) -> str:
    stopping = config.train.early_stopping
    if stopping:
        with located(document, ("train", "early_stopping", "monitor")):
            choose_monitor(stopping.monitor, network.metrics, validated)
    if config.schedule.is_a("plateau"):
        with located(document, ("schedule", "monitor")):
            choose_monitor(getattr(config.schedule, "monitor", None), network.metrics, validated)
    with located(document, ("train", "checkpoint", "monitor")):
        return choose_monitor(config.train.checkpoint.monitor, network.metrics, validated)


@contextmanager
def _other_task(config: Config, data: Data) -> Iterator[None]:
    """Where the loss or the outputs do not fit the targets, say which key decides what they are."""
    try:
        yield
    except UsageError as error:
        labels = data.preprocessing.labels
        if getattr(config.data, "task", None) != "auto" or not all(map(is_number, labels)):
            raise
        other = "values: data.task=regression" if labels else "classes: data.task=classification"
        raise UsageError(error.message, f"{error.hint}, or make the targets {other}") from error


@contextmanager
def located(document: Document, path: Location) -> Iterator[None]:
    """Report what does not fit at the line of the config that causes it."""
    try:
        yield
    except UsageError as error:
        place = error.location if isinstance(error, ShapeError) else path
        where = document.where(place)
        inside = [text for at, text in document.values.items() if at[: len(place)] == place]
        changed = [text for text in inside if text.startswith("`") and text != where]
        if place and changed:
            where += f" with {changed[0]}"
        raise ConfigError([Problem(error.message, error.hint, where)]) from error
