"""The contract of a published data set: its files are an archive, to be found or downloaded."""

from __future__ import annotations

from typing import ClassVar

from nnfs_cli.components.component import family
from nnfs_cli.data.dataset import Dataset
from nnfs_cli.data.sources.archive import Archive


@family("dataset", noun="published data set")
class Published(Dataset):
    """A published data set, of which every copy has the same known number of samples."""

    archive: ClassVar[Archive]
    labels: ClassVar[tuple[str, ...]]
