"""Experiment: drives a training into a run folder, from the first step or from a checkpoint.

:func:`start` and :func:`resume` are generators of what happens (:mod:`nnfs_cli.events`); whoever
iterates shows it. Everything worth keeping is on disk before it is yielded.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nnfs_cli.atomic import write_atomically, write_text_atomically
from nnfs_cli.building import Built, build, undefined_metrics
from nnfs_cli.checkpoint import read_text
from nnfs_cli.component import essence
from nnfs_cli.config import Config, load_config, require_readable, validate
from nnfs_cli.data.source import Source
from nnfs_cli.earlier import earlier_run, origin_of
from nnfs_cli.errors import ConfigError, DataError, DivergedError, NnfsError, UsageError
from nnfs_cli.events import Event, Notice, Skipped
from nnfs_cli.facts import differences, environment, fingerprint
from nnfs_cli.git import git_commit
from nnfs_cli.initial_weights import initialize_from, scaling_note
from nnfs_cli.reading import Document, read_file, to_yaml
from nnfs_cli.record import DIVERGED, FINISHED, INTERRUPTED, RUNNING, Record
from nnfs_cli.run import Run
from nnfs_cli.runs_folder import RunsFolder
from nnfs_cli.saving import Saver, progress_from
from nnfs_cli.session import Session
from nnfs_cli.soundness import doubts

SCHEMA = 1


@dataclass(frozen=True)
class Request:
    """What the user asked `nnfs train` for."""

    config: Path
    overrides: Sequence[str] = ()
    name: str | None = None
    run_dir: Path | None = None
    runs: RunsFolder = field(default_factory=lambda: RunsFolder.chosen(None))
    source: Source = field(default_factory=Source)
    skip_done: bool = False
    plugins: dict[str, str] = field(default_factory=dict)
    """The user's own component files, and the SHA-256 of each."""
    argv: Sequence[str] = ()


def prepare(request: Request) -> tuple[Built, list[str]]:
    """Read the config and build everything it describes; also what is to be said of it.

    Writes nothing. Raises ConfigError and DataError.
    """
    name = [] if request.name is None else [f"name={json.dumps(request.name, ensure_ascii=False)}"]
    config, document = load_config(request.config, [*request.overrides, *name])
    origin = origin_of(config, request.runs)
    built = build(config, request.source, document, origin)
    config.data = built.data.dataset
    config.train.workers = built.training.team.size
    require_readable(config)
    notices = [built.data.notice] if built.data.notice else []
    return built, [*notices, *doubts(built, document), *undefined_metrics(built, document)]


def start(request: Request) -> Iterator[Event]:
    """Train a config in a new run; with ``skip_done``, only if no run has finished it."""
    built, notices = prepare(request)
    yield from map(Notice, notices)
    origin = origin_of(built.config, request.runs)
    identity = fingerprint(essence(built.config), built.data.hash, request.plugins, origin)
    if request.skip_done:
        earlier = earlier_run(identity, request.runs, request.run_dir)
        if earlier is not None:
            yield from _instead(earlier, request)
            return
    if origin is not None:
        yield Notice(initialize_from(origin, built.network.model))
        yield from map(Notice, filter(None, [scaling_note(origin, built.data)]))
    run = _create(request, built, identity)
    try:
        saver = Saver(built, run)
        try:
            _describe(run, request, built, identity)
            saver.save()
            if run.path.parent.resolve() == request.runs.path.resolve():
                request.runs.point_latest_at(run)
        except NnfsError:
            shutil.rmtree(run.path, ignore_errors=True)
            raise
        yield from Session(built, run, saver).train()
    finally:
        run.unlock()


def resume(run: Run, runs: RunsFolder, source: Source, epochs: int | None) -> Iterator[Event]:
    """Go on with a run exactly where its last checkpoint was written."""
    run.lock()
    try:
        record = run.read()
        last = run.chosen_checkpoint("last")
        text = read_text(last)
        config, epoch = recorded_config(run, record, text), text["progress"]["epoch"]
        if record.status == DIVERGED:
            raise UsageError(
                f"run {run.id} diverged and cannot be resumed",
                "train again with a lower optimizer.lr, or evaluate its last finite checkpoint",
            )
        if epochs is not None and epochs < epoch:
            raise UsageError(
                f"run {run.id} has {epoch} epochs already", f"ask for more than {epoch}"
            )
        if record.status == FINISHED and epochs in (None, epoch):
            yield Skipped(run, f"run {run.id} is finished; add --epochs N to train it further")
            return
        planned, config.train.epochs = config.train.epochs, epochs or config.train.epochs
        require_readable(config)
        built = _built_again(run, text, config, source)
        done = progress_from(text, last, built.training)
        saver = Saver(built, run)
        saver.restore("last")
        # Everything that can be refused has been; from here on the run's folder changes.
        run.sweep()
        run.own_files()
        if config.train.epochs != planned:
            if config.schedule.plans_ahead:
                yield Notice(f"{config.schedule.word} is planned anew over {epochs} epochs")
            run.update(planned_epochs=epochs)
            write_text_atomically(run.config, to_yaml(config.described()))
        yield from _machine_notices(record)
        built.training.progress = done
        built.training.optimizer.steps = text["optimizer_steps"]
        run.keep_metrics(done.epoch)
        run.update(status=RUNNING)
        yield from Session(built, run, saver).train()
    finally:
        run.unlock()


def _built_again(run: Run, text: dict[str, Any], config: Config, source: Source) -> Built:
    """The experiment on the very data it was started with. Raises DataError."""
    recorded = replace(source, classes=text["preprocessing"]["labels"])
    built = build(config, recorded, origin=run.chosen_checkpoint("last"))
    if built.data.hash != text["data"]["hash"]:
        raise DataError(
            f"the data is not what run {run.id} was trained on",
            "resume where the same files are found (--data-dir, NNFS_DATA)",
        )
    return built


def _machine_notices(record: Record) -> Iterator[Event]:
    """What is different from where the run was started."""
    found = ", ".join(differences(record.environment))
    if found:
        yield Notice(f"the machine differs ({found}): the end may differ in last digits")


def _create(request: Request, built: Built, identity: str) -> Run:
    """A new run folder, locked."""
    if request.run_dir is None:
        return request.runs.create(built.config.name or "run", identity)
    return RunsFolder.create_at(request.run_dir)


def _describe(run: Run, request: Request, built: Built, identity: str) -> None:
    """Write the run's config and its record."""
    original = request.config.read_bytes()
    write_atomically(run.path / "config.orig.yaml", lambda file: _ignore(file.write(original)))
    write_text_atomically(run.config, to_yaml(built.config.described()))
    run.write(
        {
            "schema": SCHEMA,
            "id": run.id,
            "number": request.runs.next_number(),
            "status": RUNNING,
            "created": datetime.now().astimezone().isoformat(timespec="seconds"),
            "argv": list(request.argv),
            "overrides": list(request.overrides),
            "seed": built.config.seed,
            "environment": environment(),
            "git": git_commit(),
            "workers": built.training.team.size,
            "plugins": request.plugins,
            "data": _data_facts(built),
            "parameters": built.network.model.parameter_count,
            "fingerprint": identity,
            "epochs": 0,
            "seconds": 0.0,
            "best": None,
            "test": None,
        }
    )


def _instead(run: Run, request: Request) -> Iterator[Event]:
    """What ``--skip-done`` does where the same training has been started before."""
    status = run.status()
    if status == DIVERGED:
        raise DivergedError(f"run {run.id} of this config diverged", "change the config")
    if status == INTERRUPTED:
        yield Notice(f"going on with run {run.id}, which was interrupted")
        yield from resume(run, request.runs, request.source, None)
    else:
        yield Skipped(run, f"skipped: run {run.id} of this config is {status}")


def recorded_config(run: Run, record: Record, text: dict[str, Any]) -> Config:
    """The run's config, which must be what its checkpoint was trained with.

    Only ``resume --epochs N`` may have changed it, in a process that was killed before its first
    checkpoint; then run.json knows N.
    """
    document = read_file(run.config)
    config = validate(document)
    try:
        recorded = validate(Document(text["config"]))
    except ConfigError as error:
        raise DataError(
            f"a checkpoint of run {run.id} holds a config that is not valid: {error}"
        ) from None
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


def _data_facts(built: Built) -> dict[str, Any]:
    data = built.data
    sizes = {
        part: len(samples)
        for part, samples in (
            ("train", data.train),
            ("validation", data.validation),
            ("test", data.test),
        )
        if samples is not None
    }
    facts = {"name": data.name, "hash": data.hash, "samples": sizes}
    return facts | ({"substituted_for": data.substituted_for} if data.substituted_for else {})


def _ignore(_: object) -> None: ...
