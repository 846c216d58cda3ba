"""``nnfs report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.named_runs import RunsOrLatest, runs_named, sweep_of
from nnfs_cli.cli.options import DataDir, Plugins, RunsDir, data_source

if TYPE_CHECKING:
    from nnfs_cli.data.source import Source
    from nnfs_cli.reports.pages.run_page import Seen
    from nnfs_cli.runs.run import Run

FILE = "report.html"
MISTAKES = 24
"""That a page shows."""


def report(
    console: Console,
    runs: RunsOrLatest = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE.html",
            help="Write here [default: report.html in the folder of the run or sweep; of several "
            "runs, here].",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace any existing file.")] = False,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Write a page about a run, or about several: one file that needs nothing else.

    Of a run: how good it is in one sentence, curves, confusion matrix, the worst mistakes,
    calibration, config, environment, and the command that repeats it. Of several: the same as
    `nnfs compare` says, with their curves, those of several seeds as a band.

    Examples: nnfs report latest; nnfs report sweeps/20261126-101500-mnist; nnfs report latest
    latest~1 --output two.html
    """  # fmt: skip
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.errors import NotWritableError
    from nnfs_cli.page_file import require_free, write_page

    load_plugins(plugin or [])
    source = data_source(data_dir, console)
    names = runs or ["latest"]
    found = runs_named(names, runs_dir)
    sweep = sweep_of(names, runs_dir)
    path = output or _place(found, sweep)
    require_free(path, force)
    text = _one(console, found[0], source) if len(found) == 1 else _several(console, found, source)
    try:
        write_page(path, text)
    except NotWritableError as error:
        hint = error.hint if output else "write it elsewhere: --output FILE.html"
        raise NotWritableError(error.message, hint) from None
    console.answer(str(path))
    console.document(runs=[str(run.path) for run in found], page=path, bytes=len(text.encode()))


def _place(runs: list[Run], sweep: Path | None) -> Path:
    if sweep is not None:
        return sweep / FILE
    return runs[0].file(FILE) if len(runs) == 1 else Path(FILE)


def _one(console: Console, run: Run, source: Source) -> str:
    from nnfs_cli.errors import NnfsError
    from nnfs_cli.reports.pages.run_page import run_page
    from nnfs_cli.runs.annotations import read_annotations

    record, notes = run.read(), list[str]()
    seen = None
    try:
        seen = _seen(console, run, source)
    except NnfsError as error:
        hint = f"; {error.hint}" if error.hint else ""
        notes.append(f"without what needs the data and the network: {error.message}{hint}")
        console.notice(notes[0])
    return run_page(run, record, read_annotations(run), seen, notes)


def _seen(console: Console, run: Run, source: Source) -> Seen | None:
    """What the network does with its test samples, or with those of the validation."""
    from nnfs_cli.inspection.worst import worst
    from nnfs_cli.predict.labelled import read_labelled
    from nnfs_cli.reports.evaluation import evaluate_run
    from nnfs_cli.reports.pages.mistakes import Wrong
    from nnfs_cli.reports.pages.run_page import Seen
    from nnfs_cli.runs.load import load_run

    sizes = run.read().data.samples
    split = next((name for name in ("test", "validation") if sizes.get(name)), None)
    if split is None:
        return None
    loaded = load_run(run.path)
    if loaded.notice:
        console.notice(loaded.notice)
    counter = console.counter("evaluating")
    found = evaluate_run(loaded, source, split, None, read_labelled, counter)
    mistakes, count = worst(loaded.network, found.samples, MISTAKES)
    wrong = [Wrong(m.sample, m.origin, m.true, m.answer, m.probability) for m in mistakes]
    about = f"{count:,} of {len(found.samples):,} are wrong, the worst first"
    return Seen(
        found,
        wrong,
        count,
        about if loaded.network.task != "values" else "the largest errors first",
    )


def _several(console: Console, runs: list[Run], source: Source) -> str:
    from nnfs_cli.cli.compare import paired
    from nnfs_cli.reports.comparing.groups import compared
    from nnfs_cli.reports.comparing.verdict import verdict
    from nnfs_cli.reports.pages.runs_page import runs_page

    found = compared(runs, None)
    for note in found.notes:
        console.notice(note)
    sentences = [verdict(found).text]
    paired(console, found, source, sentences)
    return runs_page(found, sentences)
