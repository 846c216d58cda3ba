"""A user's own file: its classes become YAML words, its faults one line each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.components.registry import registry
from nnfs_cli.config import plugins
from nnfs_cli.config.config import validate
from nnfs_cli.config.plugins import check_plugins, load_plugins
from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.model import Model

CUBE = '''\
"""A layer of my own."""

from pydantic import Field

from nnfs_cli.components.component import layer
from nnfs_cli.nn.layer import Layer


@layer("my_cube")
class Cube(Layer):
    """y = factor x^3."""

    factor: float = Field(default=1.0, description="how much")

    def forward(self, x, training):
        self.x = x
        return self.factor * x**3

    def backward(self, dy):
        return self.factor * 3 * self.x**2 * dy
'''


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(plugins, "LOADED", {})
    layers = dict(registry()["layer"])
    yield
    registry()["layer"].clear()
    registry()["layer"].update(layers)


def written(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_layer_becomes_a_word(tmp_path: Path) -> None:
    path = written(tmp_path, CUBE)
    assert load_plugins([path]) == {"mine.py": hashlib.sha256(CUBE.encode()).hexdigest()}
    text = (
        "data: xor\nlayers: [{type: my_cube, factor: 2}]\nloss: mse\noptimizer: {type: sgd, lr: 1}"
    )
    model = Model(validate(parse(text, "c")).layers, (2,))
    assert model.predict(np.array([[1.0, -2.0]])).tolist() == [[2.0, -16.0]]
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.py"]


def test_a_file_is_run_again_only_if_it_changed(tmp_path: Path) -> None:
    text = f"with open({str(tmp_path / 'log')!r}, 'a') as file:\n    file.write('x')\n"
    load_plugins([written(tmp_path, text)])
    load_plugins([tmp_path / "mine.py"])
    assert (tmp_path / "log").read_text() == "x"
    load_plugins([written(tmp_path, text + "# changed\n")])
    assert (tmp_path / "log").read_text() == "xx"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ny = 1 / 0\n", "mine.py:2 fails: ZeroDivisionError: division by zero"),
        ("x = 1\n\ndef broken(:\n", "mine.py:3 fails: SyntaxError: "),
        ("\nimport nowhere\n", "mine.py:2 fails: ModuleNotFoundError: No module named 'nowhere'"),
        ("import json\n\njson.loads('{')\n", "mine.py:3 fails: JSONDecodeError: "),
        ("raise SystemExit(3)\n", "mine.py:1 fails: SystemExit: 3"),
        ("x = 1\0", "mine.py:0 fails: |mine.py:1 fails: "),
        (CUBE.replace("my_cube", "dense"), "mine.py:9 fails: TypeError: the layer name 'dense'"),
        (CUBE.replace("(Layer)", ""), "mine.py:9 fails: TypeError: Cube is registered as a"),
    ],
)
def test_faults_name_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_plugins([written(tmp_path, text)])
    assert any(part in str(caught.value) for part in message.split("|"))
    assert str(caught.value).startswith(f"plugin {tmp_path}/mine.py:")
    assert plugins.LOADED == {}


def test_a_plugins_own_refusal_keeps_its_words(tmp_path: Path) -> None:
    text = "from nnfs_cli.errors import UsageError\nraise UsageError('no licence', 'buy one')\n"
    with pytest.raises(UsageError) as caught:
        load_plugins([written(tmp_path, text)])
    assert str(caught.value) == "no licence; buy one"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.py", tmp_path):
        with pytest.raises(UsageError, match="cannot read plugin"):
            load_plugins([path])


def test_what_a_run_used_must_be_there(tmp_path: Path) -> None:
    recorded = {"mine.py": hashlib.sha256(CUBE.encode()).hexdigest()}
    with pytest.raises(UsageError, match=r"components from mine\.py; add --plugin mine\.py"):
        check_plugins(recorded)
    load_plugins([written(tmp_path, CUBE)])
    assert check_plugins(recorded) == []
    assert check_plugins({"mine.py": "another"}) == ["mine.py"]
