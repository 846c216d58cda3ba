"""Resuming: going on with a run from its last checkpoint, exactly where that was written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nnfs_cli.atomic import sync_folder, write_text_atomically
from nnfs_cli.config.config import Config, require_readable, validate
from nnfs_cli.config.yaml_reader import Document, read_file, to_yaml
from nnfs_cli.data.source import Source
from nnfs_cli.errors import ConfigError, DataError, UsageError
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.runs.checkpoint import newer_version, read_text
from nnfs_cli.runs.checkpointing import Checkpointer, progress_from
from nnfs_cli.runs.describe import facts_again, lost_record
from nnfs_cli.runs.events import Event, Notice, Skipped
from nnfs_cli.runs.initial_weights import preprocessing_of
from nnfs_cli.runs.layer_rows import keep_layers
from nnfs_cli.runs.provenance import differences
from nnfs_cli.runs.record import DIVERGED, EARLY_STOPPING, FINISHED, RUNNING, Record
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.session import Session
from nnfs_cli.training.loop import Progress


def resume(run: Run, runs: RunsFolder, source: Source, epochs: int | None) -> Iterator[Event]:
    """Go on with a run exactly where its last checkpoint was written."""
    run.lock()
    try:
        last = run.chosen_checkpoint("last")
        text = read_text(last)
        record = run.read() if run.has_record() else lost_record(run, text, runs)
        epoch = text["progress"]["epoch"]
        _refuse_hopeless(run, record, epoch, epochs)
        if record.status == FINISHED and epochs in (None, epoch):
            run.mark_finished()
            yield Skipped(run, _nothing_to_do(run, record))
            return
        config = recorded_config(run, record, text)
        planned, config.train.epochs = config.train.epochs, epochs or config.train.epochs
        require_readable(config)
        built = _built_again(run, text, config, source_of(source, record, text))
        done = progress_from(text, last, built.training)
        facts = facts_again(built, record)
        saver = Checkpointer(built, run, facts)
        saver.restore("last")
        # Everything that can be refused has been; from here on the run's folder changes.
        run.sweep()
        run.own_files()
        if not run.has_record():
            run.write(record.to_json() | facts)
            yield Notice(f"{run.path / 'run.json'} is missing and written anew from last.npz")
        if config.train.epochs != planned:
            if config.schedule.plans_ahead:
                yield Notice(f"{config.schedule.word} is planned anew over {epochs} epochs")
            run.update(planned_epochs=epochs)
            write_text_atomically(run.config, to_yaml(config.described()))
        yield from _machine_notices(run, record)
        built.training.progress = done
        built.training.optimizer.steps = text["optimizer_steps"]
        _cut_rows(run, done, len(built.training.batches))
        if record.status == FINISHED:  # to ask for more is to ask to go on: patience begins anew
            run.update(patience_from=epoch)
        run.update(status=RUNNING, stopped=None)
        yield from Session(built, run, saver).train()
    finally:
        run.unlock()


def _cut_rows(run: Run, done: Progress, batches: int) -> None:
    """Cut off what was not yet so when the checkpoint was written.

    An epoch's layers are measured at its last step, before it is validated.
    """
    run.keep_metrics(done.epoch)
    keep_layers(run, done.epoch + (done.batch == batches))


def _nothing_to_do(run: Run, record: Record) -> str:
    if record.stopped == EARLY_STOPPING:
        ended = f"stopped early after {record.epochs} epochs"
        return f"run {run.id} {ended}; --epochs N goes on, and patience begins anew"
    return f"run {run.id} is finished; add --epochs N to train it further"


def _refuse_hopeless(run: Run, record: Record, done: int, epochs: int | None) -> None:
    """Raise UsageError where no way leads on."""
    if record.status == DIVERGED:
        error = UsageError(
            f"run {run.id} diverged and cannot be resumed",
            "train again with a lower optimizer.lr, or evaluate its last finite checkpoint",
        )
    elif epochs is not None and epochs < done:
        error = UsageError(f"run {run.id} has {done} epochs already", f"ask for more than {done}")
    else:
        return
    error.facts = run.outcome(record)
    raise error


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


def _machine_notices(run: Run, record: Record) -> Iterator[Event]:
    """What is different from where the run was started, and what its disk cannot do."""
    missing = not_promised(run)
    if missing:
        yield Notice(missing)
    found = ", ".join(differences(record.environment))
    if found:
        yield Notice(f"the machine differs ({found}): the end may differ in last digits")


def recorded_config(run: Run, record: Record, text: dict[str, Any]) -> Config:
    """The run's config, which must be what its checkpoint was trained with.

    Only ``resume --epochs N`` may have changed it, in a process that was killed before its first
    checkpoint; then run.json knows N.
    """
    try:
        recorded = validate(Document(text["config"]))
    except ConfigError as error:
        raise DataError(
            f"a checkpoint of run {run.id} holds a config that is not valid: {error}",
            newer_version(text),
        ) from None
    config = validate(read_file(run.config))
    differing = _differences(config.described(), recorded.described())
    planned = record.planned_epochs
    if differing and not (differing == ["train.epochs"] and config.train.epochs == planned):
        keys = ", ".join(differing)
        raise UsageError(
            f"{run.config} was edited since the run was saved: {keys}",
            "undo that, or train a new run with `init_from`",
        )
    config.train.workers = config.train.workers or record.workers or 1
    return config


def _differences(a: Any, b: Any, path: str = "") -> list[str]:
    if isinstance(a, dict) and isinstance(b, dict):
        inner = [
            _differences(a.get(key), b.get(key), f"{path}.{key}".lstrip("."))
            for key in sorted({*a, *b})
        ]
        return [difference for found in inner for difference in found]
    return [] if a == b else [path]
