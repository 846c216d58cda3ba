"""``nnfs trace``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.completion import run_names
from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    DataDir,
    Overrides,
    Plugins,
    RunsDir,
    experiment_of,
)

if TYPE_CHECKING:
    from nnfs_cli.inspection.trace import StepTrace


def trace(
    console: Console,
    target: Annotated[
        str,
        typer.Argument(
            metavar="CONFIG|RUN", help="A YAML file, or a run.", autocompletion=run_names
        ),
    ],
    overrides: Overrides = None,
    sample: Annotated[
        int | None,
        typer.Option(help="Learn from this training sample alone, counted from 0."),
    ] = None,
    batch: Annotated[
        int | None, typer.Option(help="The batch of the epoch, counted from 1 [default: the next].")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, max=1000, help="How many steps.")] = 1,
    checkpoint: Annotated[
        str, typer.Option(help="Of a run: last or best, with their own epochs.")
    ] = "last",
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Show every number of a training step: forward, loss, backward, update. Writes nothing.

    Of a CONFIG the first step, of a RUN the one that would come next. Examples: nnfs trace
    configs/xor.yaml; nnfs trace latest --sample 0
    """
    from nnfs_cli.inspection.trace import Tracer
    from nnfs_cli.inspection.trace_document import step_document

    built = experiment_of(console, target, overrides, checkpoint, runs_dir, data_dir, plugin)
    documents = []
    for traced in Tracer(built).steps(steps, batch, sample):
        _tell(console, traced)
        documents.append(step_document(traced) if console.json else {})
    console.document(data=built.data.name, steps=documents)


def _tell(console: Console, traced: StepTrace) -> None:
    from nnfs_cli.inspection.trace_text import step_lines

    for line in step_lines(traced, console.small_image, console.columns):
        console.text(line)
    console.text("")
