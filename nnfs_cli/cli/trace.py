"""``nnfs trace``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    ConfigOrRun,
    DataDir,
    Overrides,
    Plugins,
    RunsDir,
    experiment_of,
)
from nnfs_cli.errors import UsageError

if TYPE_CHECKING:
    from nnfs_cli.inspection.trace import StepTrace


def trace(
    console: Console,
    target: ConfigOrRun,
    overrides: Overrides = None,
    sample: Annotated[
        int | None,
        typer.Option(help="Learn from this training sample alone, counted from 0."),
    ] = None,
    batch: Annotated[
        int | None, typer.Option(help="The batch of the epoch, counted from 1 [default: the next].")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, max=1000, help="How many steps.")] = 1,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write a page to step through with the keyboard."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace any existing file.")] = False,
    checkpoint: Annotated[
        str | None,
        typer.Option(help="Of a run: last or best, with their own epochs. [default: last]"),
    ] = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Show every number of a training step: forward, loss, backward, update. Writes nothing.

    Of a CONFIG the first step, of a RUN the one that would come next. Examples: nnfs trace
    configs/xor.yaml; nnfs trace latest --sample 0 --html step.html
    """
    from nnfs_cli.inspection.trace import Tracer
    from nnfs_cli.inspection.trace_document import step_document
    from nnfs_cli.inspection.trace_page import trace_page
    from nnfs_cli.page_file import require_free, write_page

    if html is not None:
        if steps > 1:
            raise UsageError("a page shows one step", "leave --steps or --html out")
        require_free(html, force)
    built = experiment_of(console, target, overrides, checkpoint, runs_dir, data_dir, plugin)
    documents = []
    for traced in Tracer(built).steps(steps, batch, sample):
        if html is None:
            _tell(console, traced)
        else:
            classes = list(built.network.labels)
            write_page(html, trace_page(traced, built.config.name or target, classes))
            console.answer(str(html))
        documents.append(step_document(traced) if console.json else {})
    console.document(data=built.data.name, steps=documents, page=html)


def _tell(console: Console, traced: StepTrace) -> None:
    from nnfs_cli.inspection.trace_text import step_lines

    for line in step_lines(traced, console.small_image, console.columns):
        console.answer(line, whole=True)
    console.answer()
