"""``nnfs plot``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nnfs_cli.cli.completion import run_names
from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    DataDir,
    Plugins,
    RunsDir,
    data_source,
    run_to_use,
    runs_folder,
)

if TYPE_CHECKING:
    from nnfs_cli.reports.plots.canvas import Album
    from nnfs_cli.runs.run import Run

ThemeName = Annotated[Literal["light", "dark"], typer.Option(help="The colours of the plots.")]
TOGETHER = Path("plots")
"""Where several runs are drawn."""


def plot(
    console: Console,
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...",
            help="A path, an id or its start, latest, latest~1, best [default: latest].",
            autocompletion=run_names,
        ),
    ] = None,
    theme: ThemeName = "light",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Draw here [default: the run's folder plots; of several, plots]."
        ),
    ] = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Draw a run as svg and png: loss, metrics, learning rate, layers, confusion matrix.

    Of several runs, each figure with a line for each. Needs the extra `plot`: pip install
    'nnfs-cli[plot]'. Examples: nnfs plot latest --theme dark; nnfs plot latest latest~1
    """
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.errors import NotWritableError

    load_plugins(plugin or [])
    folder = runs_folder(runs_dir)
    found: dict[Path, Run] = {}
    for run in map(folder.find, runs or ["latest"]):
        found.setdefault(run.path.resolve(), run)
    try:
        album = _drawn(console, [*found.values()], theme, output, runs_dir, data_dir)
    except NotWritableError as error:
        hint = error.hint if output else "draw elsewhere: --output DIR"
        raise NotWritableError(error.message, hint) from None
    for path in album.files:
        console.answer(str(path))
    for note in album.notes:
        console.notice(note)
    paths = [str(run.path) for run in found.values()]
    console.document(
        run=paths[0] if len(paths) == 1 else None,
        runs=paths,
        files=[str(path) for path in album.files],
        notes=album.notes,
    )


def _drawn(
    console: Console,
    runs: list[Run],
    theme: str,
    output: Path | None,
    runs_dir: Path | None,
    data_dir: Path | None,
) -> Album:
    from nnfs_cli.reports.plots.learnt import Opening
    from nnfs_cli.reports.plots.of_run import draw_run
    from nnfs_cli.reports.plots.of_runs import draw_runs
    from nnfs_cli.reports.plots.theme import THEMES
    from nnfs_cli.runs.load import LoadedRun, load_run

    if len(runs) > 1:
        return draw_runs(runs, THEMES[theme], output or TOGETHER)

    def network() -> LoadedRun:
        loaded = load_run(run_to_use(str(runs[0].path), runs_dir, console).path)
        if loaded.notice:
            console.notice(loaded.notice)
        return loaded

    opening = Opening(network, data_source(data_dir, console))
    return draw_run(runs[0], THEMES[theme], output, opening)
