"""How long the commands about runs take with ten thousand run folders, beside their floor.

    python benchmarks/many_runs.py [--runs 10000] [--rounds 3]

The floor is a process that starts NumPy and pydantic and only reads every run.json. All take turns;
printed are the medians of wall and of processor seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from positive import positive

CONFIG = """\
name: toy
data: {type: moons, samples: 60, test_samples: 30, validation: 0.2}
layers: [{type: dense, units: 8, activation: relu}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: adam, lr: 0.01}
metrics: [accuracy]
train: {epochs: 1}
"""
FLOOR = """\
import json, os
import numpy, pydantic
for name in os.listdir("runs"):
    with open(f"runs/{name}/run.json", "rb") as file:
        json.loads(file.read())
"""
SEEDS = 5
NNFS = (sys.executable, "-m", "nnfs_cli")
COMMANDS: dict[str, Sequence[str]] = {
    "floor": (sys.executable, "-c", FLOOR),
    "runs": (*NNFS, "runs"),
    "runs --sort": (*NNFS, "runs", "--sort", "val_accuracy", "-n", "20"),
    "runs --where": (*NNFS, "runs", "--where", "optimizer.lr>0.5", "--where", "tags!=old"),
    "runs show": (*NNFS, "runs", "show", "20261121-000042"),
    "compare": (*NNFS, "compare", "2026*", "-q"),
}


def make(folder: Path, count: int) -> None:
    """That many folders of one training: every five differ in their seed, others in the rate."""
    (folder / "toy.yaml").write_text(CONFIG)
    line = (*NNFS, "train", "toy.yaml", "-q", "--run-dir", "one")
    subprocess.run(line, cwd=folder, check=True, capture_output=True)
    record = json.loads((folder / "one/run.json").read_text())
    config = (folder / "one/config.yaml").read_text()
    for number in range(count):
        day, rest = divmod(number, 86_400)
        clock = f"{rest // 3600:02}{rest // 60 % 60:02}{rest % 60:02}"
        path = folder / f"runs/202611{21 + day}-{clock}-toy-{number % 65_536:04x}"
        path.mkdir(parents=True)
        rate, seed = 0.001 * (1 + number // SEEDS), number % SEEDS
        own = {"id": path.name, "number": number + 1, "overrides": [f"optimizer.lr={rate}"]}
        accuracy = number * 7919 % 1000 / 1000
        own["metrics"] = record["metrics"] | {"val_accuracy": accuracy}
        (path / "run.json").write_text(json.dumps(record | own, indent=2) + "\n")
        text = config.replace("  lr: 0.01", f"  lr: {rate}").replace("seed: 0", f"seed: {seed}", 1)
        (path / "config.yaml").write_text(text)
        (path / "metrics.csv").write_bytes((folder / "one/metrics.csv").read_bytes())


def timed(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Wall and processor seconds of a process."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return end - begin, spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=positive, default=10_000)
    parser.add_argument("--rounds", type=positive, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        make(Path(name), asked.runs)
        found: dict[str, list[tuple[float, float]]] = {command: [] for command in COMMANDS}
        for _ in range(asked.rounds):
            for command, line in COMMANDS.items():
                found[command].append(timed(line, Path(name)))
    print(f"{asked.runs:,} runs, medians of {asked.rounds}: wall and processor seconds")
    for command, times in found.items():
        walls, spent = zip(*times, strict=True)
        print(f"{command:14}{median(walls):7.2f}{median(spent):7.2f}")


if __name__ == "__main__":
    main()
