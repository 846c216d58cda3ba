"""The test results of the recipes: python benchmarks/recipes.py (needs NNFS_DATA for MNIST)

Each recipe is trained with seeds 0, 1 and 2; what is printed is a table of the medians. Runs are
kept in the folder given by --runs-dir and skipped if they are done, so it can be interrupted.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
TARGETS = {
    "mnist": ("accuracy", 0.983),
    "mnist_two_layer": ("accuracy", 0.95),
    "digits": ("accuracy", 0.97),
    "ellipses": ("accuracy", 0.97),
    "spirals": ("accuracy", 0.98),
    "moons": ("accuracy", 0.98),
    "xor": ("accuracy", 1.0),
    "sine": ("r2", 0.99),
    "textbook": ("accuracy", 0.85),
}
SEEDS = (0, 1, 2)


def measure(recipe: str, seed: int, runs: str) -> tuple[str, float, float]:
    """The data's name, the figure, and the seconds of training."""
    command = [sys.executable, "-m", "nnfs_cli", "train", str(CONFIGS / f"{recipe}.yaml")]
    command += [f"seed={seed}", "--skip-done", "-q", "--json", "--runs-dir", runs]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    metric, _ = TARGETS[recipe]
    return answer["data"]["name"], answer["test"][metric], answer["seconds"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs-dir", default="runs/recipes")
    runs = parser.parse_args().runs_dir
    print("| config | data | figure | must reach | median of 3 seeds | seconds |")
    print("|---|---|---|---|---|---|")
    for recipe, (metric, target) in TARGETS.items():
        names, figures, seconds = zip(*(measure(recipe, s, runs) for s in SEEDS), strict=True)
        print(
            f"| {recipe}.yaml | {names[0]} | test {metric} | {target:g} "
            f"| {statistics.median(figures):.4f} | {statistics.median(seconds):.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
