"""A run's whole experiment as a checkpoint left it, to look at: nothing is locked or written."""

from __future__ import annotations

from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.runs.changes import go_on, stages
from nnfs_cli.runs.checkpoint import arrays_of, load_into, read_text
from nnfs_cli.runs.checkpointing import progress_from
from nnfs_cli.runs.describe import lost_record
from nnfs_cli.runs.history import history_of
from nnfs_cli.runs.initial_weights import preprocessing_of
from nnfs_cli.runs.recorded import recorded_changes, recorded_config
from nnfs_cli.runs.resume import source_of
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder


def reopen(run: Run, runs: RunsFolder, source: Source, checkpoint: str = "last") -> Built:
    """The data, the network and the training of a run, with the arrays of a checkpoint.

    Raises DataError if the data is no longer what the run was trained on.
    """
    path = run.chosen_checkpoint(checkpoint)
    text = read_text(path)
    record = run.read() if run.has_record() else lost_record(run, text, runs)
    config = recorded_config(run, record, text)
    built = build(config, source_of(source, record, text), kept=preprocessing_of(path))
    if built.data.hash != text["data"]["hash"]:
        raise DataError(
            f"the data is not what run {run.id} was trained on",
            "look at it where the same files are found (--data-dir, NNFS_DATA)",
        )
    go_on(built.training, stages(config, recorded_changes(record, text))[-1])
    history = history_of(run, text)
    built.training.progress = progress_from(text, path, built.training, history)
    load_into(path, arrays_of(built.network.model, built.network.optimizer))
    built.network.optimizer.steps = text["optimizer_steps"]
    return built
