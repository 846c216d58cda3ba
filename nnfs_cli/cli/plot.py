"""``nnfs plot``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.named_runs import RunsOrLatest, runs_named
from nnfs_cli.cli.options import (
    DataDir,
    Plugins,
    RunsDir,
    ThemeName,
    data_source,
    run_to_use,
    runs_folder,
)

if TYPE_CHECKING:
    from nnfs_cli.reports.plots.canvas import Album
    from nnfs_cli.reports.plots.learnt import Opening
    from nnfs_cli.reports.plots.subject import Subject
    from nnfs_cli.reports.plots.theme import Theme
    from nnfs_cli.runs.load import LoadedRun
    from nnfs_cli.runs.repetition import Repetition
    from nnfs_cli.runs.run import Run

TOGETHER = Path("plots")
"""Where several runs are drawn."""


def plot(
    console: Console,
    runs: RunsOrLatest = None,
    metric: Annotated[
        str | None,
        typer.Option(help="Of several runs: for what keys matter [default: the monitored value]."),
    ] = None,
    theme: ThemeName = "light",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Draw here [default: the run's folder plots; of several, plots]."
        ),
    ] = None,
    animate: Annotated[
        bool,
        typer.Option(
            "--animate", help="Train again in memory, and draw what each epoch learnt as a GIF."
        ),
    ] = False,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Draw a run as svg and png: loss, metrics, learning rate, layers, and what it learnt.

    That is, of one or two features, decision regions, probabilities, a map or the curve of the
    value; of images the first layer's weights; the confusion matrix. Of several runs: their losses
    and metrics, a line for each run or, over seeds, for each config with a band; a heat map of two
    keys, parallel coordinates, the importance of each key (with the extra `search`). Needs the
    extra `plot`: pip install 'nnfs-cli[plot]'. Examples: nnfs plot latest --animate; nnfs plot
    latest latest~1 --theme dark; nnfs plot sweeps/20261126-101500-mnist --metric test_accuracy
    """
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.errors import NotWritableError, UsageError

    load_plugins(plugin or [])
    found = runs_named(runs or ["latest"], runs_dir)
    if metric is not None and len(found) == 1:
        raise UsageError("--metric is for several runs", "leave it out, or name more of them")
    if animate and len(found) > 1:
        raise UsageError(f"--animate draws one run, received {len(found)}", "name one of them")
    opener = Opener(console, runs_dir, data_dir)
    try:
        album = _drawn(opener, found, theme, output, animate, metric)
    except NotWritableError as error:
        hint = error.hint if output else "draw elsewhere: --output DIR"
        raise NotWritableError(error.message, hint) from None
    for path in album.files:
        console.answer(str(path))
    for note in album.notes:
        console.notice(note)
    paths = [str(run.path) for run in found]
    console.document(
        run=paths[0] if len(paths) == 1 else None,
        runs=paths,
        files=[str(path) for path in album.files],
        notes=album.notes,
    )


def _drawn(
    opener: Opener,
    runs: list[Run],
    theme: str,
    output: Path | None,
    animate: bool,
    metric: str | None,
) -> Album:
    from nnfs_cli.reports.plots.of_run import draw_run
    from nnfs_cli.reports.plots.theme import THEMES

    if len(runs) > 1:
        return _many(runs, THEMES[theme], output or TOGETHER, metric)
    if animate:  # what cannot be animated is refused before anything is drawn
        again, subject = opener.repetition(runs[0])
    album = draw_run(runs[0], THEMES[theme], output, opener.opening(runs[0]))
    if animate:
        opener.animate(album, runs[0], subject, again)
    return album


def _many(runs: list[Run], theme: Theme, folder: Path, metric: str | None) -> Album:
    """Of several runs: a line for each, or for each config that was trained with several seeds."""
    from nnfs_cli.reports.comparing.groups import compared
    from nnfs_cli.reports.plots.of_groups import draw_bands, draw_keys
    from nnfs_cli.reports.plots.of_runs import draw_runs
    from nnfs_cli.runs.record import FINISHED

    if not any(run.has_record() and run.read().status == FINISHED for run in runs):
        return draw_runs(runs, theme, folder)
    found = compared((run for run in runs if run.has_record()), metric)
    members = sum(len(group.members) for group in found.groups)
    if members > max(len(found.groups), 2):
        album = draw_bands(found, theme, folder)
        for note in found.notes:
            album.note(note)
    else:
        album = draw_runs(runs, theme, folder)
    draw_keys(album, found)
    return album


@dataclass(frozen=True)
class Opener:
    """Finds what a run learnt, as the options of the command say."""

    console: Console
    runs_dir: Path | None
    data_dir: Path | None

    def opening(self, run: Run) -> Opening:
        """The run's network, when it is asked for, and the source of its data."""
        from nnfs_cli.reports.plots.learnt import Opening

        return Opening(lambda: self.network(run), data_source(self.data_dir, self.console))

    def network(self, run: Run) -> LoadedRun:
        """The trained network."""
        from nnfs_cli.runs.load import load_run

        loaded = load_run(run_to_use(str(run.path), self.runs_dir, self.console).path)
        if loaded.notice:
            self.console.notice(loaded.notice)
        return loaded

    def repetition(self, run: Run) -> tuple[Repetition, Subject[Any]]:
        """The run before its first step, and what an animation shows of it."""
        from nnfs_cli.reports.plots.animation import animated
        from nnfs_cli.runs.repetition import begin_again

        network = self.network(run).network
        source = data_source(self.data_dir, self.console)
        again = begin_again(run, runs_folder(self.runs_dir), source)
        return again, animated(run, network, again)

    def animate(self, album: Album, run: Run, subject: Subject[Any], again: Repetition) -> None:
        """Train the run again, and draw that."""
        from nnfs_cli.reports.plots.animation import animate

        epochs, steps = again.goal
        self.console.progress(f"training again in memory: {epochs} epochs, {steps:,} steps")
        training, drawing = map(self.console.counter, ("training again", "drawing"))
        animate(album, run, subject, again, training, drawing)
