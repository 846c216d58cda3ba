"""Where the files of a data set are looked for: the user's folder, the cache, the network."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nnfs_cli.errors import DataError, MachineError
from nnfs_cli.home import from_home

PATHS = "paths are relative to the folder you are in, or to --data-dir"
ESCAPED = "between double quotes YAML takes a backslash for an escape: use single quotes, or /"
Progress = Callable[[str, int, int], None]
"""Called with (what is being fetched, bytes so far, bytes in total or 0 if unknown)."""


class Unavailable(DataError):
    """The files are nowhere on this machine and could not be downloaded."""


class NoCache(Unavailable):
    """There is no folder to keep a download in."""

    code = MachineError.code


@dataclass(frozen=True)
class Source:
    """Where to look: ``data_dir`` (``--data-dir`` or NNFS_DATA), then the cache, then a download.

    ``data_dir`` has a folder for each data set, such as ``mnist/train-images-idx3-ubyte.gz``.
    ``classes`` is the order that a run has on record for its classes: they keep it.
    ``patience`` is how many seconds may be spent in total waiting for servers that do not answer;
    ``mirrors`` replaces the servers a data set knows.
    """

    data_dir: Path | None = None
    cache_dir: Path | None = None
    offline: bool = False
    progress: Progress | None = None
    patience: float = 5.0
    mirrors: tuple[str, ...] | None = None
    classes: Sequence[str] = ()
    started_in: str | None = None
    """The folder in which the run that needs the data was started."""

    @classmethod
    def from_environment(
        cls,
        data_dir: Path | None = None,
        progress: Progress | None = None,
        offline: bool = False,
    ) -> Source:
        """The source a command uses: the option ``data_dir`` if given, else NNFS_DATA."""
        named = os.environ.get("NNFS_DATA")
        if data_dir is None and named:
            data_dir = Path(named)
        if data_dir is not None:
            data_dir = from_home(data_dir)
        if data_dir is not None and not data_dir.is_dir():
            raise DataError(
                f"the data folder {data_dir} does not exist",
                "make it, or correct --data-dir or NNFS_DATA",
            )
        return cls(data_dir=data_dir, progress=progress, offline=offline)

    def in_order(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The classes that were found, in the order on record if they are those on record."""
        recorded = sorted(labels) == sorted(self.classes)
        return tuple(self.classes if recorded else labels)

    @property
    def cache(self) -> Path | None:
        """The folder that downloads are kept in, one sub-folder for each data set.

        None where it would be at home and there is no home: a container's user without HOME.
        """
        if self.cache_dir is not None:
            return self.cache_dir
        from platformdirs import user_cache_dir

        try:
            folder = Path(user_cache_dir("nnfs"))
        except RuntimeError:
            return None
        return folder if folder.is_absolute() else None

    def locate(self, path: str) -> Path:
        """A file the config names: as it stands, or inside the data folder."""
        candidates = self._candidates(path)
        for candidate in candidates:
            if candidate.is_file():
                return candidate
        if candidates[0].is_dir():
            raise DataError(f"{path} is a folder", "name a file inside it")
        raise DataError(f"there is no file {_shown(path)}", self._advice(path))

    def locate_folder(self, path: str) -> Path:
        """A folder the config names: as it stands, or inside the data folder."""
        candidates = self._candidates(path)
        for candidate in candidates:
            if candidate.is_dir():
                return candidate
        if candidates[0].exists():
            raise DataError(f"{path} is no folder", "name the folder that holds the images")
        raise DataError(f"there is no folder {_shown(path)}", self._advice(path))

    def _advice(self, path: str) -> str:
        if not path.isprintable():
            return ESCAPED
        started = self.started_in
        if started is None or os.path.isabs(path) or os.path.realpath(started) == os.getcwd():
            return PATHS
        there = "and is still there" if os.path.exists(os.path.join(started, path)) else ""
        return (
            f"the run was started in {started}, where the file was {there}".rstrip() + f"; {PATHS}"
        )

    def _candidates(self, path: str) -> list[Path]:
        places = [from_home(path)]
        return places if self.data_dir is None else [*places, self.data_dir / path]


def _shown(path: str) -> str:
    """A path in a sentence; one with tabs or line breaks as Python writes it."""
    return path if path.isprintable() else repr(path)
