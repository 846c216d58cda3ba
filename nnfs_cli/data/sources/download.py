"""Downloading the files of an archive: mirrors, pinned hashes, and short timeouts when offline."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from nnfs_cli.data.source import Progress, Source

STALL_SECONDS = 15
"""A transfer that has begun is given up when it stands still for so long."""


class Meter:
    """Pooch's progress bar, reduced to a callable; it also notices the server's answer."""

    def __init__(self, description: str, report: Progress | None) -> None:
        self.description, self.report = description, report
        self.answered = threading.Event()
        self.done, self._total = 0, 0

    @property
    def total(self) -> int:
        """The file's size; pooch sets it as soon as the server has answered."""
        return self._total

    @total.setter
    def total(self, size: int) -> None:
        self._total = size
        self.answered.set()

    def update(self, amount: int) -> None:
        """So many more bytes have arrived."""
        self.done += amount
        if self.report is not None:
            self.report(self.description, self.done, self.total)

    def reset(self) -> None:
        """Begin to count anew, as pooch does once a transfer is complete."""
        self.done = 0

    def close(self) -> None:
        """Nothing is left open."""


def download(name: str, files: Mapping[str, str], mirrors: Sequence[str], source: Source) -> str:
    """Try to bring a data set's files into the cache; return why it failed, or nothing.

    ``files`` have their SHA-256. A file appears in the cache only when it is complete and its
    hash is right. All waiting for servers that do not answer, over all files and mirrors, takes
    at most ``source.patience``.
    """
    assert source.cache is not None
    mirrors = source.mirrors if source.mirrors is not None else mirrors
    patience = source.patience
    for file, sha256 in files.items():
        problems = []
        for number, mirror in enumerate(mirrors):
            seconds = patience / (len(mirrors) - number)
            transfer = Transfer(mirror + file, sha256, source.cache / name)
            waited, problem = transfer.run(f"{name}/{file}", source.progress, seconds)
            patience -= waited
            if not problem:
                break
            problems.append(problem)
        else:
            return "; ".join(dict.fromkeys(problems)) or "there is no server to ask"
    return ""


@dataclass
class Transfer:
    """One file from one server, in a thread of its own: even a name lookup may hang for long."""

    url: str
    sha256: str
    folder: Path
    problem: str = field(default="", init=False)
    abandoned: bool = field(default=False, init=False)

    def run(self, description: str, report: Progress | None, patience: float) -> tuple[float, str]:
        """Return how long the server kept us waiting for an answer, and what went wrong."""
        meter = Meter(description, report)
        work = (meter, max(0.1, patience))
        thread = threading.Thread(target=self._receive, args=work, daemon=True)
        began = time.monotonic()
        try:
            thread.start()
        except RuntimeError:  # can't start new thread: then this one waits for the server
            self._receive(*work)
            return time.monotonic() - began, self.problem
        in_time = meter.answered.wait(max(0.0, patience))
        waited = time.monotonic() - began
        if not in_time:
            self.abandoned = True
            return waited, f"{self._server} did not answer"
        thread.join()
        return waited, self.problem

    @property
    def _server(self) -> str:
        return self.url.split("/")[2]

    def _receive(self, meter: Meter, patience: float) -> None:
        try:
            self._retrieve(meter, patience)
        except ValueError:
            self.problem = f"{self._server} sent a file whose hash is wrong"
        except OSError as error:
            self.problem = self._explain(error)
        finally:
            meter.answered.set()

    def _explain(self, error: OSError) -> str:
        import requests

        if not isinstance(error, requests.RequestException):
            return f"cannot write into {self.folder.parent}: {error.strerror}"
        if error.response is not None:
            return f"{self._server} answered {error.response.status_code}"
        return f"{self._server} failed ({type(error).__name__})"

    def _retrieve(self, meter: Meter, patience: float) -> None:
        import pooch

        pooch.get_logger().setLevel(logging.ERROR)
        name = self.url.rsplit("/", 1)[1]
        downloader = pooch.HTTPDownloader(
            progressbar=meter, timeout=(patience, max(patience, STALL_SECONDS))
        )
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.folder.parent, prefix=".download-") as scratch:
            pooch.retrieve(self.url, f"sha256:{self.sha256}", name, scratch, downloader=downloader)
            if not self.abandoned:
                self.folder.mkdir(exist_ok=True)
                (Path(scratch) / name).replace(self.folder / name)
