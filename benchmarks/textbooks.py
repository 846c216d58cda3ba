"""The textbooks' networks (configs/textbooks): what each reaches, beside what its book prints.

    NNFS_DATA=folder/with/mnist/in/it python benchmarks/textbooks.py [NAME ...] [--seeds 3]

Whole processes, one worker, one BLAS thread, one after the other; printed are the accuracies in
percent of each seed and their median, and the median of the processor seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from loops import seconds
from positive import positive

CONFIGS = Path(__file__).parents[1] / "configs" / "textbooks"


@dataclass(frozen=True)
class Figure:
    """What a book prints: percent right of ``split``, by the weights of ``checkpoint``.

    ``published`` is None of what no single book has.
    """

    published: float | None
    split: str = "test"
    checkpoint: str = "last"
    takes_long: bool = False


FIGURES = {
    "textbook": Figure(None, checkpoint="best"),
    "xor_eleven_lines": Figure(100.0, "train"),
    "cs231n_spiral": Figure(98.0, "train"),
    "flower": Figure(90.5, "train"),
    "micrograd_moons": Figure(100.0, "train"),
    "nielsen_quadratic": Figure(95.42, checkpoint="best", takes_long=True),
    "nielsen_cross_entropy": Figure(98.04, "validation", "best", takes_long=True),
    "nielsen_overfitting": Figure(82.23),
    "nielsen_regularized": Figure(86.95),
    "rashid": Figure(97.47, takes_long=True),
    "saito_two_layer": Figure(96.90),
    "raschka_squared_error": Figure(94.51),
    "raschka_cross_entropy": Figure(97.54, takes_long=True),
    "chollet_first": Figure(97.77),
}


def reached(name: str, seed: int) -> tuple[float, float]:
    """The figure of one training, in percent, and its processor seconds."""
    figure, nnfs = FIGURES[name], [sys.executable, "-m", "nnfs_cli"]
    train = [*nnfs, "train", str(CONFIGS / f"{name}.yaml"), "--seed", str(seed), "--workers", "1"]
    options = ["--split", figure.split, "--checkpoint", figure.checkpoint, "--json"]
    with tempfile.TemporaryDirectory() as folder:
        cost = seconds(train, folder)
        answer = subprocess.run(
            [*nnfs, "eval", "latest", *options],
            check=True, capture_output=True, cwd=folder, env=os.environ,
        )  # fmt: skip
    return 100 * json.loads(answer.stdout)["metrics"]["accuracy"], cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", type=positive, default=3)
    given = parser.parse_args()
    for name in {*given.names} - {*FIGURES}:
        parser.error(f"there is no textbook's network {name!r}; known are {', '.join(FIGURES)}")
    print("| network | book | nnfs, median | seeds | CPU s |\n|---|---|---|---|---|")
    for name in given.names or FIGURES:
        results, costs = zip(*(reached(name, seed) for seed in range(given.seeds)), strict=True)
        each = " / ".join(f"{result:.2f}" for result in results)
        ours, cost = statistics.median(results), statistics.median(costs)
        published = FIGURES[name].published or "none"
        print(f"| {name} | {published} | {ours:.2f} | {each} | {cost:.1f} |", flush=True)


if __name__ == "__main__":
    main()
