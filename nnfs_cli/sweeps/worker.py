"""A trial in a process of its own, ``python -m nnfs_cli.sweeps.worker``.

It reads what to train from the first line of stdin, and tells how it is in lines on stdout. Each
further line answers a question or stops it; it stops too when stdin ends, because whoever started
it is gone. What else is printed goes to stderr.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from nnfs_cli.config.plugins import load_plugins
from nnfs_cli.data.source import Source
from nnfs_cli.errors import NnfsError
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, identity_of, prepare
from nnfs_cli.runs.wakeups import wake_for_signals
from nnfs_cli.sweeps.plan import Trial
from nnfs_cli.sweeps.trial import FAILED, End, Word, end_by, heed_signals, to_line, train

GO_ON, PRUNE, STOP = b"go on\n", b"prune\n", b"stop\n"


@dataclass(frozen=True)
class Job:
    """What is to be trained, in words that another machine understands too."""

    folder: str
    """Where relative paths begin."""
    config: str
    overrides: list[str]
    argv: list[str]
    runs: str
    data_dir: str | None
    plugins: list[str]
    fingerprint: str
    tags: list[str]
    note: str | None
    log: list[str]
    may_be_pruned: bool = False
    wait: bool = False
    check: bool = False
    """Whether to look if all is there, and train nothing."""

    @classmethod
    def of(cls, trial: Trial, wait: bool = False) -> Job:
        """The job of a trial, for a process on the same disk."""
        request, options = trial.request, trial.options
        data_dir = request.source.data_dir
        return cls(
            folder=os.getcwd(),
            config=str(request.config),
            overrides=[*request.overrides],
            argv=[*request.argv],
            runs=str(request.runs.path),
            data_dir=None if data_dir is None else str(data_dir),
            plugins=[value for name, value in pairwise(options) if name == "--plugin"],
            fingerprint=trial.fingerprint,
            tags=[*request.tags],
            note=request.note,
            log=[*request.log],
            may_be_pruned=trial.may_be_pruned,
            wait=wait,
        )

    def to_line(self) -> bytes:
        """The job as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    def request(self) -> Request:
        """What `nnfs train` would be asked for. Raises UsageError for a plugin."""
        return Request(
            config=Path(self.config),
            overrides=self.overrides,
            runs=RunsFolder(Path(self.runs)),
            source=Source.from_environment(None if self.data_dir is None else Path(self.data_dir)),
            skip_done=True,
            wait=self.wait,
            plugins=load_plugins(map(Path, self.plugins)),
            argv=self.argv,
            tags=self.tags,
            note=self.note,
            log=self.log,
            identity=self.fingerprint,
        )


class _Line:
    """The two pipes to who started this process."""

    def __init__(self, come: IO[bytes], out: IO[bytes]) -> None:
        self._come, self._out = come, out
        self._answers: SimpleQueue[bytes] = SimpleQueue()

    def listen(self) -> None:
        """Take in what comes; stop the training when that is said, or when no more can come."""
        for line in self._come:
            if line == STOP:
                break
            self._answers.put(line)
        self._answers.put(GO_ON)  # a question is not answered any more
        os.kill(os.getpid(), signal.SIGTERM)

    def tell(self, said: Word | End) -> None:
        """A line, if someone still reads."""
        with suppress(OSError):
            self._out.write(to_line(said))
            self._out.flush()

    def ask(self, word: Word) -> bool:
        """Whether the trial is to be pruned."""
        self.tell(word)
        return self._answers.get() == PRUNE


def checked(job: Job) -> End:
    """Finished, if this machine would train what was planned."""
    try:
        request = job.request()
        built, _ = prepare(replace(request, source=replace(request.source, offline=True)))
        if identity_of(request, built) != job.fingerprint:
            message = "the config, the data, a plugin or the version of nnfs is another one there"
            return End(FAILED, 3, message=message, hint="put the same files there")
    except BaseException as error:
        return end_by(error, "")
    return End("finished")


def main() -> None:
    """Life of the process."""
    come = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115
    job = Job(**json.loads(come.readline()))
    line = _Line(come, os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    heed_signals()
    wake_for_signals()
    try:
        os.chdir(job.folder)
        if job.check:
            line.tell(checked(job))
            return
        threading.Thread(target=line.listen, daemon=True).start()
        end = train(job.request(), line.tell, line.ask if job.may_be_pruned else None)
    except (NnfsError, OSError, KeyboardInterrupt) as error:
        end = end_by(error, "")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    line.tell(end)


if __name__ == "__main__":
    main()
