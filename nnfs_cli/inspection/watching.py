"""How a training stands, from its run folder alone, wherever it runs."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from nnfs_cli.config.yaml_reader import read_file
from nnfs_cli.errors import ConfigError, DataError
from nnfs_cli.runs.layer_rows import read_layers
from nnfs_cli.runs.run import Run

LATELY = 10
"""Epochs whose time foretells the others'."""


@dataclass(frozen=True)
class Standing:
    """``figures`` has, for each column of metrics.csv, its value in every finished epoch.

    ``gradients`` has the gradient's norm of each parameter in the epochs of which layers.csv tells.
    ``planned`` is None where the config cannot be read; ``seconds_left`` until the planned epochs
    are done, None before the first one is and once the training has ended. ``silent_for`` is the
    time since an epoch ended, in seconds.
    """

    run: str
    status: str
    epochs: int
    planned: int | None
    figures: dict[str, list[float]]
    gradients: dict[str, list[float]]
    monitor: str | None
    best_epoch: int | None
    seconds_per_epoch: float | None
    seconds_left: float | None
    silent_for: float | None


def standing(run: Run) -> Standing:
    """Read how it stands now. Raises DataError."""
    status = run.status()
    record, history = run.read(), run.read_metrics()
    names = list(history[0]) if history else []
    figures = {name: [row[name] for row in history] for name in names}
    planned = _planned(run)
    each = _seconds_per_epoch(figures.get("time_s", []))
    left = None
    if status == "running" and each is not None and planned is not None:
        left = each * max(planned - len(history), 0)
    return Standing(
        run=run.id,
        status=status,
        epochs=len(history),
        planned=planned,
        figures=figures,
        gradients=_gradients(run),
        monitor=record.best.monitor if record.best else None,
        best_epoch=record.best.epoch if record.best else None,
        seconds_per_epoch=each,
        seconds_left=left,
        silent_for=_silent_for(run),
    )


def _planned(run: Run) -> int | None:
    """What the config says, in whatever words of plugins the rest of it is."""
    with suppress(ConfigError, DataError):
        config = read_file(run.config).value
        train = config.get("train") if isinstance(config, dict) else None
        epochs = train.get("epochs") if isinstance(train, dict) else None
        return epochs if isinstance(epochs, int) and epochs > 0 else None
    return None


def _seconds_per_epoch(times: list[float]) -> float | None:
    """The mean of the last epochs; ``times`` counts from the start, anew after each resume."""
    steps = [b - a for a, b in zip([0.0, *times], times, strict=False)]
    lately = [step for step in steps[-LATELY:] if step >= 0.0]
    return sum(lately) / len(lately) if lately else None


def _gradients(run: Run) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for rows in read_layers(run).values():
        for row in rows:
            if row.gradient_norm is not None:
                found.setdefault(row.name, []).append(row.gradient_norm)
    return found


def _silent_for(run: Run) -> float | None:
    with suppress(OSError):
        return max(time.time() - run.metrics.stat().st_mtime, 0.0)
    return None
