"""What `nnfs check` says that a training will take is about what it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="resident memory as Linux has it")

CONFIG = """\
data: {type: digits}
layers:
  - {type: upsample2d, size: 4}
  - {type: conv2d, filters: 32, kernel_size: 3, padding: same}
  - batch_norm
  - relu
  - {type: max_pool2d, pool_size: 4}
  - flatten
  - {type: dense, units: 2048, activation: relu}
  - {type: dense, units: 10}
loss: cross_entropy
optimizer: adam
metrics: [accuracy]
train: {epochs: 1, batch_size: 32, workers: 1}
"""


def peak_of(*arguments: object) -> int:
    """The most memory that a command held, in bytes."""
    command = [sys.executable, "-m", "nnfs_cli", *map(str, arguments)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * 1024


@pytest.mark.parametrize("network", ["large", "small"])
def test_the_memory_of_a_training(folder: Path, network: str) -> None:
    config = folder / "c.yaml"
    config.write_text(CONFIG)
    small = ["layers=[flatten, {type: dense, units: 10}]"] if network == "small" else []
    command = [sys.executable, "-m", "nnfs_cli", "check", str(config), "--json", *small]
    checked = subprocess.run(command, capture_output=True, check=True, text=True)
    forecast = json.loads(checked.stdout)["memory_bytes"]
    assert forecast == pytest.approx(peak_of("train", config, *small), rel=0.25)
