"""Trials on a Dask cluster, whose machines share this one's disk.

The scheduler gives the task of a worker that dies to another one, where the run goes on from its
last checkpoint: nothing is trained twice but what came after that.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from nnfs_cli import __version__
from nnfs_cli.errors import DataError, MachineError, NnfsError, UsageError
from nnfs_cli.sweeps import dask_task
from nnfs_cli.sweeps.engine import KILLED
from nnfs_cli.sweeps.plan import Trial
from nnfs_cli.sweeps.trial import End, Word
from nnfs_cli.sweeps.worker import Job

PATIENCE = 5.0
"""Seconds in which a scheduler must answer."""
TELLING = 3.0
"""Seconds that a word to the workers may take."""


class DaskEngine:
    """One task a trial, in the workers of a cluster."""

    def __init__(self, address: str) -> None:
        """Raises MachineError without distributed or without a scheduler there, UsageError."""
        self.address, self.sweep = address, f"nnfs-{uuid.uuid4().hex}"
        self.folder = Path()
        self._client = _connected(address)
        self._futures: dict[int, Any] = {}
        self._places: dict[int, str] = {}
        """The worker that each trial was last heard from."""
        self._heard: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self._begun, self._is_lost = 0, False
        self._client.subscribe_topic(self.sweep, self._hear)

    @property
    def places(self) -> int:
        """How many trials the workers can train at a time. Raises MachineError without any."""
        found = sum(self._client.nthreads().values())
        if not found:
            self._client.close()
            hint = f"start one: dask worker {self.address}"
            raise MachineError(f"the Dask scheduler at {self.address} has no workers", hint)
        return int(found)

    def check(self, trials: Sequence[Trial], folder: Path) -> None:
        """See that every worker has the disk, the data, the plugins. Raises what is missing."""
        self.folder = folder.resolve()
        self._require_same_version()
        jobs = [asdict(Job.of(trial)) for trial in trials]
        ends = self._client.run(dask_task.check, jobs, str(self.folder), on_error="return")
        for worker, line in ends.items():
            if isinstance(line, BaseException):
                raise MachineError(f"the Dask worker {worker} fails: {line}")
            end = dask_task.parsed(line)
            if isinstance(end, End) and end.code:
                raise _error_of(end, f"on the Dask worker {worker}: {end.message}")

    def _require_same_version(self) -> None:
        """Raise MachineError for a worker that has no nnfs, or another one."""
        name, hint = dask_task.__name__, "install the same version there"
        there = self._client.run(importlib.import_module, name, on_error="return")
        for worker, found in there.items():
            if isinstance(found, BaseException):
                raise MachineError(f"the Dask worker {worker} cannot import nnfs: {found}", hint)
        for worker, version in self._client.run(dask_task.version).items():
            if version != __version__:
                message = f"the Dask worker {worker} has nnfs {version}, and here is {__version__}"
                raise MachineError(message, hint)

    def submit(self, trial: Trial, wait: bool) -> None:
        """Give the trial to the scheduler; it always waits for another process that trains it."""
        self._begun += 1
        job = asdict(Job.of(trial, wait=True))
        future = self._client.submit(
            dask_task.run_trial, self.sweep, trial.number, job, str(self.folder),
            key=f"{self.sweep}-{trial.number}-{self._begun}", pure=False,
        )  # fmt: skip
        self._futures[trial.number] = future
        future.add_done_callback(lambda future: self._heard.put((trial.number, future)))

    def completed(self, seconds: float) -> Iterator[tuple[int, Word | End]]:
        """The next thing that a trial says. Raises MachineError when the scheduler is gone."""
        if self._is_lost:
            for number in [*self._futures]:
                del self._futures[number]
                yield number, End(KILLED)
        try:
            number, said = self._heard.get(timeout=seconds)
        except Empty:
            self._require_scheduler()
            return
        self._require_scheduler()
        if isinstance(said, Word):
            if number in self._futures:
                yield number, said
        elif self._futures.get(number) is said:
            del self._futures[number]
            yield number, self._end(said)

    def _require_scheduler(self) -> None:
        """Raise MachineError when it is gone; then no trial is heard of any more."""
        if self._client.status != "running" and not self._is_lost:
            self._is_lost = True
            raise MachineError(f"the Dask scheduler at {self.address} is gone", "start it again")

    def answer(self, number: int, prune: bool) -> None:
        """To the worker that asked."""
        place = self._places.get(number)
        if place is not None:
            self._tell(dask_task.answer, number, prune, workers=[place])

    def cancel(self) -> None:
        """Let all save and stop; what no worker has begun is not begun."""
        self._tell(dask_task.stop)
        waiting = [self._futures[n] for n in self._futures if n not in self._places]
        if waiting and not self._is_lost:
            with suppress(Exception):
                self._client.cancel(waiting)

    def close(self) -> None:
        """End at once what is at work, and leave the cluster."""
        if self._futures:
            self._tell(dask_task.kill)
        self._futures.clear()
        with suppress(Exception), _quiet():
            self._client.close(timeout=TELLING)

    def _hear(self, event: tuple[float, list[Any]]) -> None:
        place, number, line = event[1]
        self._places[number] = place
        self._heard.put((number, dask_task.parsed(line)))

    def _end(self, future: Any) -> End:
        if future.status == "finished":
            end = dask_task.parsed(future.result())
            assert isinstance(end, End)
            return end
        if future.status == "cancelled":
            return End(KILLED, MachineError.code, message="its task was cancelled")
        message = " ".join(str(future.exception()).split())
        return End(KILLED, MachineError.code, message=f"its Dask worker failed: {message}")

    def _tell(self, what: Any, *words: Any, **where: Any) -> None:
        if not self._is_lost:
            with suppress(Exception):
                self._client.sync(
                    self._client._run, what, self.sweep, *words, on_error="ignore",
                    callback_timeout=TELLING, **where,
                )  # fmt: skip


def _connected(address: str) -> Any:
    try:
        from distributed import Client
        from distributed.comm import resolve_address
    except ImportError:
        hint = "install the extra: pip install 'nnfs-cli[dask]'"
        raise MachineError("--dask needs dask.distributed", hint) from None
    for name in [name for name in logging.root.manager.loggerDict if "distributed" in name]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        resolve_address(address)
    except OSError as error:
        raise MachineError(f"--dask {address}: {error.strerror}", "correct the host") from None
    except Exception as error:
        raise UsageError(f"--dask {address}: {error}", "write --dask tcp://HOST:8786") from None
    try:
        asyncio.run(asyncio.wait_for(_asked_who_it_is(address), PATIENCE))
        with _quiet():
            return Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception:  # whatever answers may be no scheduler, and say anything
        hint = f"start one: dask scheduler, and workers: dask worker {address}"
        raise MachineError(f"no Dask scheduler answers at {address}", hint) from None


async def _asked_who_it_is(address: str) -> None:
    """Raises an error where no scheduler answers: a Client that fails leaves much behind."""
    from distributed.core import rpc
    from distributed.security import Security

    async with rpc(address, connection_args=Security().get_connection_args("client")) as scheduler:
        identity = await scheduler.identity()
    if identity.get("type") != "Scheduler":
        raise OSError(f"{identity.get('type')} is no scheduler")


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask warns of versions that differ a little, and of ends that are in order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _error_of(end: End, message: str) -> NnfsError:
    kinds = {kind.code: kind for kind in (UsageError, DataError, MachineError)}
    return kinds.get(end.code, MachineError)(message, end.hint)
