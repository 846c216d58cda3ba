"""Workers: a team of several processes, forked from the one that the user started.

Processes, because threads of Python take turns at everything between two array operations, and
the operations of a small network are as short as the turns. What workers share lies in memory
that a fork does not copy (:func:`~nnfs_cli.compute.arrays.shared_zeros`). Nothing else is shared;
in a step, `all_reduce` being the one behind backward and `barrier` the one behind the optimizer:

- the parameters' values: every worker writes its shard of them between `all_reduce` and `barrier`;
  all read them from `barrier` to the next `all_reduce`, where rank 0 also validates and saves;
- the optimizer's memory: as the values, but read by its writer, and by rank 0 when it saves;
- a vector of gradients for each worker: its worker writes it from `barrier` to `all_reduce`; then
  every worker reads its shard of all of them, and writes their sum to that shard of rank 0's;
- the predictions: every worker writes its samples' from `barrier` to `all_reduce`; rank 0's metrics
  read them between `all_reduce` and `barrier`;
- the boards: every worker writes its row before a barrier, and all read them until their next one,
  while the other board takes what is written;
- the errors: written by a worker that fails, read by rank 0 when that worker has ended.

tests/training/test_delays.py delays every worker between any two lines, and compares the bytes.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkProcess
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array, shared_zeros
from nnfs_cli.compute.team import T, Team
from nnfs_cli.errors import MachineError

BOARD_BYTES = 65_536
"""What a worker can show the others at a time."""
TRIES = 1_000
"""How often a worker looks for the others before it goes to sleep: some 200 microseconds."""
OUT_OF_MEMORY = "out of memory"
PR_SET_PDEATHSIG = 1
"""Linux: the signal that a process gets when its parent ends."""


class Workers(Team):
    """A team of ``size`` processes, of which :meth:`at_work` forks all but rank 0."""

    def __init__(self, size: int) -> None:
        """Raise MachineError where the system has no semaphores that processes share."""
        self.size = size
        self._context = multiprocessing.get_context("fork")
        # Two of each: a worker may come to the next meeting before all have left this one.
        self._turn = 0
        self._boards = [shared_zeros((size, BOARD_BYTES), np.uint8) for _ in range(2)]
        self._errors = shared_zeros((size, BOARD_BYTES), np.uint8)
        self._others: list[ForkProcess] = []
        self._founder = os.getpid()
        self._hurried = False
        self._gates = self._closed_gates()

    @contextmanager
    def at_work(self, task: Callable[[], object]) -> Iterator[None]:
        """Fork the other workers; they are ended where the ``with`` block ends."""
        # Workers that were ended in the middle of a step may have opened gates already.
        self._gates, self._hurried = self._closed_gates(), False
        self._errors[...] = 0
        try:
            for rank in range(1, self.size):
                self._fork(rank, task)
            self.rank = 0
            yield
        finally:
            for process in self._others:
                process.kill()
                process.join()
            self._others.clear()

    def hurry(self) -> None:
        """Let workers that were stopped (SIGSTOP) go on, from now on until the work ends.

        So that a training that was asked to end can finish its step and save. Safe to call from a
        signal handler.
        """
        self._hurried = True
        self._continue_the_others()

    def _closed_gates(self) -> list[list[Any]]:
        """A gate for every worker, two of each."""
        try:
            return [[self._context.Semaphore(0) for _ in range(self.size)] for _ in range(2)]
        except (OSError, ImportError) as error:
            raise MachineError(
                f"processes cannot share semaphores here ({error})", "set train.workers=1"
            ) from None

    def _fork(self, rank: int, task: Callable[[], object]) -> None:
        """Start a worker, which no signal reaches before it has its own ways with signals."""
        self.rank = rank
        process = self._context.Process(target=self._work, args=(task,), daemon=True)
        try:
            with ready_to_fork():
                process.start()
        except OSError as error:
            raise MachineError(
                f"worker {rank} of {self.size} cannot be started ({error.strerror})",
                "set train.workers=1",
            ) from None
        self._others.append(process)

    def start_batch(self, samples: int) -> None:
        """Keep the number for ``global_count``."""
        self._samples = samples

    def all_reduce(self, value: T) -> T:
        """Add up what every worker wrote on its board."""
        values = np.asarray(value)
        flat, step = values.reshape(-1), BOARD_BYTES // values.itemsize
        pieces = [self._sum(flat[start : start + step]) for start in range(0, flat.size, step)]
        if isinstance(value, float):
            return float(pieces[0][0])
        return np.concatenate(pieces).reshape(values.shape) if pieces else value

    def global_count(self, count: float) -> float:
        """As many for each sample, so the other workers need not be asked."""
        shard = self.shard(self._samples)
        own: int = shard.stop - shard.start
        return count * self._samples / own

    def barrier(self) -> None:
        """Open every other worker's gate once, and pass one's own once for each of them."""
        gates = self._gates[self._turn]
        self._turn = 1 - self._turn
        for rank, gate in enumerate(gates):
            if rank != self.rank:
                gate.release()
        for _ in range(self.size - 1):
            self._pass(gates[self.rank].acquire)

    def _sum(self, values: Array) -> Array:
        boards = self._boards[self._turn][:, : values.nbytes].view(values.dtype)
        boards[self.rank] = values
        self.barrier()
        total: Array = boards[0].copy()
        for board in boards[1:]:
            total += board
        return total

    def _pass(self, acquire: Callable[..., bool]) -> None:
        for _ in range(TRIES):
            if acquire(False):
                return
        if self.rank:
            acquire(True)  # until rank 0 ends, which ends this one as well
            return
        while not acquire(True, 0.5):
            self._look_after_the_others()

    def _continue_the_others(self) -> None:
        for process in self._others:
            with suppress(ProcessLookupError):
                os.kill(process.pid or 0, signal.SIGCONT)

    def _look_after_the_others(self) -> None:
        """Raise the error that ended another; rank 0 alone is their parent, and may ask."""
        if self._hurried:
            self._continue_the_others()
        for rank, process in enumerate(self._others, start=1):
            if not process.is_alive():
                words = bytes(self._errors[rank]).rstrip(b"\0").decode(errors="replace")
                if words == OUT_OF_MEMORY:
                    raise MemoryError
                why = words or f"it ended with {process.exitcode}"
                raise MachineError(
                    f"worker {rank} of {self.size} failed: {why}",
                    "train.workers=1 does all of it in one process",
                )

    def _work(self, task: Callable[[], object]) -> None:
        """Life of a forked worker: no terminal, no signals but the last, no file left open.

        A file that stayed open would keep the run locked after rank 0 was killed. It ends with the
        process that forked it, in the middle of a step if need be.

        Signals that rank 0 handles, and that often go to the whole group of processes, are left to
        it; a processor time limit, which is each process's own, is passed on.
        """
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._founder:  # which ended before that
            os._exit(1)
        for number in (numbers := handled()):
            signal.signal(number, self._pass_on if number == signal.SIGXCPU else signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        for name in os.listdir("/proc/self/fd"):
            if int(name) > 2:
                os.closerange(int(name), int(name) + 1)
        try:
            task()
        except MemoryError:
            self._report(OUT_OF_MEMORY)
        except BaseException:
            self._report(traceback.format_exc(limit=-1).strip().splitlines()[-1])
        os._exit(0)

    def _pass_on(self, number: int, frame: object) -> None:
        os.kill(self._founder, number)

    def _report(self, words: str) -> None:
        """Write down why this worker fails; rank 0 makes an error of it."""
        encoded = words.encode()[:BOARD_BYTES]
        self._errors[self.rank, : len(encoded)] = np.frombuffer(encoded, np.uint8)


def require_processes() -> None:
    """Raise MachineError where this process cannot start others that it could share memory with."""
    remedy = "set train.workers=1"
    if not can_fork():
        raise MachineError("more than one worker needs Linux", remedy)
    if multiprocessing.current_process().daemon:  # as in a pool of multiprocessing
        raise MachineError("a daemonic process may start no other processes", remedy)
    try:
        with ready_to_fork():
            child = os.fork()
            if child == 0:
                os._exit(0)
        os.waitpid(child, 0)
    except OSError as error:
        raise MachineError(f"no other process can be started ({error.strerror})", remedy) from None


@contextmanager
def ready_to_fork() -> Iterator[None]:
    """Within it, no signal that this process handles reaches it, or the child that it forks."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, handled())
    try:
        with warnings.catch_warnings():
            # Python warns of other threads' locks: a child takes none but its own.
            warnings.filterwarnings("ignore", "This process .* is multi-threaded")
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def can_fork() -> bool:
    """Whether a process can be forked with its arrays; macOS's own BLAS does not survive it."""
    return sys.platform == "linux" and hasattr(os, "fork")


def handled() -> list[int]:
    """The signals that this process answers with a function of its own: it stops and saves, say."""
    return [number for number in signal.valid_signals() if callable(signal.getsignal(number))]
