"""nnfs beside the loop that one would write oneself: processor seconds of whole processes.

    NNFS_DATA=folder/with/mnist/in/it python benchmarks/loops.py [--rounds 5]

Start, reading of the data and the test included; one worker, one BLAS thread. nnfs also shuffles,
measures, and writes its run folder. The two take turns; printed are medians, and of the ratios the
least and the largest.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from positive import positive

HERE = Path(__file__).with_name("loops")
WORKS = {
    "2-64-3, full batches, Adam, 20,000 epochs": ("tiny", ["20000"], []),
    "the same, 2,000 epochs": ("tiny", ["2000"], ["--epochs", "2000"]),
    "784-30-10, sigmoids, batches of 10, 5 epochs": ("sigmoids", ["5"], []),
    "784-200-10, one sample a step, float64 loop": ("single", [], []),
}


def seconds(command: list[str], folder: str) -> float:
    """Processor seconds of a command, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # installed packages have their bytecode
    subprocess.run(command, check=True, capture_output=True, env=env, cwd=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=positive, default=5)
    rounds = parser.parse_args().rounds
    print(f"| work | loop, s | nnfs, s | ratio of {rounds} rounds |\n|---|---|---|---|")
    for title, (name, words, options) in WORKS.items():
        loop = [sys.executable, str(HERE / f"{name}.py"), *words]
        ours = [sys.executable, "-m", "nnfs_cli", "train", str(HERE / f"{name}.yaml"), *options]
        with tempfile.TemporaryDirectory() as folder:
            seconds([*ours[:3], "--version"], folder)
            pairs = [(seconds(loop, folder), seconds(ours, folder)) for _ in range(rounds)]
        theirs, own = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratios = [b / a for a, b in pairs]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"| {title} | {theirs:.2f} | {own:.2f} | {spread} |", flush=True)


if __name__ == "__main__":
    main()
