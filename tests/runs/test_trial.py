"""What an epoch takes besides its steps is seen by beginning the training elsewhere."""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.runs.run import Run
from nnfs_cli.runs.start import Request
from nnfs_cli.runs.trial import seconds_per_short_epoch

CONFIG = """\
data: {type: xor, samples: 8, test_samples: 4, validation: 0}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: sgd, lr: 0.1}
train: {epochs: 30, batch_size: full, workers: 1}
"""


@pytest.fixture
def request_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Request:
    """To train in an empty folder, with a place for temporary files."""
    (tmp_path / "work").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    Path("c.yaml").write_text(CONFIG)
    return Request(Path("c.yaml"))


def test_bookkeeping_counts_and_leaves_nothing(
    request_of: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Run.append_metrics

    def slowly(self: Run, row: dict[str, Any]) -> None:
        time.sleep(0.004)
        append(self, row)

    monkeypatch.setattr(Run, "append_metrics", slowly)
    found = seconds_per_short_epoch(request_of)
    assert found is not None
    assert found >= 0.004
    assert [path.name for path in Path().iterdir()] == ["c.yaml"]
    assert not [*(tmp_path / "temporary").iterdir()]


def test_without_a_place_or_a_training_there_is_no_answer(
    request_of: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverging = Request(request_of.config, ["optimizer.lr=1e6", "loss=mse"])
    assert seconds_per_short_epoch(diverging) is None
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    assert seconds_per_short_epoch(request_of) is None


def test_ctrl_c_ends_the_check(request_of: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    append = Run.append_metrics

    def interrupted(self: Run, row: dict[str, Any]) -> None:
        append(self, row)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Run, "append_metrics", interrupted)
    with pytest.raises(KeyboardInterrupt):
        seconds_per_short_epoch(request_of)
