"""The test results of the recipes: python benchmarks/recipes.py [NAME ...]

Each recipe is trained with seeds 0, 1 and 2; what is printed is a table of the medians. MNIST is
looked for in NNFS_DATA. Runs are kept in the folder given by --runs-dir: what is done is skipped,
what was interrupted is resumed, so it may outlast many sittings. Seconds are those of the whole
process, start to exit; of a run that was interrupted, those of its training.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

CONFIGS = Path(__file__).resolve().parent.parent / "configs"
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Goal:
    """What a recipe must reach on the test split, and the seconds it may take, if they matter."""

    figure: float
    metric: str = "accuracy"
    seconds: float | None = None


GOALS = {
    "mnist": Goal(0.983),
    "mnist_two_layer": Goal(0.95),
    "digits": Goal(0.97),
    "ellipses": Goal(0.97),
    "spirals": Goal(0.98),
    "moons": Goal(0.98),
    "xor": Goal(1.0),
    "sine": Goal(0.99, "r2"),
    "mnist_fast": Goal(0.99, seconds=20),
    "mnist_cnn": Goal(0.993, seconds=120),
    "mnist_best": Goal(0.9965, seconds=1800),
    "mnist_mlp_best": Goal(0.993, seconds=1200),
}


def train(recipe: str, seed: int, runs: Path) -> tuple[str, float, float]:
    """The data's name, the figure, and the seconds."""
    command = [sys.executable, "-m", "nnfs_cli", "train", str(CONFIGS / f"{recipe}.yaml")]
    command += [f"seed={seed}", "--skip-done", "-q", "--json", "--runs-dir", str(runs)]
    begin = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds = time.monotonic() - begin
    answer = json.loads(done.stdout)
    clock = Path(answer["run"]) / "process_seconds"
    if not answer.get("skipped") and seconds > answer["seconds"]:
        clock.write_text(str(seconds))
    seconds = float(clock.read_text()) if clock.exists() else answer["seconds"]
    return answer["data"]["name"], answer["test"][GOALS[recipe].metric], seconds


def row(recipe: str, runs: Path) -> str:
    """The recipe's row of the table."""
    goal = GOALS[recipe]
    names, figures, seconds = zip(*(train(recipe, s, runs) for s in SEEDS), strict=True)
    limit = "" if goal.seconds is None else f"{goal.seconds:g}"
    all_figures = " ".join(f"{figure:.4f}" for figure in figures)
    return (
        f"| {recipe}.yaml | {names[0]} | test {goal.metric} | {goal.figure:g} "
        f"| {statistics.median(figures):.4f} ({all_figures}) "
        f"| {limit} | {statistics.median(seconds):.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipes", nargs="*", default=list(GOALS), help="which of them")
    parser.add_argument("--runs-dir", type=Path, default=Path("runs/recipes"))
    arguments = parser.parse_args()
    print("| config | data | figure | must reach | median (seeds 0, 1, 2) | in at most | seconds |")
    print("|---|---|---|---|---|---|---|")
    for recipe in arguments.recipes:
        print(row(recipe, arguments.runs_dir), flush=True)


if __name__ == "__main__":
    main()
