"""`nnfs report`: a page that says what is true, of any run, and needs nothing else."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.reports.pages.markup import MAX_BYTES

from .conftest import TOY, Nnfs, contents, latest
from .test_compare import LABELS, VALUES

IMAGES = """\
data: {type: npz, path: i.npz, validation: 0.2, test: 0.3}
layers: [flatten, {type: dense, units: 3}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.01}
metrics: [accuracy]
train: {epochs: 2}
"""


def write_data(folder: Path) -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(80, 2)).astype(np.float32)
    np.savez(folder / "l.npz", x=x, y=(x @ [[1, 0, 1], [0, 1, 1]] > 0).astype(int))
    images = generator.integers(0, 256, (60, 12, 9, 3), dtype=np.uint8)
    np.savez(folder / "i.npz", x=images, y=generator.integers(0, 3, 60))


def words(page: Path) -> str:
    """What a reader sees."""
    body = page.read_text("utf-8").partition("<body>")[2]
    return html.unescape(re.sub(r"<[^>]*>", " ", body)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(VALUES, id="values"),
        pytest.param(IMAGES, id="images"),
        pytest.param(TOY, id="classes", marks=pytest.mark.slow),
        pytest.param(LABELS, id="labels", marks=pytest.mark.slow),
    ],
)
def test_of_one_run(nnfs: Nnfs, folder: Path, text: str) -> None:
    write_data(folder)
    (folder / "c.yaml").write_text(text)
    assert nnfs("train", "c.yaml", "-q", "--note", "why <b>not</b>").code == 0
    measured = nnfs("eval", "--json").document["metrics"]
    before = contents(latest())
    found = nnfs("report", "--json").document
    page = latest() / "report.html"
    assert Path(found["page"]).resolve() == page
    assert contents(latest()) == before | {"report.html": page.read_bytes()}
    source, seen = page.read_text("utf-8"), words(page)
    assert found["bytes"] == page.stat().st_size < MAX_BYTES
    assert not re.search(
        r"<script|https?:|<link(?! rel=\"icon\" href=\"data:)|@import|url\(", source
    )
    assert "why <b>not</b>" in seen
    for name in ("How it learnt", "The worst mistakes", "Config", "Environment", "To repeat it"):
        assert name in seen
    figure = (
        f"{100 * measured['accuracy']:.2f} %"
        if text in (TOY, IMAGES)
        else f"loss {measured['loss']:.4f}"
    )
    assert figure in seen.split("How it learnt")[0]
    assert ("Confusion matrix" in seen) == (text in (TOY, IMAGES))
    assert ("Calibration" in seen) == (text is not VALUES)
    assert ("data:image/png" in source) == (text is IMAGES)
    assert "nnfs train c.yaml" in seen or "nnfs reproduce" in seen
    assert nnfs("report").code == 0, "its own page is replaced"


def test_of_several_runs(nnfs: Nnfs, toy: Path) -> None:
    for lr in ("0.1", "0.001"):
        assert nnfs("train", toy, f"optimizer.lr={lr}", "-q").code == 0
    told = nnfs("compare", "latest", "latest~1", "--json").document
    assert nnfs("report", "latest", "latest~1", "-o", "two.html").code == 0
    seen = " ".join(words(Path("two.html")).split())
    for sentence in told["verdict"]:
        assert sentence[1:] in seen
    assert "0.001" in seen
    assert "How they learnt" in seen
    assert not Path("report.html").exists()
    sweep = Path("sweeps/s")
    sweep.mkdir(parents=True)
    (sweep / "sweep.yaml").write_text("config: ../../toy.yaml\nruns: ../../runs\n")
    ids = [path.name for path in Path("runs").glob("2*")]
    (sweep / "trials.csv").write_text("number,run\n" + "".join(f"0,runs/{each}\n" for each in ids))
    assert nnfs("report", "s").out == "sweeps/s/report.html\n"


def test_without_its_data(nnfs: Nnfs, folder: Path) -> None:
    """A page is made of what is there, and says what it lacks."""
    write_data(folder)
    (folder / "c.yaml").write_text(IMAGES)
    assert nnfs("train", "c.yaml", "-q").code == 0
    Path("i.npz").unlink()
    result = nnfs("report")
    assert result.code == 0
    assert "i.npz" in result.err
    seen = words(latest() / "report.html")
    assert "without what needs the data" in seen
    assert "How it learnt" in seen
    assert "The worst mistakes" not in seen
    shutil.rmtree(latest() / "checkpoints")
    assert nnfs("report").code == 0


def test_what_is_there_is_not_replaced(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "-q", "--epochs", "1").code == 0
    Path("mine.html").write_text("mine")
    assert "mine.html" in nnfs("report", "-o", "mine.html").refused(2)
    assert nnfs("report", "-o", "mine.html", "--force").code == 0
    assert "absent" in nnfs("report", "absent").refused(3)


def test_a_killed_run_says_how_many_epochs_it_had(nnfs: Nnfs, toy: Path) -> None:
    """Its record is as old as its last checkpoint, its metrics are newer."""
    assert nnfs("train", toy, "-q").code == 0
    path = latest() / "run.json"
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"status": "running", "epochs": 0, "seconds": 0.0}))
    assert nnfs("report").code == 0
    assert "for 3 epochs (" in words(latest() / "report.html")
