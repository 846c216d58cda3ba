"""``nnfs eval``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    CheckpointName,
    DataDir,
    Plugins,
    RunName,
    RunsDir,
    data_source,
    run_to_use,
)

if TYPE_CHECKING:
    from nnfs_cli.reports.evaluation import RunEvaluation


def eval_(
    console: Console,
    run: RunName = "latest",
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    checkpoint: CheckpointName = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Evaluate on a csv, tsv or npz file, or a folder of class folders."),
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(metavar="METRIC=VALUE", help="Exit 6 if a metric is worse; repeatable."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write here [default: the run's folder eval]."),
    ] = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Measure a run on its test samples: metrics, a table of classes, the confusion matrix.

    Of more than 1,000 classes confusion_pairs.csv lists the pairs that occur, and outputs.npy has
    what is otherwise a column for each class in predictions.csv.

    Examples: nnfs eval runs/latest; nnfs eval latest --split validation; nnfs eval latest
    --fail-under accuracy=0.97
    """
    from nnfs_cli.cli.reporting import report_evaluation
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.predict.labelled import read_labelled
    from nnfs_cli.reports.evaluation import (
        check_targets,
        evaluate_run,
        parse_targets,
        require_measured,
    )
    from nnfs_cli.runs.load import load_run

    targets = parse_targets(fail_under or [])
    load_plugins(plugin or [])
    loaded = load_run(run_to_use(run, runs_dir, console).path, checkpoint)
    if loaded.notice:
        console.notice(loaded.notice)
    require_measured(targets, loaded.network)
    source = data_source(data_dir, console)
    result = evaluate_run(loaded, source, split, data, read_labelled, console.counter("evaluating"))
    if result.notice:
        console.notice(result.notice)
    console.answer(
        f"run {loaded.run.id}, checkpoint {loaded.checkpoint.stem}, "
        f"{result.data} {result.split}, {len(result.samples):,} samples"
    )
    report_evaluation(console, result)
    folder = _kept(console, result, output)
    console.document(
        run=str(loaded.run.path),
        checkpoint=loaded.checkpoint.stem,
        data=result.data,
        split=result.split,
        samples=len(result.samples),
        metrics=result.metrics,
        folder=folder,
    )
    check_targets(targets, result.metrics, result.measured)


def _kept(console: Console, found: RunEvaluation, output: Path | None) -> Path | None:
    """The folder that keeps what was found; None for a run that may only be read."""
    from nnfs_cli.errors import DataError, NotWritableError
    from nnfs_cli.reports.evaluation_files import keep, kept_of_many

    try:
        folder = keep(found, output)
    except (DataError, NotWritableError) as error:
        if output is not None:
            raise
        console.notice(f"this is not kept ({error.message}); --output DIR writes it elsewhere")
        return None
    many = kept_of_many(found)
    console.answer(f"written to {folder}" + (f": {many}" if many else ""))
    return folder
