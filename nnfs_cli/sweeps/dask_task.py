"""What a Dask worker does for a sweep: it minds the trials, each a process of its own."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from nnfs_cli import __version__
from nnfs_cli.errors import MachineError
from nnfs_cli.sweeps.commands import Command
from nnfs_cli.sweeps.engine import KILLED
from nnfs_cli.sweeps.trial import FAILED, End, Word, from_line, to_line
from nnfs_cli.sweeps.worker import Job

COMMANDS: dict[tuple[str, int], Command] = {}
"""The trials at work in this worker, by sweep and number."""
STOPPED: set[str] = set()
"""Sweeps that are to end."""
LOOK = 1.0
"""Seconds between two looks whether the sweep is still there."""
IN_ORDER = ("running", "paused")
"""Of a worker that has a scheduler."""
AT_WORK = ("executing", "long-running")


def run_trial(sweep: str, number: int, job: dict[str, Any], folder: str) -> bytes:
    """Train a trial to its end, which is returned as a line; what it says goes to the sweep."""
    from distributed import get_worker

    worker, heard = get_worker(), SimpleQueue[Word | End]()
    key = worker.get_current_task()
    if sweep in STOPPED:
        return to_line(End(KILLED, message="it was not begun"))
    fault = _unseen(folder)
    if fault:
        return to_line(fault)
    try:
        command = Command(Job(**job), Path(folder) / "log", heard.put)
    except OSError as error:
        return to_line(End(FAILED, MachineError.code, message=f"no process: {error.strerror}"))
    COMMANDS[sweep, number] = command
    looked = time.monotonic()
    try:
        while True:
            with suppress(Empty):
                said = heard.get(timeout=LOOK)
                if isinstance(said, End):
                    return to_line(said)
                worker.log_event(sweep, [worker.address, number, to_line(said).decode()])
            if time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                if not _wanted(worker, key):
                    command.stop()
    finally:
        del COMMANDS[sweep, number]


def _wanted(worker: Any, key: str) -> bool:
    """Whether the scheduler is there and has the task: not if the sweep was killed."""
    task = worker.state.tasks.get(key)
    return worker.status.name in IN_ORDER and task is not None and task.state in AT_WORK


def _unseen(folder: str) -> End | None:
    if (Path(folder) / "sweep.yaml").is_file():
        return None
    hint = "run the workers where the disk of the sweep is mounted"
    return End(FAILED, MachineError.code, message=f"there is no {folder} there", hint=hint)


def version() -> str:
    """Of nnfs there."""
    return __version__


async def check(jobs: list[dict[str, Any]], folder: str) -> bytes:
    """The first fault of a machine that is to train these, or that there is none."""
    return await asyncio.to_thread(_checked, jobs, folder)


def _checked(jobs: list[dict[str, Any]], folder: str) -> bytes:
    fault = _unseen(folder)
    for job in [] if fault else jobs:
        heard = SimpleQueue[Word | End]()
        try:
            Command(Job(**job | {"check": True}), Path(folder) / "log", heard.put).wait()
        except OSError as error:
            return to_line(End(FAILED, MachineError.code, message=f"no process: {error.strerror}"))
        end = heard.get()
        if isinstance(end, End) and end.code:
            return to_line(end)
    return to_line(fault or End("finished"))


def answer(sweep: str, number: int, prune: bool) -> None:
    """Tell a trial whether it is pruned."""
    command = COMMANDS.get((sweep, number))
    if command is not None:
        command.answer(prune)


def stop(sweep: str) -> None:
    """Let all trials of a sweep save and stop; begin no other."""
    STOPPED.add(sweep)
    for (its, _), command in [*COMMANDS.items()]:
        if its == sweep:
            command.stop()


def kill(sweep: str) -> None:
    """End them at once."""
    STOPPED.add(sweep)
    for (its, _), command in [*COMMANDS.items()]:
        if its == sweep:
            command.kill()


def parsed(line: bytes | str) -> Word | End:
    """What came over the network."""
    return from_line(line if isinstance(line, bytes) else line.encode())
