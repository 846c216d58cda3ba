from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.components.registry import registry
from nnfs_cli.config.plugins import LOADED

SLOW_SECONDS = 900
"""The time limit of a slow test; of others it stands in pyproject.toml."""


def pytest_configure() -> None:
    """Heed signals as in a terminal: background jobs and nohup start what is deaf to some."""
    usual = {signal.SIGINT: signal.default_int_handler}
    if sys.platform != "win32":
        usual[signal.SIGHUP] = signal.SIG_DFL
    for number, handler in usual.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or fills the cache of the user who runs the tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    for variable in ("NNFS_RUNS", "NO_COLOR", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(autouse=True)
def own_components() -> Iterator[None]:
    """No test leaves a component of its own behind."""
    yield
    for members in registry().values():
        for word in [w for w, cls in members.items() if not cls.__module__.startswith("nnfs_cli.")]:
            del members[word]
    LOADED.clear()


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with Fashion-MNIST and CIFAR-10: noise, a few samples of each class."""
    folder = tmp_path_factory.mktemp("data")
    generator, labels = np.random.default_rng(0), np.arange(40, dtype=np.uint8) % 10
    (folder / "fashion_mnist").mkdir()
    for part in ("train", "t10k"):
        images = generator.integers(0, 256, (40, 28, 28), dtype=np.uint8)
        for name, array in (("images", images), ("labels", labels)):
            header = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
            file = folder / "fashion_mnist" / f"{part}-{name}-idx{array.ndim}-ubyte"
            file.write_bytes(header + array.tobytes())
    (folder / "cifar10").mkdir()
    for part in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        rows = generator.integers(0, 256, (40, 1 + 3072), dtype=np.uint8)
        rows[:, 0] = labels
        (folder / "cifar10" / f"{part}.bin").write_bytes(rows.tobytes())
    return folder
