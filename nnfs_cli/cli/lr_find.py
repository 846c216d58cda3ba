"""``nnfs lr-find``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    ConfigFile,
    DataDir,
    Overrides,
    Plugins,
    RunsDir,
    ThemeName,
    data_source,
    runs_folder,
)

if TYPE_CHECKING:
    from nnfs_cli.inspection.rate_test import RateTest

NAME, HEIGHT, WIDE = "loss", 12, 72
"""Of the curve, in lines and columns."""
TALL = 1.2
"""How high the curve is shown, in losses of the beginning."""


def lr_find(
    console: Console,
    config: ConfigFile,
    overrides: Overrides = None,
    lowest: Annotated[float, typer.Option(min=1e-12, max=1e6, help="The first rate.")] = 1e-6,
    highest: Annotated[float, typer.Option(min=1e-12, max=1e6, help="The last rate.")] = 1e3,
    steps: Annotated[
        int | None,
        typer.Option(min=30, max=100_000, help="Steps at most [default: 100 to 1000]."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Draw the curve into FILE.svg or FILE.png as well."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace any existing file.")] = False,
    theme: ThemeName = "light",
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Propose a learning rate for CONFIG: train while the rate rises, and see where that helps.

    Writes no run. The curve is the loss, averaged, from the lowest rate to where it is over; a
    third of the rate where it is least is proposed. Example: nnfs lr-find configs/moons.yaml
    """
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.errors import UsageError
    from nnfs_cli.inspection.rate_test import range_test
    from nnfs_cli.runs.start import Request, initialize, prepare

    if lowest >= highest:
        raise UsageError(f"--lowest {lowest:g} is not below --highest {highest:g}", "swap them")
    if output is not None:
        from nnfs_cli.reports.plots.rate_test import require_free

        require_free(output, force)
    elif force:
        raise UsageError("--force is for a file that is there", "add --output FILE.svg")
    load_plugins(plugin or [])
    source, runs = data_source(data_dir, console), runs_folder(runs_dir)
    request = Request(config, overrides or [], runs=runs, source=source)
    built, notes = prepare(request)
    for note in [*notes, *initialize(request, built)]:
        console.notice(note)
    found = range_test(built, lowest, highest, steps, console.counter("raising the rate"))
    _tell(console, found)
    if output is not None:
        from nnfs_cli.reports.plots.rate_test import draw_rate_test
        from nnfs_cli.reports.plots.theme import THEMES

        about = f"{built.config.name} on {built.data.name}, {len(found.rates):,} steps"
        curve = (found.rates, found.losses, found.averages)
        draw_rate_test(THEMES[theme], output, *curve, found.proposal, about)
        console.answer(str(output))
    console.document(
        data=built.data.name,
        lr=built.config.optimizer.lr,
        proposal=found.proposal,
        remedy=[f"optimizer.lr={found.proposal:g}"],
        rates=found.rates,
        losses=found.losses,
        averages=found.averages,
        seconds=round(found.seconds, 3),
        file=output,
    )


def _tell(console: Console, found: RateTest) -> None:
    """The curve, its axis, and the proposal; what rises far above the beginning is cut off."""
    import sys

    from nnfs_cli.cli.terminal import speaks_unicode
    from nnfs_cli.cli.text_chart import AXIS, chart

    top = TALL * found.averages[0]
    shown = [min(average, top) for average in found.averages]
    width = min(console.columns or WIDE, WIDE)
    for line in chart({NAME: shown}, width, HEIGHT, ascii_only=not speaks_unicode(sys.stdout)):
        console.answer(line)
    across = min(max(width - AXIS - len(NAME) - 4, 4), len(shown))
    place = sum(rate < found.proposal for rate in found.rates) * across // len(shown)
    low, high, margin = f"{found.rates[0]:.2g}", f"{found.rates[-1]:.2g}", " " * (AXIS + 1)
    console.answer(f"{margin}{' ' * min(place, across - 1)}^")
    console.answer(f"{margin}{low}{high.rjust(across - len(low))}  learning rate")
    console.answer(f"optimizer.lr={found.proposal:g}", whole=True)
