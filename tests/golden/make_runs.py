"""Make a small run of each kind with the version at hand, for later versions to open for ever.

Once before each minor version: ``python tests/golden/make_runs.py`` writes ``runs_0_1/`` (for
0.1): configs, their data, the run folders, and expected.json, what this version answered.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nnfs_cli import __version__, load_run
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder
from nnfs_cli.runs.start import Request, start
from nnfs_cli.training.loop import Step

HERE = Path(__file__).with_name("runs_" + "_".join(__version__.split(".")[:2]))
HEAD = """\
seed: 3
metrics: [{metrics}]
optimizer: {{type: adam, lr: 0.02}}
train: {train}
"""
TRAIN = "{epochs: 3, batch_size: 8, workers: 1}"
DENSE = "layers: [{{type: dense, units: 6, activation: tanh}}, {{type: dense, units: {units}}}]\n"
CLASSES = "loss: cross_entropy\n" + DENSE
VALUES = "loss: mse\n" + DENSE
MOONS = "data: {type: moons, samples: 60, test_samples: 20, validation: 0.25}\n"
IMAGES = """\
loss: cross_entropy
data:
  type: image_folder
  path: data/images
  validation: 0.25
  augment: {augment}
layers:
  - {{type: conv2d, filters: 2, kernel_size: 3, use_bias: false}}
  - batch_norm
  - relu
  - flatten
  - {{type: dropout, rate: 0.2}}
  - {{type: dense, units: 2}}
"""
AUGMENT = "[{type: shift, pixels: 1}, {type: rotate, degrees: 10}, noise]"
STOPPING = "{epochs: 40, batch_size: 8, workers: 1, early_stopping: {patience: 1, min_delta: 0.3}}"


def config(body: str, metrics: str = "accuracy", train: str = TRAIN, **words: object) -> str:
    return HEAD.format(metrics=metrics, train=train) + body.format(**words)


CONFIGS = {
    "classes": config(CLASSES, units=2) + MOONS,
    "values": config(VALUES, "mae", units=1) + "data: {type: sine, samples: 60, test_samples: 20}",
    "csv": config(CLASSES, units=3) + "data: {type: csv, path: data/shops.csv, target: kind}",
    "csv_values": config(VALUES, "r2", units=1)
    + "data: {type: csv, path: data/shops.csv, target: price, task: regression}",
    "images": config(IMAGES, augment="[]"),
    "augmented": config(IMAGES, augment=AUGMENT),
    "npz": config(CLASSES, units=2) + "data: {type: npz, path: data/arrays.npz}",
    "two_workers": config(CLASSES, train=TRAIN.replace("workers: 1", "workers: 2"), units=2)
    + MOONS.replace("60", "64"),
    "stopped_early": config(CLASSES, train=STOPPING, units=2) + MOONS,
    "interrupted": config(CLASSES, units=2) + MOONS.replace("60", "68"),
}
INTERRUPTED_AT = 8
"""The step, in the middle of the second epoch."""


def make_data(folder: Path) -> None:
    random = np.random.default_rng(0)
    folder.mkdir()
    rows = ["town,size,price,kind"]
    for _ in range(60):
        size, town = random.integers(10, 99), random.choice(["Ulm", "Bonn", "Köln"])
        kind = "small" if size < 40 else "middle" if size < 70 else "large"
        rows.append(f"{town},{size},{size * 1.5 + random.normal():.2f},{kind}")
    (folder / "shops.csv").write_text("\n".join(rows) + "\n", "utf-8")
    x = random.normal(size=(60, 3)).astype(np.float32)
    np.savez(folder / "arrays.npz", x=x, y=(x.sum(1) > 0).astype(np.int64))
    for name, axis in (("across", 0), ("upright", 1)):
        (folder / "images" / name).mkdir(parents=True)
        for number in range(12):
            pixels = random.integers(0, 90, (6, 6), dtype=np.uint8)
            np.moveaxis(pixels, axis, 0)[number % 4 + 1] = 250
            Image.fromarray(pixels).save(folder / "images" / name / f"{number:02}.png")


def train(kind: str) -> Run:
    run = None
    path = Path(f"runs/{kind}")
    request = Request(
        Path(f"{kind}.yaml"), run_dir=path, runs=RunsFolder(Path("runs")), argv=["train", kind]
    )
    try:
        for event in start(request):
            interrupt = isinstance(event, Step) and event.step == INTERRUPTED_AT
            if interrupt and kind == "interrupted":
                os.kill(os.getpid(), signal.SIGINT)
    except Exception as error:
        if kind != "interrupted":
            raise
        print(error)
    run = Run(path)
    (path / ".lock").unlink(missing_ok=True)
    return run


def inputs(run: Run) -> np.ndarray[Any, Any]:
    """Three samples such as the run was trained on, the same in every version."""
    shape = load_run(run.path).network.preprocessing.input_shape
    if len(shape) == 3:
        return np.arange(3 * np.prod(shape), dtype=np.uint8).reshape(3, *shape)
    return np.linspace(-1, 2, 3 * np.prod(shape), dtype=np.float32).reshape(3, *shape)


def main() -> None:
    HERE.mkdir()
    os.chdir(HERE)
    make_data(Path("data"))
    expected = {}
    for kind, text in CONFIGS.items():
        Path(f"{kind}.yaml").write_text(text)
        run = train(kind)
        expected[kind] = {
            "epochs": run.read()["epochs"],
            "test": run.read()["test"],
            "inputs": inputs(run).tolist(),
            "outputs": load_run(run.path).predict(inputs(run)).tolist(),
        }
    Path("runs/latest").unlink(missing_ok=True)
    Path("expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
