from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from nnfs_cli.cli.app import run
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.source import Source

from ..conftest import TOY

DIGITS = """\
data: {type: digits, geometry: mnist, limit: 100}
layers: [flatten, {type: dense, units: 10}]
loss: cross_entropy
optimizer: adam
train: {epochs: 1}
"""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config, a finished run of it and one of digits, and an image of a digit."""
    folder = tmp_path_factory.mktemp("template")
    (folder / "toy.yaml").write_text(TOY)
    (folder / "digits.yaml").write_text(DIGITS)
    for name, place in (("digits", folder / "digits"), ("toy", folder / "runs/whole")):
        assert run(["train", f"{folder / name}.yaml", "-q", "--run-dir", str(place)]) == 0
    (folder / "runs/latest").symlink_to("whole")
    test = Digits(geometry="mnist").load(Source(offline=True)).test
    assert test is not None
    Image.fromarray(test.inputs[0, ..., 0]).save(folder / "good.png")
    return folder
