"""``nnfs resume``."""

from __future__ import annotations

from typing import Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    DataDir,
    Plugins,
    RunName,
    RunsDir,
    data_source,
    run_to_use,
    runs_folder,
)


def resume(
    console: Console,
    run: RunName = "latest",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Train until so many epochs in all.")
    ] = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Go on with an interrupted run, exactly where it stopped.

    Examples: nnfs resume; nnfs resume runs/latest; nnfs resume latest --epochs 20
    """
    from nnfs_cli.cli.reporting import report_training
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.runs.resume import resume

    load_plugins(plugin or [])
    runs = runs_folder(runs_dir)
    found = run_to_use(run, runs_dir, console)
    source = data_source(data_dir, console)
    report_training(console, console.follow(resume(found, runs, source, epochs)))
