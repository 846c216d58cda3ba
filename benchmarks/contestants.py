"""Contestants: a side with a work, in a process of its own that waits for its turn."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from memory import cpu_seconds, peak_mib
from sides import ONE_BLAS_THREAD
from works import WORKS

from nnfs_cli.cli.app import BLAS_THREADS

HERE = Path(__file__).resolve().parent
TURN = 0.2
"""Seconds that a turn of steps should take."""
MAX_STEPS = 100_000


class MissingError(Exception):
    """The side cannot take part: a package or the data is missing, or it cannot do this work."""


class Stepping:
    """A side that stays, and is told through a pipe to do some more steps."""

    def __init__(self, side: str, work: str) -> None:
        command = [sys.executable, str(HERE / "side.py"), side, work]
        # The command line of nnfs sets them for itself.
        threads = dict.fromkeys(BLAS_THREADS, "1") if side in ONE_BLAS_THREAD else {}
        self.process = subprocess.Popen(
            command,
            env=os.environ | threads,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        answer = self._answer()
        if answer != "ready":
            raise MissingError(answer or "it failed")
        self.steps = 1
        while (seconds := self._seconds()) < TURN / 4 and self.steps < MAX_STEPS:
            self.steps *= 4
        self.steps = max(1, round(self.steps * TURN / seconds))

    def turn(self) -> float:
        """Seconds of a step."""
        return self._seconds() / self.steps

    def memory(self) -> float:
        return peak_mib(self.process.pid)

    def cpu(self) -> float:
        return cpu_seconds(self.process.pid)

    def close(self) -> None:
        self.process.communicate()

    def _seconds(self) -> float:
        assert self.process.stdin
        self.process.stdin.write(f"{self.steps}\n")
        self.process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


class Launching:
    """A side whose every turn is a whole process. Its memory is that of an untimed first one."""

    def __init__(self, side: str, work: str) -> None:
        config = ["-m", "nnfs_cli", "train", str(HERE / "mlp.yaml")]
        arguments = {
            "nnfs": config,
            "nnfs_alone": [*config, "train.workers=1"],
            "pytorch": [str(HERE / "torch_mnist.py")],
            "jax_jit": [str(HERE / "jax_mnist.py")],
            "scikit_learn": [str(HERE / "sklearn_mnist.py")],
        }
        if side not in arguments:
            raise MissingError("it has no whole process")
        if "NNFS_DATA" not in os.environ:
            raise MissingError("NNFS_DATA does not name a folder with mnist/")
        self.command = [sys.executable, *arguments[side]]
        self.folder = tempfile.TemporaryDirectory()
        self.peak = 0.0
        process = self._start()
        while process.poll() is None:
            self.peak = max(self.peak, peak_mib(process.pid))
            time.sleep(0.01)
        if process.returncode:
            _, errors = process.communicate()
            raise MissingError(errors.strip().rpartition("\n")[2])

    def turn(self) -> float:
        """Seconds from start to exit."""
        began = time.perf_counter()
        self._start().communicate()
        return time.perf_counter() - began

    def memory(self) -> float:
        return self.peak

    def cpu(self) -> float:
        """No process waits between turns."""
        return 0.0

    def close(self) -> None:
        self.folder.cleanup()

    def _start(self) -> subprocess.Popen[str]:
        # From the second time on, a program starts from the bytecode that its first start left.
        unset = {"PYTHONDONTWRITEBYTECODE"}
        return subprocess.Popen(
            self.command,
            cwd=self.folder.name,
            env={name: value for name, value in os.environ.items() if name not in unset},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )


Contestant = Stepping | Launching


def contestant(side: str, work: str) -> Contestant:
    """Start a side. Raises MissingError."""
    kind = Launching if WORKS[work].does == "process" else Stepping
    return kind(side, work)
