"""What a run's folder says of its config: it must be what its checkpoint was trained with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnfs_cli.config.config import Config, validate
from nnfs_cli.config.yaml_reader import Document, read_file
from nnfs_cli.errors import ConfigError, DataError, UsageError
from nnfs_cli.runs.changes import Change, redone
from nnfs_cli.runs.checkpoint import newer_version
from nnfs_cli.runs.record import Record
from nnfs_cli.runs.run import Run


def place_of(text: Mapping[str, Any]) -> tuple[int, int]:
    """Finished epochs and steps of a checkpoint."""
    return text["progress"]["epoch"], text["progress"]["step"]


def recorded_changes(record: Record, text: Mapping[str, Any]) -> list[Change]:
    """The changes that ``resume`` made before the place of a checkpoint with this ``text``.

    run.json has them first, the checkpoint has those that the weights depend on.
    """
    stored = [Change.model_validate(change) for change in text.get("resumed_with", [])]
    known = record.resumed_with
    if any(change not in known for change in stored):
        known = stored
    return [change for change in known if change.place <= place_of(text)]


def recorded_config(run: Run, record: Record, text: Mapping[str, Any]) -> Config:
    """The run's config, which nobody may have edited. Raises DataError, UsageError.

    Only ``resume`` may have changed it, in a process that was killed before it saved that; then
    run.json knows the change.
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
    if differing and _differences(written.described(), config.described()):
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
