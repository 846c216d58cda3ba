"""A finished run as a model to use: :func:`load_run`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnfs_cli.compute.arrays import Array
from nnfs_cli.config.config import Config, validate
from nnfs_cli.config.yaml_reader import Document, read_file
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.errors import ConfigError, DataError
from nnfs_cli.experiment.build import build_network
from nnfs_cli.runs.changes import redone
from nnfs_cli.runs.checkpoint import arrays_of, load_into, newer_version, read_text
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.training.network import Network


@dataclass(frozen=True, eq=False)
class LoadedRun:
    """A trained network with everything needed to feed it."""

    run: Run
    checkpoint: Path
    config: Config
    network: Network
    data: dict[str, Any]
    """``name`` and ``hash`` of the data it was trained on."""
    notice: str = ""
    """What to say of a checkpoint that is not of this run."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes' names; empty for a regression."""
        return self.network.preprocessing.labels

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what has a probability each: the classes, or several labels a sample."""
        known = self.network.preprocessing
        return known.names if known.task == "labels" else known.labels

    def predict(self, inputs: Array) -> Array:
        """Probabilities (N, classes), or values (N, k) in a regression, as a new array.

        ``inputs`` are raw, as in the data set. Raises DataError if their shape does not fit.
        """
        return self.network.predict(inputs)

    def activations(self, inputs: Array) -> dict[str, Array]:
        """The output of every layer for raw ``inputs``, by path: ``dense_1``, ``softmax_1``, ...

        Raises DataError if their shape does not fit.
        """
        return self.network.activations(inputs)


def load_run(
    name: str | Path = "latest", checkpoint: str | None = None, runs: RunsFolder | None = None
) -> LoadedRun:
    """The run called ``name`` (a path, an id or its start, ``latest``, ``best``), ready to predict.

    ``checkpoint`` is ``best`` or ``last``; by default the best there is. Raises DataError.
    """
    run = (runs or RunsFolder.chosen(None)).find(str(name))
    path = run.chosen_checkpoint(checkpoint)
    try:
        return _load(run, path)
    except DataError as error:
        other = run.checkpoint("last" if path.stem == "best" else "best")
        if error.hint or not _is_valid(run, other):
            raise
        raise DataError(
            error.message, f"{other.stem} is valid: --checkpoint {other.stem}"
        ) from None


def _load(run: Run, path: Path) -> LoadedRun:
    text = read_text(path)
    try:
        config = validate(Document(text["config"]))
        preprocessing = Preprocessing.from_json(text["preprocessing"])
        room = path.stat().st_size // 4
        network = build_network(config, preprocessing, Document(None), room)
    except ConfigError as error:
        message = f"{path} holds a config that is not valid: {error}"
        raise DataError(message, newer_version(text)) from None
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is not a valid checkpoint: {error!r}") from None
    load_into(path, arrays_of(network.model, network.optimizer))
    return LoadedRun(run, path, config, network, text["data"], _foreign(run, path, text))


def _foreign(run: Run, path: Path, text: dict[str, Any]) -> str:
    """What to say if the checkpoint is of another run: its data or its config is not the run's."""
    record = run.read()
    differing = [] if record.data.hash == text["data"]["hash"] else ["the data"]
    if run.config.is_file():
        try:
            recorded = validate(read_file(run.config)).described()
        except ConfigError:
            return f"{run.config} is not what {path.name} was trained with: it is not valid"
        stored = redone(validate(Document(text["config"])), record.resumed_with).described()
        differing += [
            key for key in stored if _without_epochs(stored[key]) != _without_epochs(recorded[key])
        ]
    what = f"{path.name} is not of run {run.id}, or its config was edited: {', '.join(differing)}"
    return f"{what} differ" if differing else ""


def _without_epochs(section: Any) -> Any:
    """A section of a config without what ``resume --epochs`` may have changed since."""
    if not isinstance(section, dict):
        return section
    return {key: value for key, value in section.items() if key != "epochs"}


def _is_valid(run: Run, path: Path) -> bool:
    try:
        _load(run, path)
    except DataError:
        return False
    return True
