"""``nnfs plot``."""

from __future__ import annotations

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import RunName, RunsDir, runs_folder


def plot(console: Console, run: RunName = "latest", runs_dir: RunsDir = None) -> None:
    """Draw loss, metrics and confusion matrix of a run as svg and png, into its plots folder.

    Needs the extra `plot`: pip install 'nnfs-cli[plot]'. Example: nnfs plot runs/latest
    """
    from nnfs_cli.reports.plots import plot_run

    found = runs_folder(runs_dir).find(run)
    paths = plot_run(found)
    for path in paths:
        console.answer(str(path))
    console.document(run=str(found.path), files=[str(path) for path in paths])
