"""``nnfs predict``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from nnfs_cli.cli.completion import run_names
from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import CheckpointName, Plugins, RunsDir, run_to_use
from nnfs_cli.errors import DataError, UsageError


def predict(
    console: Console,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Images, folders, .npy, .npz, .csv; - is stdin."),
    ],
    run: Annotated[
        str, typer.Option("--run", help="The run to predict with.", autocompletion=run_names)
    ] = "latest",
    checkpoint: CheckpointName = None,
    top: Annotated[int, typer.Option(min=1, help="How many classes to name.")] = 3,
    invert: Annotated[
        bool | None,
        typer.Option("--invert/--no-invert", help="Dark on light or not [default: detected]."),
    ] = None,
    center: Annotated[
        bool | None,
        typer.Option("--center/--no-center", help="Crop and centre or not [default: detected]."),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Draw what the network saw.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Answer although no figure, or several, were found.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write a .csv, .json or .npy as well."),
    ] = None,
    proba: Annotated[
        bool, typer.Option("--proba", help="With the probability of every class in the file.")
    ] = False,
    submission: Annotated[
        str | None,
        typer.Option(metavar="ID,LABEL", help="Write two columns of these names instead."),
    ] = None,
    runs_dir: RunsDir = None,
    plugin: Plugins = None,
) -> None:
    """Say what is in images, arrays or rows of a table, a line each, most probable class first.

    Examples: nnfs predict digit.png --show; nnfs predict photos/ --run best --output answers.csv
    """
    from nnfs_cli.cli.reporting import report_predictions
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.predict.answers_file import AnswersFile, two_names
    from nnfs_cli.predict.inputs import Failure, read_inputs
    from nnfs_cli.predict.predict import predict_all
    from nnfs_cli.runs.load import load_run

    load_plugins(plugin or [])
    loaded = load_run(run_to_use(run, runs_dir, console).path, checkpoint)
    if loaded.notice:
        console.notice(loaded.notice)
    file = None
    if output is not None:
        names = None if submission is None else two_names(submission)
        file = AnswersFile(
            output, loaded.outputs, proba, names, loaded.network.preprocessing.id_name
        )
        file.require_free(files)
        network = loaded.network
        file.require_probabilities(network.task != "classes" or network.gives_probabilities)
    elif proba or submission is not None:
        raise UsageError("--proba and --submission say what is written", "add --output FILE.csv")
    inputs = read_inputs(
        files,
        loaded.network.preprocessing,
        invert=invert,
        center=center,
        stdin=sys.stdin.buffer,
    )
    every = file is not None and file.needs_all
    answers = report_predictions(
        console, loaded, predict_all(loaded, inputs, top, force, every), show
    )
    if file is not None:
        file.write(answers)
    if any(isinstance(answer, Failure) for answer in answers):
        raise typer.Exit(DataError.code)
