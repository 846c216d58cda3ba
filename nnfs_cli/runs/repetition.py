"""A run trained again in memory from its own record: nothing is written."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from nnfs_cli.data.source import Source
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.runs.changes import Stage, go_on, stages
from nnfs_cli.runs.checkpoint import read_text
from nnfs_cli.runs.earlier import origin_of
from nnfs_cli.runs.initial_weights import initialize_from, preprocessing_of
from nnfs_cli.runs.record import Record
from nnfs_cli.runs.recorded import place_of, recorded_changes, recorded_config
from nnfs_cli.runs.resume import source_of
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.training.loop import Epoch, Step


@dataclass(frozen=True, eq=False)
class Repetition:
    """A run's experiment before its first step, and how far its last checkpoint is."""

    built: Built
    record: Record
    text: dict[str, Any]
    """That of the last checkpoint."""
    stages: Sequence[Stage]

    @property
    def goal(self) -> tuple[int, int]:
        """Finished epochs and steps of the last checkpoint."""
        return place_of(self.text)

    @property
    def is_of_the_same_data(self) -> bool:
        """Whether the data is what the run was trained on."""
        return bool(self.built.data.hash == self.text["data"]["hash"])

    def events(self) -> Generator[Step | Epoch, None, None]:
        """Train as far as the goal, each stage with its own config. Raises DivergedError."""
        training = self.built.training
        done = training.progress
        for stage in self.stages:
            go_on(training, stage)
            end = stage.end or self.goal
            with closing(iter(training)) as events:
                while (done.epoch, done.step) < end and done.epoch < training.epochs:
                    yield next(events)
            training.snapshot()


def begin_again(run: Run, runs: RunsFolder, source: Source) -> Repetition:
    """Build what a run began with. Raises DataError, UsageError."""
    last = run.chosen_checkpoint("last")
    record, text = run.read(), read_text(last)
    config = recorded_config(run, record, text)
    parts = stages(config, recorded_changes(record, text))
    built = build(parts[0].config, source_of(source, record, text), kept=preprocessing_of(last))
    if config.init_from is not None:
        origin = origin_of(config, runs, run)
        assert origin is not None
        initialize_from(origin, built.network.model)
    go_on(built.training, parts[-1])
    return Repetition(built, record, text, parts)
