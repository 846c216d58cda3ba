"""Pictures of a run: each figure over the epochs, and the confusion matrices of its evaluations."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING

from nnfs_cli.atomic import disk_error
from nnfs_cli.errors import DataError, MachineError
from nnfs_cli.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "png")
PARTS = {"train": "training", "val": "validation"}
NOT_FIGURES = ("epoch", "step", "time_s")


def plot_run(run: Run) -> list[Path]:
    """Draw everything there is to draw; return the files. Raises DataError, MachineError."""
    _require_matplotlib()
    history = run.read_metrics()
    if not history:
        raise DataError(f"run {run.id} has no finished epoch to draw", "train it first")
    folder = run.path / "plots"
    try:
        folder.mkdir(exist_ok=True)
        files = []
        for name in _names(history[0]):
            files += _save(_curves(history, name), folder / name)
        for table in sorted(run.path.glob("eval/*/confusion.csv")):
            files += _save(_confusion(table), folder / f"confusion-{table.parent.name}")
    except OSError as error:
        raise disk_error(folder, error) from error
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
    return list(dict.fromkeys(names))


def _curves(history: list[dict[str, float]], name: str) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    epochs = [row["epoch"] for row in history]
    if name in history[0]:
        axes.plot(epochs, [row[name] for row in history], marker=".")
    for part, label in PARTS.items():
        column = f"{part}_{name}"
        if column in history[0]:
            axes.plot(epochs, [row[column] for row in history], marker=".", label=label)
            axes.legend()
    axes.set_xlabel("epoch")
    axes.set_ylabel(name)
    axes.grid(alpha=0.3)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _confusion(table: Path) -> Figure:
    from matplotlib.figure import Figure

    with table.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    counts = [[int(cell) for cell in row[1:]] for row in rows]
    size = 2.5 + 0.5 * len(counts)
    figure = Figure(figsize=(size, size), layout="constrained")
    axes = figure.subplots()
    shades = [[math.sqrt(n / max(sum(row), 1)) for n in row] for row in counts]
    axes.imshow(shades, cmap="Blues", vmin=0.0, vmax=1.0)
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            colour = "white" if shades[y][x] > 0.6 else "black"
            axes.text(x, y, str(count), ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(counts)), header[1:])
    axes.set_yticks(range(len(counts)), [row[0] for row in rows])
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    return figure


def _save(figure: Figure, stem: Path) -> list[Path]:
    files = [stem.with_name(f"{stem.name}.{ending}") for ending in FORMATS]
    for path in files:
        figure.savefig(path, dpi=150)
    return files
