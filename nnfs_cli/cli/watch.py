"""``nnfs watch``."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import Plugins, RunName, RunsDir, run_to_use

if TYPE_CHECKING:
    from nnfs_cli.inspection.watching import Standing

LOOK_AGAIN_SECONDS = 1.0
WIDTH, MAX_CHARTS, MAX_NORMS = 80, 3, 8
MIN_HEIGHT, MAX_HEIGHT = 3, 8
"""Lines of a chart."""


def watch(
    console: Console,
    run: RunName = "latest",
    once: Annotated[bool, typer.Option("--once", help="Show how it stands, and end.")] = False,
    runs_dir: RunsDir = None,
    plugin: Plugins = None,
) -> None:
    """Show a training live: curves, gradients by layer, speed and what remains.

    Reads the run's folder alone, so it may run anywhere. Without a terminal it shows how it
    stands, and ends. Example: nnfs watch latest
    """
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.inspection.watching import standing

    load_plugins(plugin or [])
    chosen = run_to_use(run, runs_dir, console)
    found = standing(chosen)
    if console.json or once or not sys.stdout.isatty() or found.status != "running":
        for line in standing_lines(found, console.columns or WIDTH, None, console.is_plain):
            console.answer(line)
        console.document(**asdict(found))
        return
    from rich.console import Console as RichConsole
    from rich.live import Live
    from rich.text import Text

    with Live(console=RichConsole(), refresh_per_second=4, screen=False) as live:
        while True:
            rows = live.console.height
            lines = standing_lines(found, console.columns or WIDTH, rows, console.is_plain)
            live.update(Text("\n".join(lines)))
            if found.status != "running":
                return
            time.sleep(LOOK_AGAIN_SECONDS)
            found = standing(chosen)


def standing_lines(found: Standing, width: int, rows: int | None, plain: bool) -> list[str]:
    """The whole in lines of at most ``width`` columns and, if that can be, so many ``rows``."""
    from nnfs_cli.cli.text_chart import blocks, chart
    from nnfs_cli.formatting import significant

    lines = [f"{found.run}  {found.status}"[:width], _progress(found)[:width]]
    drawn = list(_curves(found).items())[:MAX_CHARTS]
    norms_listed = min(len(found.gradients), MAX_NORMS)
    free = MAX_HEIGHT if rows is None else (rows - norms_listed - 6) // max(len(drawn), 1) - 2
    height = max(MIN_HEIGHT, min(MAX_HEIGHT, free))
    for name, curves in drawn:
        ends = ", ".join(f"{which} {significant(values[-1])}" for which, values in curves.items())
        lines += ["", f"{name}: {ends}"[:width], *chart(curves, width, height, plain)]
    if found.gradients:
        lines += ["", "length of the gradient, by parameter"]
        widest = min(max(map(len, found.gradients)), 28)
        for name, norms in list(found.gradients.items())[:MAX_NORMS]:
            bar = blocks(norms, max(width - widest - 14, 4), plain)
            lines.append(f"  {name[-widest:]:<{widest}}  {significant(norms[-1]):>9} {bar}")
        if len(found.gradients) > MAX_NORMS:
            lines.append(f"  and {len(found.gradients) - MAX_NORMS} others, in layers.csv")
    return lines


def _progress(found: Standing) -> str:
    from nnfs_cli.formatting import duration

    told = [f"epoch {found.epochs}" + (f" of {found.planned}" if found.planned else "")]
    if found.best_epoch:
        told.append(f"best {found.best_epoch}")
    if found.seconds_per_epoch is not None:
        told.append(f"{_short(found.seconds_per_epoch)} an epoch")
    if found.seconds_left is not None:
        told.append(f"about {duration(found.seconds_left)} left")
    if found.status == "running" and found.silent_for is not None:
        told.append(f"last one {duration(found.silent_for)} ago")
    return ", ".join(told)


def _short(seconds: float) -> str:
    from nnfs_cli.formatting import duration

    return duration(seconds) if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


def _curves(found: Standing) -> dict[str, dict[str, list[float]]]:
    """The loss, then the metrics: each in training and in validation."""
    curves: dict[str, dict[str, list[float]]] = {}
    for column, values in found.figures.items():
        split, _, name = column.partition("_")
        if split in ("train", "val") and values:
            curves.setdefault(name, {})[split] = values
    return curves
