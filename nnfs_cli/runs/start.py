"""Start: drives a training into a new run folder, or into one that is there already.

:func:`start` is a generator of what happens (:mod:`nnfs_cli.runs.events`); the caller shows
it. Everything worth keeping is on disk before it is yielded.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nnfs_cli.components.described import essence
from nnfs_cli.config.config import ConfigFile, load_config, require_readable
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, DivergedError, LockedError, NotWritableError
from nnfs_cli.experiment.build import Built, DataLoader, build, undefined_metrics
from nnfs_cli.experiment.soundness import doubts
from nnfs_cli.runs.annotations import annotate, require_annotations
from nnfs_cli.runs.checkpointing import Checkpointer
from nnfs_cli.runs.describe import describe, new_facts, training_facts
from nnfs_cli.runs.earlier import earlier_run, origin_of
from nnfs_cli.runs.events import Event, Notice, Skipped
from nnfs_cli.runs.git import git_commit
from nnfs_cli.runs.initial_weights import initialized, preprocessing_of
from nnfs_cli.runs.logger import require_loggers
from nnfs_cli.runs.provenance import fingerprint
from nnfs_cli.runs.record import DIVERGED, INTERRUPTED, PRUNED, RUNNING
from nnfs_cli.runs.resume import not_promised, resume
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.session import Session
from nnfs_cli.runs.waiting import wait_for


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
    wait: bool = False
    """With ``skip_done``: for another process that trains the config, instead of refusing."""
    plugins: dict[str, str] = field(default_factory=dict)
    """The user's own component files, and the SHA-256 of each."""
    argv: Sequence[str] = ()
    tags: Sequence[str] = ()
    note: str | None = None
    """To be written on the run, which may be one that there is."""
    log: Sequence[str] = ()
    """Programs that are told of the training, see ``logger.py``."""
    commit: Callable[[], str | None] = git_commit
    load: DataLoader | None = None
    """What loads the data, where it is not read anew: the trials of a sweep share it."""
    file: ConfigFile | None = None
    """The config, where it is not read anew."""
    identity: str = ""
    """The fingerprint that it must have; empty: any."""

    def original(self) -> bytes:
        """The user's bytes."""
        return self.file.content if self.file else self.config.read_bytes()


def prepare(request: Request) -> tuple[Built, list[str]]:
    """Read the config and build everything it describes; also what is to be said of it.

    Writes nothing. Raises ConfigError and DataError.
    """
    name = [] if request.name is None else [f"name={json.dumps(request.name, ensure_ascii=False)}"]
    config, document = load_config(request.config, [*request.overrides, *name], request.file)
    origin = origin_of(config, request.runs)
    built = build(config, request.source, document, preprocessing_of(origin), request.load)
    config.data = built.data.dataset
    config.train.workers = built.training.team.size
    require_readable(config)
    told = [*document.notes, *filter(None, [built.data.notice])]
    return built, [*told, *doubts(built, document), *undefined_metrics(built, document)]


def initialize(request: Request, built: Built) -> list[str]:
    """Start from the weights of the run that ``init_from`` names, if one is; say what was taken."""
    return initialized(built, origin_of(built.config, request.runs))


def identity_of(request: Request, built: Built) -> str:
    """The fingerprint of what is trained."""
    origin = origin_of(built.config, request.runs)
    return fingerprint(essence(built.config), built.data.hash, request.plugins, origin)


def start(request: Request) -> Generator[Event, None, None]:
    """Train a config in a new run; with ``skip_done``, only if no run has finished it."""
    require_annotations(request.tags, request.note)
    require_loggers(request.log)
    built, notices = prepare(request)
    yield from map(Notice, notices)
    origin = origin_of(built.config, request.runs)
    identity = identity_of(request, built)
    _require_as_planned(request, identity)
    facts = training_facts(built, request.plugins, identity)
    taken = initialized(built, origin)
    while True:
        run, is_new = _claim(request, built, facts)
        if is_new:
            yield from _train_new(run, request, built, facts, taken)
            return
        try:
            yield from _instead(run, request)
            return
        except LockedError:
            if not request.wait:
                raise
        yield Notice(f"waiting for run {run.id} of this config, which another process trains")
        wait_for(run, built.config.train.checkpoint.every_seconds)


def _require_as_planned(request: Request, identity: str) -> None:
    if request.identity not in ("", identity):
        raise DataError(
            "the config, the data, a plugin or the version of nnfs is no longer what it was when "
            "the sweep began",
            "undo that and go on with `nnfs sweep --resume`, or begin a new sweep",
        )


def _claim(request: Request, built: Built, facts: dict[str, Any]) -> tuple[Run, bool]:
    """A new run, locked, or with ``skip_done`` the one that there is; and whether it is new.

    Of several processes that begin with a config at once, one gets a new run.
    """
    lies_in_runs = request.run_dir is None or _is_in(request.run_dir, request.runs)
    try:
        with request.runs.registering() if lies_in_runs else nullcontext():
            earlier = _earlier(request, facts)
            return (_new_run(request, built, facts), True) if earlier is None else (earlier, False)
    except NotWritableError as error:
        earlier = _earlier(request, facts)  # to look at runs needs no writing
        if earlier is None:
            raise NotWritableError(error.message, "train elsewhere: --runs-dir DIR") from error
        return earlier, False


def _earlier(request: Request, facts: Mapping[str, Any]) -> Run | None:
    if not request.skip_done:
        return None
    return earlier_run(facts["fingerprint"], request.runs, request.run_dir)


def _new_run(request: Request, built: Built, facts: Mapping[str, Any]) -> Run:
    number = request.runs.next_number()
    if request.run_dir is None:
        run = request.runs.create(built.config.name or "run", facts["fingerprint"])
    else:
        run = RunsFolder.create_at(request.run_dir)
    try:
        if built.config.init_from is not None:
            built.config.init_from = os.path.relpath(built.config.init_from, run.path.resolve())
        own = new_facts(request.argv, request.overrides, request.commit()) | {"number": number}
        describe(run, request.original(), built, {**facts, **own})
        annotate(run, request.tags, request.note)
    except BaseException:
        _discard(run)
        raise
    return run


def _train_new(
    run: Run, request: Request, built: Built, facts: dict[str, Any], taken: list[str]
) -> Iterator[Event]:
    try:
        try:
            saver = Checkpointer(built, run, facts)
            saver.save()
            session = Session(built, run, saver, request.log)
            moved = ""
            if _is_in(run.path, request.runs):
                moved = request.runs.point_latest_at(run)
        except BaseException:
            _discard(run)
            raise
        yield from map(Notice, filter(None, (*taken, moved, not_promised(run))))
        yield from session.train()
    finally:
        run.unlock()


def _is_in(path: Path, runs: RunsFolder) -> bool:
    return path.resolve().parent == runs.path.resolve()


def _discard(run: Run) -> None:
    run.unlock()
    shutil.rmtree(run.path, ignore_errors=True)


def _instead(run: Run, request: Request) -> Iterator[Event]:
    """What ``--skip-done`` does where the same training has been started before."""
    annotate(run, request.tags, request.note)
    status = run.status()
    if status == RUNNING:
        raise run.locked(f"run {run.id} of this config is being trained by another process")
    if status == DIVERGED:
        error = DivergedError(f"run {run.id} of this config diverged", "change the config")
        error.facts = run.outcome()
        raise error
    if status in (INTERRUPTED, PRUNED):
        if status == INTERRUPTED:
            yield Notice(f"going on with run {run.id}, which was interrupted")
        yield from resume(run, request.runs, request.source, log=request.log)
    else:
        run.mark_finished()
        yield Skipped(run, f"skipped: run {run.id} of this config is {status}")
