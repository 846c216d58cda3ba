"""The animation of a training: its epochs, its frames, and that it ends as the run did."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError
from nnfs_cli.reports.plots import animation
from nnfs_cli.reports.plots.animation import MAX_FRAMES, animate, animated, chosen_epochs, gif
from nnfs_cli.reports.plots.canvas import Album
from nnfs_cli.reports.plots.theme import THEMES
from nnfs_cli.runs.load import load_run
from nnfs_cli.runs.repetition import begin_again
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start

pytest.importorskip("matplotlib")

CONFIG = """\
data: {type: moons, samples: 60, test_samples: 30, validation: 0.2}
layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.05}
schedule: cosine
train: {epochs: 3, batch_size: 16}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "c.yaml").write_text(CONFIG)
    [*_] = start(Request(tmp_path / "c.yaml", runs=RunsFolder(tmp_path / "runs")))
    return RunsFolder(tmp_path / "runs").latest()


@pytest.mark.parametrize("epochs", [0, 1, 5, 59, 60, 61, 100, 5000, 10**6])
def test_chosen_epochs(epochs: int) -> None:
    chosen = chosen_epochs(epochs)
    assert chosen == sorted({*chosen})
    assert (chosen[0], chosen[-1]) == (0, epochs)
    assert len(chosen) <= MAX_FRAMES
    assert len(chosen) == epochs + 1 or len(chosen) > 40


def test_frames_are_what_the_network_was(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, float]] = []
    monkeypatch.setattr(
        animation, "_frame", lambda album, subject, look, epoch: seen.append(
            (epoch, float(np.mean(look.judged == subject.judged.targets)))
        ) or png(epoch)
    )  # fmt: skip
    network, counted = load_run(run.path, "last").network, []
    again = begin_again(run, RunsFolder(run.path.parent), Source())
    album = Album(THEMES["light"], tmp_path)
    subject = animated(run, network, again)
    animate(album, run, subject, again, lambda *n: counted.append(n), lambda *_: None)
    assert [epoch for epoch, _ in seen] == [0, 1, 2, 3]
    assert counted[-1] == again.goal[::-1][:1] * 2
    test = again.built.data.test
    assert test is not None
    accuracy = np.mean(np.argmax(network.predict(test.inputs), axis=1) == test.targets)
    assert seen[-1][1] == accuracy
    assert album.notes == []
    with Image.open(tmp_path / "learning.gif") as image:
        assert image.n_frames == 4


def test_a_repetition_that_ends_otherwise_is_said(run: Run, tmp_path: Path) -> None:
    again = begin_again(run, RunsFolder(run.path.parent), Source())
    again.built.training.seed += 1
    album = Album(THEMES["dark"], tmp_path)
    subject = animated(run, load_run(run.path).network, again)
    animate(album, run, subject, again, lambda *_: None, lambda *_: None)
    assert album.notes == [
        "the repeated training ends otherwise than the run: see `nnfs reproduce`"
    ]
    with Image.open(tmp_path / "learning.gif") as image:
        assert image.size == (512, 512)
        assert (tmp_path / "learning.gif").stat().st_size < 500_000


def test_other_data_is_refused(run: Run) -> None:
    again = begin_again(run, RunsFolder(run.path.parent), Source())
    again.text["data"]["hash"] = "another"
    with pytest.raises(DataError, match="is not what run"):
        animated(run, load_run(run.path).network, again)


def test_a_gif_holds_its_frames_and_its_ink() -> None:
    theme = THEMES["dark"]
    frames = [png(n) for n in range(5)]
    with Image.open(BytesIO(gif(frames, theme))) as image:
        assert (image.n_frames, image.info["loop"]) == (5, 0)
        durations = []
        for number in range(5):
            image.seek(number)
            durations.append(image.info["duration"])
            shown = np.asarray(image.convert("RGB"), dtype=int)
            assert abs(shown[55, 20 * number + 5] - 230).max() <= 3
            assert abs(shown[10, 150] - (20, 23, 28)).max() <= 3
    assert durations == [120] * 4 + [2500]


def png(number: int) -> bytes:
    """A dark image with a light square at another place for each number."""
    content, image = BytesIO(), Image.new("RGB", (200, 100), (20, 23, 28))
    image.paste((230, 230, 230), (20 * number, 50, 20 * number + 10, 60))
    image.save(content, "PNG")
    return content.getvalue()
