"""A published data set: its files with their hashes, who serves them, and finding a copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nnfs_cli.data.source import NoCache, Source, Unavailable
from nnfs_cli.data.sources.download import download


@dataclass(frozen=True)
class Archive:
    """The files of a data set by name, each with the SHA-256 of the official version.

    A set that is a single tar has ``members`` inside, in ``folder``.
    """

    name: str
    files: dict[str, str]
    mirrors: tuple[str, ...]
    members: tuple[str, ...] = ()
    folder: str = ""

    def find(self, source: Source, file: str) -> Path | None:
        """A copy on this machine: in the user's folder (packed or unpacked), or in the cache.

        The user's folder holds one for each data set, or is itself this one's. An unpacked tar is
        the folder that has all its members.

        The user's own files are trusted by their structure; cached ones were checked by their
        hash when they were downloaded.
        """
        found = (path for place in self._places(source) for path in self._copies(place, file))
        return next(found, None)

    def _places(self, source: Source) -> Iterator[Path]:
        if source.data_dir is not None:
            inside = source.data_dir.name == self.name
            yield source.data_dir if inside else source.data_dir / self.name
        if source.cache is not None:
            yield source.cache / self.name

    def _copies(self, place: Path, file: str) -> Iterator[Path]:
        """What there is of a file in one place, the quickest to read first."""
        for folder in (place / self.folder, place):
            if self.members and all((folder / member).is_file() for member in self.members):
                yield folder
        yield from filter(Path.is_file, (place / file, (place / file).with_suffix("")))

    def fetch(self, source: Source) -> dict[str, Path]:
        """Every file's path on this machine, after downloading what is missing.

        Raises NoCache, or Unavailable, which names the files, their hashes and where to put them.
        """
        found = {file: self.find(source, file) for file in self.files}
        missing = [file for file, path in found.items() if path is None]
        reason = f"this command makes none, `nnfs data get {self.name}` does"
        if missing and not source.offline:
            if source.cache is None:
                raise NoCache(
                    f"there is no folder to keep {self.name} in: no home folder is known",
                    "set XDG_CACHE_HOME or HOME, or NNFS_DATA to a folder that has the files",
                )
            reason = download(
                self.name, {file: self.files[file] for file in missing}, self.mirrors, source
            )
            found = {file: self.find(source, file) for file in self.files}
            missing = [file for file, path in found.items() if path is None]
        if missing:
            raise self._unavailable(missing, source, reason)
        return {file: path for file, path in found.items() if path is not None}

    def _unavailable(self, missing: list[str], source: Source, reason: str) -> Unavailable:
        folder = (source.data_dir or source.cache or Path("data")) / self.name
        files = ", ".join(f"{file} (SHA-256 {self.files[file]})" for file in missing)
        if self.members:
            files += f"; or what is inside: {', '.join(self.members)}"
        looked = f" (looked in {folder})" if source.data_dir else ""
        return Unavailable(
            f"no copy of {self.name} on this machine{looked}, and no download: {reason}",
            f"put these files into {folder}, or set NNFS_DATA to the folder that holds "
            f"{self.name}/: {files}",
        )
