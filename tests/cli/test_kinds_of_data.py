"""Data of every kind goes all the way: trained, saved, evaluated, predicted, gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import Nnfs, latest, record

Y = np.arange(40) % 2
NOISE = np.random.default_rng(0)
CONFIG = """\
data: {data}
layers: [flatten, {{type: dense, units: {units}}}]
loss: {loss}
optimizer: {{type: adam, lr: 0.05}}
train: {{epochs: 2, batch_size: 8}}
"""


def table(text: str, *keys: str) -> tuple[str, str]:
    Path("t.csv").write_text(text)
    return ", ".join(["type: csv, path: t.csv", *keys]), "t.csv"


def arrays(x: np.ndarray, y: np.ndarray, *keys: str) -> tuple[str, str]:
    np.savez("a.npz", x=x, y=y)
    np.save("new.npy", x[:5])
    return ", ".join(["type: npz, path: a.npz", *keys]), "new.npy"


def images(*pixels: np.ndarray) -> tuple[str, str]:
    for label, array in zip("ab" * 20, pixels, strict=True):
        Path("p", label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(array).save(
            Path("p", label, f"{len(list(Path('p', label).iterdir()))}.tif")
        )
    return "type: image_folder, path: p, size: 6", "p"


def rows(form: str) -> str:
    return "".join(
        form.format(i % 7, i * 0.25, "red" if i % 3 else "blue", y) for i, y in enumerate(Y)
    )


KINDS: dict[str, Callable[[], tuple[str, str]]] = {
    "numbers": lambda: table("a,b,y\n" + rows("{0},{1},{3}\n")),
    "words": lambda: table("a,kind,y\n" + rows("{0},{2},{3}\n")),
    "tabs and no header": lambda: table(rows("{0}\t{1}\t{3}\n"), 'delimiter: "\\t"'),
    "decimal commas": lambda: table("a;b;y\n" + rows("{1};{0};{3}\n").replace(".", ",")),
    "left out and declared": lambda: table(
        "a,b,c,y\n" + rows("{0},{1},{2},{3}\n"), "ignore: [b]", "categories: [a]"
    ),
    "values": lambda: table("a,b,y\n" + rows("{0},{3},{1}\n"), "normalize_targets: true"),
    "several values": lambda: arrays(NOISE.random((40, 3)), NOISE.random((40, 2))),
    "one-hot": lambda: arrays(NOISE.random((40, 3)), np.eye(2)[Y]),
    "images from 0 to 1": lambda: arrays(NOISE.random((40, 6, 6)), Y),
    "images of bytes": lambda: images(*NOISE.integers(0, 256, (40, 6, 5, 3), np.uint8)),
    "images of 12 bits": lambda: images(*NOISE.integers(0, 4096, (40, 6, 6), np.uint16)),
    "images of floats": lambda: images(*NOISE.random((40, 6, 6), np.float32)),
    "figures": lambda: ("type: digits, geometry: mnist, limit: 200", "digit.npy"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_data_of_this_kind(nnfs: Nnfs, folder: Path, kind: str) -> None:
    data, new = KINDS[kind]()
    if kind == "figures":
        np.save("digit.npy", np.zeros((1, 28, 28), np.uint8) + np.eye(28, dtype=np.uint8) * 200)
    units = 10 if kind == "figures" else 1 if kind == "values" else 2
    loss = "mse" if "values" in kind else "cross_entropy"
    Path("c.yaml").write_text(CONFIG.format(data=f"{{{data}}}", units=units, loss=loss))
    result = nnfs("train", "c.yaml", "-q")
    assert result.code == 0, result.err
    measured = record(latest())["test"]
    assert nnfs("eval", "--json").document["metrics"]["loss"] == pytest.approx(measured["loss"])
    told = nnfs("predict", new, "--json", "--force")
    assert told.code == 0, told.err
    assert told.document["predictions"]
    result = nnfs("resume", "latest", "--epochs", 3)
    assert result.code == 0, result.err
