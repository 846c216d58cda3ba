"""Trials as commands, each a process with an interpreter of its own: where none can be forked."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from nnfs_cli.errors import MachineError
from nnfs_cli.sweeps.engine import killed
from nnfs_cli.sweeps.plan import Trial
from nnfs_cli.sweeps.trial import End, Word, from_line
from nnfs_cli.sweeps.worker import GO_ON, PRUNE, STOP, Job

Hear = Callable[[Word | End], None]


class Command:
    """The process of one trial; ``hear`` is called, by a thread, with all that it says."""

    def __init__(self, job: Job, log: Path, hear: Hear) -> None:
        """Start it. Raises OSError."""
        apart: dict[str, Any] = {} if os.name == "nt" else {"process_group": 0}
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "nnfs_cli.sweeps.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                **apart,  # Ctrl-C goes to the sweep alone, which passes it on
            )
        self._say(job.to_line())
        self._listener = threading.Thread(target=self._listen, args=[hear], daemon=True)
        self._listener.start()

    def answer(self, prune: bool) -> None:
        """Whether it is pruned, where it asked."""
        self._say(PRUNE if prune else GO_ON)

    def stop(self) -> None:
        """Let it save and stop."""
        self._say(STOP)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self.wait()

    def wait(self) -> None:
        """Until it has ended, and all it said is heard."""
        self._listener.join()

    def _say(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it has ended
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def _listen(self, hear: Hear) -> None:
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        end: End | None = None
        with self._process.stdout as lines:
            for line in lines:
                said = from_line(line)
                if isinstance(said, End):
                    end = said
                else:
                    hear(said)
        code = self._process.wait()
        with suppress(OSError):
            self._process.stdin.close()
        hear(end or killed(-code if code < 0 else code))


class CommandEngine:
    """One command a trial."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._commands: dict[int, Command] = {}
        self._heard: SimpleQueue[tuple[int, Word | End]] = SimpleQueue()

    def submit(self, trial: Trial, wait: bool) -> None:
        """Start the trial's command. Raises MachineError."""
        number = trial.number
        try:
            command = Command(Job.of(trial, wait), self.log, lambda w: self._heard.put((number, w)))
        except OSError as error:
            raise MachineError(
                f"no process can be started for trial {number} ({error.strerror})", "lower --jobs"
            ) from None
        self._commands[number] = command

    def completed(self, seconds: float) -> Iterator[tuple[int, Word | End]]:
        """The next thing that one of them says."""
        with suppress(Empty):
            number, said = self._heard.get(timeout=seconds)
            if isinstance(said, End):
                del self._commands[number]
            yield number, said

    def answer(self, number: int, prune: bool) -> None:
        """A line to the command."""
        self._commands[number].answer(prune)

    def cancel(self) -> None:
        """Let all save and stop."""
        for command in self._commands.values():
            command.stop()

    def close(self) -> None:
        """Kill all."""
        for command in self._commands.values():
            command.kill()
        self._commands.clear()
