"""Facts that decide whether a training can be repeated: versions, machine, code, config."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nnfs_cli import __version__
from nnfs_cli.compute.blas import controller

PATHS = ("name", "init_from")
DATA_PATHS = ("path", "test", "inputs", "targets")
CPUINFO = Path("/proc/cpuinfo")


def environment() -> dict[str, str]:
    """What the bytes of a training depend on beside its config."""
    pools = controller().info()
    blas = [
        f"{p['internal_api']} {p['version']} {p.get('architecture', '')}".strip() for p in pools
    ]
    return {
        "nnfs": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": ", ".join(sorted(set(blas))) or "unknown",
        "blas_threads": str(max((p["num_threads"] for p in pools), default=1)),
        "machine": platform.machine(),
        "processor": processor(),
        "system": platform.system(),
    }


def differences(recorded: Mapping[str, str]) -> list[str]:
    """What is not as it was recorded, as ``numpy was 2.3.0 and is 2.4.6``."""
    now = environment().items()
    return [f"{k} was {recorded[k]} and is {v}" for k, v in now if recorded.get(k, v) != v]


def fingerprint(
    config: Mapping[str, Any],
    data_hash: str,
    plugins: Mapping[str, str],
    origin: Path | None = None,
) -> str:
    """SHA-256 of what is trained: equal fingerprints and workers, equal trainings.

    Over the ``config`` (its essence: keys at their defaults do not
    count, so that a later version may add keys) without its name, paths and workers, the hash of
    the arrays, the plugins' hashes, and the bytes of the checkpoint it starts from (``origin``).
    """
    essence = {key: value for key, value in config.items() if key not in PATHS}
    essence["train"] = {k: v for k, v in config.get("train", {}).items() if k != "workers"}
    data = essence.get("data", {})
    essence["data"] = {key: value for key, value in data.items() if key not in DATA_PATHS}
    whole = {
        "config": essence,
        "origin": hashlib.sha256(origin.read_bytes()).hexdigest() if origin else None,
        "data": data_hash,
        "plugins": sorted(plugins.values()),
        "version": minor_version(__version__),
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def minor_version(version: str) -> str:
    """``0.2`` of ``0.2.1``."""
    return version.rsplit(".", 1)[0]


def processor() -> str:
    """The processor's model: NumPy and BLAS choose their kernels by it."""
    try:
        for line in CPUINFO.read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
