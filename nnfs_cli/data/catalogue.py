"""What data sets there are, whether they are at hand, and fetching them beforehand."""

from __future__ import annotations

import inspect as python
from dataclasses import dataclass
from pathlib import Path

from nnfs_cli.components.component import did_you_mean
from nnfs_cli.data.dataset import Dataset
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.datasets.published import Published
from nnfs_cli.data.datasets.toy import Toy
from nnfs_cli.data.source import Source
from nnfs_cli.errors import UsageError


@dataclass(frozen=True)
class Entry:
    """A line of the catalogue; sizes and classes are None where they depend on the config.

    ``availability`` is ``bundled``, ``generated``, ``in data folder``, ``cached``,
    ``needs download`` or ``your file``.
    """

    name: str
    summary: str
    availability: str
    train: int | None = None
    test: int | None = None
    classes: int | None = None


def listing(source: Source) -> list[Entry]:
    """Every registered data set, by name."""
    members = sorted(Dataset.members().items())
    return [_entry(name, member, source) for name, member in members if member.word == name]


def download(name: str, source: Source) -> list[Path]:
    """Make sure that the files of a data set are on this machine, and return them.

    Raises UsageError for an unknown name, Unavailable if they cannot be had.
    """
    member = Dataset.find(name)
    if member is None:
        known = sorted(Published.members())
        hint = did_you_mean(name, known) or f"those that can be fetched are {', '.join(known)}"
        raise UsageError(f"there is no data set {name!r}", hint)
    if not issubclass(member, Published):
        return []
    return list(member.archive.fetch(source).values())


def _entry(name: str, member: type[Dataset], source: Source) -> Entry:
    summary = (python.getdoc(member) or "").partition("\n")[0]
    train, test = member.sizes or (None, None)
    if issubclass(member, Digits):
        return Entry(name, summary, "bundled", train, test, 10)
    if issubclass(member, Published):
        availability = _availability(member, source)
        return Entry(name, summary, availability, train, test, len(member.labels))
    if issubclass(member, Toy):
        toy = member()
        classes = len(toy.load(source).labels) or None
        return Entry(name, summary, "generated", toy.samples, toy.test_samples, classes)
    return Entry(name, summary, "your file")


def _availability(member: type[Published], source: Source) -> str:
    archive = member.archive
    found = [archive.find(source, file) for file in archive.files]
    if None in found:
        return "needs download"
    cached = any(path is not None and source.cache in path.parents for path in found)
    return "cached" if cached else "in data folder"
