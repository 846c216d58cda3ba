"""Where the files of a data set are looked for: the user's folder, the cache, the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """Where to look: ``data_dir`` (``--data-dir`` or NNFS_DATA), then the cache, then a download."""

    data_dir: Path | None = None
