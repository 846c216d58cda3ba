"""Trials as commands, ``nnfs train ... --skip-done``: where processes cannot be forked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nnfs_cli.errors import DivergedError, LockedError, MachineError
from nnfs_cli.runs.record import DIVERGED, FINISHED, INTERRUPTED
from nnfs_cli.sweeps.engine import killed
from nnfs_cli.sweeps.plan import Trial
from nnfs_cli.sweeps.trial import FAILED, TAKEN, End, Word

LOOK_AGAIN = 0.05
STATUS = {0: FINISHED, DivergedError.code: DIVERGED, LockedError.code: TAKEN}


@dataclass
class _Command:
    number: int
    process: subprocess.Popen[bytes]
    answer: IO[bytes]

    def end(self) -> End:
        """How it ended, from its JSON answer."""
        code = self.process.returncode
        self.answer.seek(0)
        with self.answer, suppress(ValueError):
            found: dict[str, Any] = json.loads(self.answer.read())
            error = found.get("error") or {}
            status = INTERRUPTED if code > 128 else STATUS.get(code, FAILED)
            told = (str(error.get(key) or "") for key in ("message", "hint"))
            return End(status, code, str(found.get("run") or ""), *told)
        return killed(-code if code < 0 else code)


class CommandEngine:
    """One command a trial."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._commands: list[_Command] = []

    def submit(self, trial: Trial, wait: bool) -> None:
        """Start the trial's command. Raises MachineError."""
        words = [sys.executable, "-m", "nnfs_cli", *trial.command, "--json"]
        apart: dict[str, Any] = {} if os.name == "nt" else {"process_group": 0}
        try:
            with self.log.open("ab") as log:
                answer = tempfile.TemporaryFile()  # noqa: SIM115
                process = subprocess.Popen(
                    [*words, "--wait"] if wait else words,
                    stdin=subprocess.DEVNULL,
                    stdout=answer,
                    stderr=log,
                    **apart,  # Ctrl-C goes to the sweep alone, which passes it on
                )
        except OSError as error:
            raise MachineError(
                f"no process can be started for trial {trial.number} ({error.strerror})",
                "lower --jobs",
            ) from None
        self._commands.append(_Command(trial.number, process, answer))

    def completed(self, seconds: float) -> Iterator[tuple[int, Word | End]]:
        """The ends of those that ended."""
        deadline = time.monotonic() + seconds
        while not (ended := [c for c in self._commands if c.process.poll() is not None]):
            if time.monotonic() >= deadline:
                return
            time.sleep(LOOK_AGAIN)
        for command in ended:
            self._commands.remove(command)
            yield command.number, command.end()

    def cancel(self) -> None:
        """SIGTERM to all."""
        for command in self._commands:
            command.process.terminate()

    def close(self) -> None:
        """SIGKILL to all."""
        for command in self._commands:
            command.process.kill()
            command.process.wait()
            command.answer.close()
        self._commands.clear()
