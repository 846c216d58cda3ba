"""Resuming: going on with a run from its last checkpoint, exactly where that was written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnfs_cli.atomic import sync_folder, write_text_atomically
from nnfs_cli.config.config import Config, require_readable
from nnfs_cli.config.yaml_reader import to_yaml
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.runs.change import Change
from nnfs_cli.runs.changes import changed, changes_between, go_on, stages
from nnfs_cli.runs.checkpoint import read_text
from nnfs_cli.runs.checkpointing import Checkpointer, progress_from
from nnfs_cli.runs.describe import facts_again, facts_of_changes, lost_record
from nnfs_cli.runs.events import Event, Notice, Skipped
from nnfs_cli.runs.history import history_of, restore_rows
from nnfs_cli.runs.initial_weights import preprocessing_of
from nnfs_cli.runs.layer_rows import keep_layers
from nnfs_cli.runs.logger import require_loggers
from nnfs_cli.runs.provenance import differences
from nnfs_cli.runs.record import (
    DIVERGED,
    EARLY_STOPPING,
    FINISHED,
    MAX_TIME,
    PRUNED,
    RUNNING,
    Record,
)
from nnfs_cli.runs.recorded import place_of, recorded_changes, recorded_config
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.session import Session
from nnfs_cli.training.loop import Progress


def resume(
    run: Run,
    runs: RunsFolder,
    source: Source,
    overrides: Sequence[str] = (),
    log: Sequence[str] = (),
) -> Iterator[Event]:
    """Go on with a run exactly where its last checkpoint was written.

    ``overrides`` are the ``key=value`` that hold from there on, see ``runs/changes.py``; ``log``
    names programs that are told of it, see ``runs/logger.py``.
    """
    require_loggers(log)
    rests = not overrides and run.has_record() and not run.is_locked()
    if rests and run.status() == FINISHED:
        run.mark_finished()
        yield Skipped(run, _nothing_to_do(run, run.read()))
        return
    run.lock()
    try:
        yield from _resume_locked(run, runs, source, overrides, log)
    finally:
        run.unlock()


def _cut_rows(run: Run, done: Progress, batches: int) -> None:
    """Cut off what was not yet so when the checkpoint was written.

    An epoch's layers are measured at its last step, before it is validated.
    """
    run.keep_metrics(done.epoch)
    keep_layers(run, done.epoch + (done.batch == batches))


def _resume_locked(
    run: Run, runs: RunsFolder, source: Source, overrides: Sequence[str], log: Sequence[str]
) -> Iterator[Event]:
    text, path = _starting_point(run, bool(overrides))
    is_lost = not run.has_record()
    record = lost_record(run, text, runs) if is_lost else run.read()
    before = recorded_config(run, record, text)
    config = changed(before, overrides)
    asked = [key.partition("=")[0] for key in overrides]
    anew = asked if record.status == FINISHED else []
    new = changes_between(before, config, anew, text["progress"])
    _refuse_hopeless(run, record, before, config, text)
    if record.status == FINISHED and text["progress"]["epoch"] == config.train.epochs:
        yield _nothing_left(run, record, new)
        return
    require_readable(config)
    built = _built_again(run, text, config, source_of(source, record, text))
    done = progress_from(text, path, built.training, history_of(run, text))
    changes = recorded_changes(record, text) + new
    facts = facts_again(built, record, changes)
    saver = Checkpointer(built, run, facts, changes)
    saver.restore(path.stem)
    # Everything that can be refused has been; from here on the run's folder changes.
    run.sweep()
    run.own_files()
    own = facts if is_lost else facts_of_changes(record, changes)
    run.write(record.to_json() | own | {"status": RUNNING, "stopped": None})
    if is_lost:
        yield Notice(f"{run.path / 'run.json'} is missing and written anew from {path.name}")
    built.training.progress = done
    built.training.take_up_epoch()
    built.training.optimizer.steps = text["optimizer_steps"]
    go_on(built.training, stages(config, changes)[-1])
    told = [*_of_its_end(run, record), *_in_words(new, asked, built)]
    yield from map(Notice, [*told, *_of_the_machine(run, record)])
    _cut_rows(run, done, len(built.training.batches))
    restore_rows(run, text, built.training)
    if changes or record.resumed_with:
        write_text_atomically(run.config, to_yaml(config.described()))
        saver.save()
    yield from Session(built, run, saver, log).train()


def _starting_point(run: Run, to_change: bool) -> tuple[dict[str, Any], Path]:
    """The last checkpoint, its text and its file.

    A best one that is later, as a divergence or a kill may leave it, is not trained again by a
    run that changes, so such a run goes on from that.
    """
    last = run.chosen_checkpoint("last")
    text = read_text(last)
    known = run.read().resumed_with if run.has_record() else []
    if run.has_checkpoint("best") and (to_change or any(c.place > place_of(text) for c in known)):
        best = run.checkpoint("best")
        best_text = read_text(best)
        if place_of(best_text) > place_of(text):
            return best_text, best
    return text, last


def _nothing_left(run: Run, record: Record, new: Sequence[Change]) -> Skipped:
    """The answer of a run that has trained all of its epochs. Raises UsageError."""
    keys = [change.key for change in new if change.value != change.before]
    if keys and keys != ["train.epochs"]:
        raise UsageError(
            f"run {run.id} has trained its {record.epochs} epochs, so {keys[-1]} changes nothing",
            "add --epochs N to train it further",
        )
    run.mark_finished()
    return Skipped(run, _nothing_to_do(run, record))


def _nothing_to_do(run: Run, record: Record) -> str:
    if record.stopped == EARLY_STOPPING:
        ended = f"stopped early after {record.epochs} epochs"
        return f"run {run.id} {ended}; --epochs N goes on, and patience begins anew"
    if record.stopped == MAX_TIME:
        ended = f"stopped after {record.epochs} epochs, as train.max_time says"
        return f"run {run.id} {ended}; --epochs N goes on, for as long again"
    return f"run {run.id} is finished; add --epochs N to train it further"


def _refuse_hopeless(
    run: Run, record: Record, before: Config, config: Config, text: Mapping[str, Any]
) -> None:
    """Raise UsageError where no way leads on."""
    done, rate = text["progress"]["epoch"], before.optimizer.lr
    if record.status == DIVERGED and config.optimizer.lr >= rate:
        error = UsageError(
            f"run {run.id} diverged and cannot be resumed with its learning rate of {rate:g}",
            "go on from its last finite checkpoint with a lower one: --lr LOWER",
        )
    elif config.train.epochs < done:
        error = UsageError(f"run {run.id} has {done} epochs already", f"ask for more than {done}")
    else:
        return
    error.facts = run.outcome(record)
    raise error


def _of_its_end(run: Run, record: Record) -> Iterator[str]:
    if record.ended == PRUNED:
        yield f"run {run.id} was pruned after epoch {record.epochs}; it goes on from there"


def _in_words(new: Sequence[Change], asked: Sequence[str], built: Built) -> Iterator[str]:
    """What is different from here on, as far as the training is another for it."""
    schedule, training = built.config.schedule, built.training
    done, keys = training.progress, [change.key for change in new]
    for change in new:
        if change.key == "optimizer.lr":
            factor = training.schedule(done.step, training.total_steps, done.history)
            yield f"{change}" + (
                "" if factor == 1.0 else f", times {factor:.3g} by {schedule.word}"
            )
        elif change.key != "train.epochs":
            yield str(change)
        elif schedule.plans_ahead and change.value != change.before and "schedule" not in keys:
            yield f"{schedule.word} is planned anew over {change.value} epochs"
    if "schedule" in asked and "schedule" not in keys:
        yield "the schedule is this one already, and goes on as it was planned"


def source_of(source: Source, record: Record, text: Mapping[str, Any]) -> Source:
    """The source for a run's data: its classes keep their order, and it knows where they were."""
    return replace(source, started_in=record.folder, classes=text["preprocessing"]["labels"])


def _built_again(run: Run, text: dict[str, Any], config: Config, source: Source) -> Built:
    """The experiment on the very data it was started with. Raises DataError."""
    built = build(config, source, kept=preprocessing_of(run.chosen_checkpoint("last")))
    if built.data.hash != text["data"]["hash"]:
        raise DataError(
            f"the data is not what run {run.id} was trained on",
            "resume where the same files are found (--data-dir, NNFS_DATA)",
        )
    return built


def not_promised(run: Run) -> str:
    """What the run's disk cannot do, and what that means; empty for nearly every disk."""
    missing = []
    if not run.lock_is_promised:
        missing.append("locks, so two processes may train one run at once")
    if os.name != "nt" and not sync_folder(run.path):
        missing.append("syncing of folders, so a power loss may cost the newest files")
    return f"the disk of {run.path} does without {'; and '.join(missing)}" if missing else ""


def _of_the_machine(run: Run, record: Record) -> Iterator[str]:
    """What is different from where the run was started, and what its disk cannot do."""
    missing = not_promised(run)
    if missing:
        yield missing
    found = ", ".join(differences(record.environment))
    if found:
        yield f"the machine differs ({found}): the end may differ in last digits"
