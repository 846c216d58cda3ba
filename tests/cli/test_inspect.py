"""``nnfs inspect``: a sample, a file, the worst, as text, as JSON and as a page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import Nnfs, contents

DIGITS = """\
name: eights
data: {type: digits, limit: 200, validation: 20}
layers: [flatten, {type: dense, units: 12, activation: relu}, {type: dense, units: 10}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.02}
train: {epochs: 3, batch_size: 16}
"""


@pytest.fixture
def run(folder: Path, nnfs: Nnfs) -> str:
    Path("c.yaml").write_text(DIGITS)
    assert nnfs("train", "c.yaml", "-q").code == 0
    return "latest"


def test_a_sample_of_the_run(run: str, nnfs: Nnfs) -> None:
    kept = contents(Path("runs"))
    result = nnfs("inspect", run, "--sample", 4)
    assert result.code == 0
    for words in ("test sample 4  ", "in truth", "gradient times input", "Nearest training"):
        assert words in result.out
    document = nnfs("inspect", run, "--sample", 4, "--json").document
    predictions = Path("runs/latest/eval/test/predictions.csv")
    assert nnfs("eval", run, "-q").code == 0
    row = predictions.read_text().splitlines()[5].split(",")
    assert (document["true"], document["top"][0]["label"]) == (row[1], row[2])
    assert document["top"][0]["probability"] == pytest.approx(max(map(float, row[3:13])), rel=1e-4)
    assert [each["path"] for each in document["activations"]] == [
        "flatten_1",
        "dense_1",
        "dense_1.activation",
        "dense_2",
    ]
    now = {name: data for name, data in contents(Path("runs")).items() if "eval" not in name}
    assert now == kept


def test_a_file(run: str, nnfs: Nnfs) -> None:
    x = np.zeros((1, 8, 8), dtype=np.uint8)
    x[0, 1:7, 3:5] = 16
    np.save("one.npy", x)
    assert nnfs("inspect", run, "one.npy").out.startswith("one.npy")
    Path("runs/latest/config.yaml").write_text(
        Path("runs/latest/config.yaml").read_text().replace("limit: 200", "limit: 200")
    )
    np.save("two.npy", np.concatenate([x, x]))
    assert "two.npy has 2 samples; give a file of one" in nnfs("inspect", run, "two.npy").refused(3)
    Image.new("L", (8, 8), 255).save("blank.png")
    nnfs("inspect", run, "blank.png").refused(3)
    nnfs("inspect", run, "missing.png").refused(3)


def test_without_its_data(folder: Path, nnfs: Nnfs) -> None:
    """A file can be looked at where the training data is not; the run's own samples cannot."""
    x = np.random.default_rng(0).normal(size=(30, 3))
    np.savez("d.npz", x_train=x, y_train=np.arange(30) % 2, x_test=x, y_test=np.arange(30) % 2)
    np.save("one.npy", x[:1])
    Path("c.yaml").write_text(
        DIGITS.replace("digits, limit: 200, validation: 20", "npz, path: d.npz, validation: 0")
        .replace("flatten, ", "")
        .replace("units: 10", "units: 2")
    )
    assert nnfs("train", "c.yaml", "-q").code == 0
    Path("d.npz").unlink()
    result = nnfs("inspect", "latest", "one.npy")
    assert result.code == 0
    assert "note: without the nearest training samples" in result.err
    assert "Nearest" not in result.out
    nnfs("inspect", "latest").refused(3)


def test_the_worst(run: str, nnfs: Nnfs) -> None:
    document = nnfs("inspect", run, "--worst", 3, "--json").document
    result = nnfs("inspect", run, "--worst", 3)
    assert f"{document['wrong']} of " in result.out
    errors = [each["error"] for each in document["worst"]]
    assert errors == sorted(errors, reverse=True)
    assert all(each["true"] != each["answer"] for each in document["worst"])


def test_pages(run: str, nnfs: Nnfs) -> None:
    for arguments in ((), ("--worst", 5)):
        assert nnfs("inspect", run, *arguments, "--html", "p.html").out == "p.html\n"
        assert "Content-Security-Policy" in Path("p.html").read_text()
    Path("mine.html").write_text("mine")
    nnfs("inspect", run, "--html", "mine.html").refused(2)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("latest", "--sample", 100_000), 3),
        (("latest", "--sample", -1), 3),
        (("latest", "--split", "tests"), 2),
        (("latest", "x.npy", "--worst", 2), 2),
        (("latest", "x.npy", "--sample", 0), 2),
        (("latest", "x.npy", "--split", "train"), 2),
        (("latest", "--sample", 0, "--worst", 2), 2),
        (("missing",), 3),
        (("latest", "--checkpoint", "worst"), 3),
    ],
)
def test_what_is_not_there(run: str, nnfs: Nnfs, arguments: tuple[object, ...], code: int) -> None:
    nnfs("inspect", *arguments).refused(code)


def test_a_class_with_a_line_break_stays_in_its_line(folder: Path, nnfs: Nnfs) -> None:
    x = np.arange(40, dtype=np.float32).reshape(20, 2)
    np.savez("odd.npz", x=x, y=np.array(["up\nlow", "tab\tand\x1b[2J"] * 10))
    Path("odd.yaml").write_text(
        "data: {type: npz, path: odd.npz}\nlayers: [{type: dense, units: 2}]\n"
        "loss: cross_entropy\noptimizer: adam\ntrain: {epochs: 1}\n"
    )
    assert nnfs("train", "odd.yaml", "-q").code == 0
    for command in ("inspect", "trace"):
        shown = nnfs(command, "latest").out
        assert "up\\nlow" in shown
        assert "tab\\tand\\x1b[2J" in shown
        assert not {"\t", "\x1b"} & set(shown)


def test_how_a_file_was_read_is_said(run: str, nnfs: Nnfs) -> None:
    pixels = np.full((40, 40), 255, np.uint8)
    pixels[8:32, 17:23] = 0
    Image.fromarray(pixels).save("one.png")
    err = nnfs("inspect", run, "one.png").err
    assert "note: inverted" in err


def test_the_worst_values_are_not_counted_as_wrong(folder: Path, nnfs: Nnfs) -> None:
    Path("c.yaml").write_text(
        "data: {type: sine, samples: 40, test_samples: 20}\nlayers: [{type: dense, units: 1}]\n"
        "loss: mse\noptimizer: sgd\ntrain: {epochs: 1}\n"
    )
    assert nnfs("train", "c.yaml", "-q").code == 0
    result = nnfs("inspect", "latest", "--worst", 2)
    assert result.code == 0
    assert "answered wrongly" not in result.out
    errors = [each["error"] for each in nnfs("inspect", "--worst", 20, "--json").document["worst"]]
    assert errors == sorted(errors, reverse=True)
    assert len(errors) == 20
