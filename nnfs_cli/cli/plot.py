"""``nnfs plot``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import RunName, RunsDir, runs_folder


def plot(
    console: Console,
    run: RunName = "latest",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Draw here [default: the run's folder plots]."),
    ] = None,
    runs_dir: RunsDir = None,
) -> None:
    """Draw loss, metrics and confusion matrix of a run as svg and png, into its folder plots.

    Needs the extra `plot`: pip install 'nnfs-cli[plot]'. Example: nnfs plot runs/latest
    """
    from nnfs_cli.errors import NotWritableError
    from nnfs_cli.reports.plots import plot_run

    found = runs_folder(runs_dir).find(run)
    try:
        paths = plot_run(found, output)
    except NotWritableError as error:
        hint = error.hint if output else "draw elsewhere: --output DIR"
        raise NotWritableError(error.message, hint) from None
    for path in paths:
        console.answer(str(path))
    console.document(run=str(found.path), files=[str(path) for path in paths])
