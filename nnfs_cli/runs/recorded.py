"""What a run's folder says of its config: it must be what its checkpoint was trained with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnfs_cli.config.config import Config, validate
from nnfs_cli.config.yaml_reader import Document, read_file
from nnfs_cli.errors import ConfigError, DataError, UsageError
from nnfs_cli.runs.change import Change
from nnfs_cli.runs.changes import redone
from nnfs_cli.runs.checkpoint import newer_version
from nnfs_cli.runs.record import Record
from nnfs_cli.runs.run import Run


def place_of(text: Mapping[str, Any]) -> tuple[int, int]:
    """Finished epochs and steps of a checkpoint."""
    return text["progress"]["epoch"], text["progress"]["step"]


def recorded_changes(record: Record, text: Mapping[str, Any]) -> list[Change]:
    """The changes that ``resume`` made before the place of a checkpoint with this ``text``."""
    return [change for change in _all_changes(record, text) if change.place <= place_of(text)]


def _all_changes(record: Record, text: Mapping[str, Any]) -> list[Change]:
    """run.json has them first, the checkpoint has those that the weights depend on."""
    stored = [Change.model_validate(change) for change in text.get("resumed_with", [])]
    known = record.resumed_with
    return known if all(change in known for change in stored) else stored


def recorded_config(run: Run, record: Record, text: Mapping[str, Any]) -> Config:
    """The config of a checkpoint with this ``text``. Raises DataError, UsageError.

    The run's must not have been edited. Only ``resume`` may have changed it, be it in a process
    that was killed before it saved that; run.json knows the change.
    """
    try:
        recorded = validate(Document(text["config"]))
    except ConfigError as error:
        raise DataError(
            f"a checkpoint of run {run.id} holds a config that is not valid: {error}",
            newer_version(text),
        ) from None
    written = validate(read_file(run.config))
    config = redone(recorded, recorded_changes(record, text))
    if record.planned_epochs and written.train.epochs == record.planned_epochs:
        config.train.epochs = record.planned_epochs
    differing = _differences(written.described(), recorded.described())
    since = [config, redone(recorded, _all_changes(record, text))]
    if differing and written.described() not in [config.described() for config in since]:
        keys = ", ".join(differing)
        raise UsageError(
            f"{run.config} was edited since the run was saved: {keys}",
            "undo that, or train a new run with `init_from`",
        )
    config.train.workers = config.train.workers or record.workers or 1
    return config


def _differences(a: Any, b: Any, path: str = "") -> list[str]:
    if isinstance(a, dict) and isinstance(b, dict):
        inner = [
            _differences(a.get(key), b.get(key), f"{path}.{key}".lstrip("."))
            for key in sorted({*a, *b})
        ]
        return [difference for found in inner for difference in found]
    return [] if a == b else [path]
