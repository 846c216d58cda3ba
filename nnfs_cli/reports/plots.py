"""Plots of a run: each figure over the epochs, and the confusion matrices of its evaluations."""

from __future__ import annotations

import math
import os
import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from nnfs_cli.atomic import make_folder, write_bytes_atomically
from nnfs_cli.errors import DataError, MachineError
from nnfs_cli.reports.confusion_table import read_confusion
from nnfs_cli.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "png")
SPLITS = {"train": "training", "val": "validation"}
NOT_FIGURES = ("epoch", "step", "time_s")
MAX_NAME, MAX_LABEL, MAX_CURVES = 100, 40, 100
WRITTEN = 40
"""Up to so many classes the numbers and labels of a confusion matrix are written into it."""


def plot_run(run: Run, output: Path | None = None) -> list[Path]:
    """Draw everything there is to draw into ``output``, or else the run; return the files.

    Raises DataError, MachineError.
    """
    _require_matplotlib()
    history = run.read_metrics()
    if not history:
        raise DataError(f"run {run.id} has no finished epoch to draw", "train it first")
    folder, files = make_folder(output) if output else run.make_folder("plots"), []
    for name in _names(history[0]):
        files += _save(_curves(history, name), folder, _file_name(name))
    for evaluation in _evaluations(run):
        table = read_confusion(run, f"eval/{evaluation}/confusion.csv")
        if table is not None:
            files += _save(_confusion(*table), folder, f"confusion-{_file_name(evaluation)}")
    return files


def _require_matplotlib() -> None:
    try:
        import matplotlib as mpl
    except ImportError:
        raise MachineError(
            "plotting needs matplotlib", "install the extra: pip install 'nnfs-cli[plot]'"
        ) from None
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "nnfs"


def _names(record: dict[str, float]) -> list[str]:
    """What there are curves of: ``lr``, ``loss``, ``accuracy``, ..."""
    names = [name.partition("_")[2] if "_" in name else name for name in record]
    names = [n for n, column in zip(names, record, strict=True) if column not in NOT_FIGURES]
    found = list(dict.fromkeys(names))
    if len(found) > MAX_CURVES:
        raise DataError(f"metrics.csv has {len(found):,} columns, more than any run writes")
    return found


def _curves(history: list[dict[str, float]], name: str) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    epochs = [row["epoch"] for row in history]
    if name in history[0]:
        axes.plot(epochs, [row[name] for row in history], marker=".")
    for split, label in SPLITS.items():
        column = f"{split}_{name}"
        if column in history[0]:
            axes.plot(epochs, [row[column] for row in history], marker=".", label=label)
            axes.legend()
    axes.set_xlabel("epoch")
    axes.set_ylabel(_shown(name), parse_math=False)
    axes.grid(alpha=0.3)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _evaluations(run: Run) -> list[str]:
    folder = run.folder("eval")
    try:
        return sorted(os.listdir(folder)) if folder.is_dir() else []
    except OSError as error:
        raise DataError(f"cannot read {folder}: {error.strerror}") from None


def _file_name(name: str) -> str:
    """A column's or an evaluation's name as part of a file's: never a path, never too long."""
    return re.sub(r"[^\w.=+-]", "_", name)[:MAX_NAME].lstrip(".") or "_"


def _confusion(labels: list[str], counts: list[list[int]]) -> Figure:
    from matplotlib.figure import Figure

    size = 2.5 + 0.5 * min(len(counts), WRITTEN)
    figure = Figure(figsize=(size, size), layout="constrained")
    axes = figure.subplots()
    shades = [[math.sqrt(n / max(sum(row), 1)) for n in row] for row in counts]
    axes.imshow(shades, cmap="Blues", vmin=0.0, vmax=1.0)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    if len(counts) > WRITTEN:
        return figure
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            colour = "white" if shades[y][x] > 0.6 else "black"
            axes.text(x, y, str(count), ha="center", va="center", color=colour, fontsize=8)
    names = [_shown(label) for label in labels]
    axes.set_xticks(range(len(counts)), names, parse_math=False)
    axes.set_yticks(range(len(counts)), names, parse_math=False)
    return figure


def _save(figure: Figure, folder: Path, name: str) -> list[Path]:
    files = [folder / f"{name}.{ending}" for ending in FORMATS]
    for path in files:
        content = BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a letter that the font does not have
            figure.savefig(content, format=path.suffix[1:], dpi=150)
        write_bytes_atomically(path, content.getvalue())
    return files


def _shown(label: str) -> str:
    """A label as it can be drawn: printable, and no longer than a line."""
    text = "".join(sign if sign.isprintable() else "?" for sign in label)
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 3] + "..."
