"""How costs grow with what grows: processor seconds and peak memory of whole commands, and slopes.

    python benchmarks/growth.py [--works epochs "classes, eval" ...] [--rounds N] [--output FOLDER]

Each work is run at sizes that double; the least of some rounds counts. Its cost is what it takes
more than the smallest size does, since that is mostly the start of the program; the slope on two
logarithmic axes is that of the last doubling: 1 is linear, 1.7 and more quadratic, and 0 means that
the size does not matter. 1.1 is the most that is wanted. Where the last doubling costs only some
hundredths of a second, or few MiB, a slope is mostly noise: look at the numbers beside it. All
works take less than ten minutes of two cores; while others work on them, repeat what is above 1.1.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from positive import positive

from nnfs_cli.runs.provenance import processor

TRAIN = (
    "loss: {loss}\noptimizer: sgd\ntrain: {{epochs: {epochs}, batch_size: {batch}, workers: 1}}\n"
)
DENSE = "layers: [{{type: dense, units: {units}}}]\n"
NNFS = (sys.executable, "-m", "nnfs_cli")


@dataclass(frozen=True)
class Growing:
    """What is made for a size, and the command that is measured then."""

    sizes: tuple[int, ...]
    make: Callable[[int], None]
    command: Callable[[int, int], tuple[str, ...]]
    """Of a size and a round."""


def config(
    data: str, layers: str, loss: str = "cross_entropy", epochs: int = 1, batch: str = "64"
) -> None:
    Path("c.yaml").write_text(
        f"data: {data}\n{layers}" + TRAIN.format(loss=loss, epochs=epochs, batch=batch)
    )


def train(size: int, number: int) -> tuple[str, ...]:
    return ("train", "c.yaml", "-q", "--run-dir", f"r{size}-{number}")


def epochs(size: int) -> None:
    config(
        "{type: xor, samples: 40, validation: 0}", DENSE.format(units=2), epochs=size, batch="full"
    )


def patience(size: int) -> None:
    epochs(size)
    with Path("c.yaml").open("a") as file:
        file.write(f"schedule: {{type: plateau, patience: {size}}}\nmetrics: [accuracy]\n")


def samples(size: int) -> None:
    rng = np.random.default_rng(0)
    np.savez("d.npz", x=rng.random((size, 20), np.float32), y=rng.integers(0, 3, size))
    config("{type: npz, path: d.npz}", DENSE.format(units=3))


def rows(size: int) -> None:
    rng = np.random.default_rng(0)
    lines = [
        f"{a:.3f},{b},{c}\n"
        for a, b, c in zip(
            rng.random(size), rng.integers(0, 9, size), rng.integers(0, 2, size), strict=True
        )
    ]
    Path("t.csv").write_text("a,b,label\n" + "".join(lines))
    config("{type: csv, path: t.csv, target: label}", DENSE.format(units=2))


def columns(size: int) -> None:
    rng = np.random.default_rng(0)
    lines = [
        ",".join(map(str, row)) + f",{i % 2}\n"
        for i, row in enumerate(rng.integers(0, 99, (40, size)))
    ]
    Path("t.csv").write_text(",".join(f"c{i}" for i in range(size)) + ",label\n" + "".join(lines))
    config("{type: csv, path: t.csv, target: label}", DENSE.format(units=2))


def classes(size: int) -> None:
    rng = np.random.default_rng(0)
    names = [f"n{i % size:05}" for i in range(20_000)]
    Path("t.csv").write_text(
        "a,b,label\n"
        + "".join(
            f"{a:.3f},{b:.3f},{n}\n"
            for (a, b), n in zip(rng.random((20_000, 2)), names, strict=True)
        )
    )
    config("{type: csv, path: t.csv, target: label}", DENSE.format(units=size))
    trained(size)


def history(size: int) -> None:
    epochs(size)
    trained(size)


def metrics(size: int) -> None:
    rng = np.random.default_rng(0)
    np.savez("d.npz", x=rng.random((4_000, 5), np.float32), y=np.arange(4_000) % 500)
    data = "{type: npz, path: d.npz, task: classification}"
    config(data, DENSE.format(units=500), epochs=5)
    with Path("c.yaml").open("a") as file:
        file.write("metrics:\n")
        file.writelines(f"  - {{type: top_k, k: {k + 1}}}\n" for k in range(size))


def trained(size: int) -> None:
    command = [*NNFS, "train", "c.yaml", "-q", "--run-dir", f"r{size}"]
    subprocess.run(command, check=True, capture_output=True)


def layers(size: int) -> None:
    stack = (
        "layers:\n"
        + "  - {type: dense, units: 8}\n  - tanh\n" * (size // 2)
        + "  - {type: dense, units: 2}\n"
    )
    config("{type: xor, samples: 40}", stack)


def images(size: int) -> None:
    rng = np.random.default_rng(0)
    for number in range(size):
        folder = Path(f"images/{number % 4}")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{number}.png"
        if not path.exists():
            Image.fromarray(rng.integers(0, 255, (8, 8), np.uint8)).save(path)
    config("{type: image_folder, path: images}", "layers: [flatten, {type: dense, units: 4}]\n")


def runs(size: int) -> None:
    epochs(1)
    subprocess.run([*NNFS, "train", "c.yaml", "-q"], check=True, capture_output=True)
    first = next(path for path in Path("runs").iterdir() if path.is_dir() and not path.is_symlink())
    record = json.loads((first / "run.json").read_text())
    for number in range(1, size):
        copy = Path(f"runs/20200101-{number:06}-copy-0000")
        copy.mkdir(exist_ok=True)
        (copy / "run.json").write_text(json.dumps(record | {"id": copy.name, "number": number}))
        (copy / "config.yaml").write_bytes((first / "config.yaml").read_bytes())
        (copy / "metrics.csv").write_bytes((first / "metrics.csv").read_bytes())


WORKS = {
    "epochs": Growing((5_000, 10_000, 20_000, 40_000, 80_000), epochs, train),
    "patience": Growing((5_000, 10_000, 20_000, 40_000), patience, train),
    "history, reported": Growing(
        (10_000, 20_000, 40_000, 80_000), history, lambda size, _: ("report", f"r{size}", "--force")
    ),
    "metrics": Growing((25, 50, 100, 200), metrics, train),
    "samples": Growing((100_000, 200_000, 400_000, 800_000), samples, train),
    "rows of a table": Growing((100_000, 200_000, 400_000, 800_000), rows, train),
    "columns of a table": Growing((5_000, 10_000, 20_000, 40_000), columns, train),
    "classes, eval": Growing(
        (1_250, 2_500, 5_000, 10_000), classes, lambda size, _: ("eval", f"r{size}", "-q")
    ),
    "classes, predicted": Growing(
        (1_250, 2_500, 5_000, 10_000),
        classes,
        lambda size, _: ("predict", "t.csv", "--run", f"r{size}", "-q"),
    ),
    "layers": Growing((60, 120, 240, 480), layers, train),
    "images in a folder": Growing((12_500, 25_000, 50_000, 100_000), images, train),
    "runs, listed": Growing((1_250, 2_500, 5_000, 10_000), runs, lambda *_: ("runs",)),
    "runs, one more": Growing(
        (1_250, 2_500, 5_000, 10_000), runs, lambda *_: ("train", "c.yaml", "-q")
    ),
}

MEASURE = """\
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def cost(command: tuple[str, ...]) -> tuple[float, float]:
    """Processor seconds and peak MiB of a command."""
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    whole = [sys.executable, "-c", MEASURE, *NNFS, *command]
    seconds, memory = subprocess.run(
        whole, check=True, capture_output=True, text=True, env=env
    ).stdout.split()
    return float(seconds), float(memory)


def measure(work: Growing, rounds: int) -> list[tuple[int, float, float]]:
    """Each size, the least seconds and the least memory of the rounds."""
    found, home = [], os.getcwd()
    cost(("--version",))  # what is compiled once is no cost of a size
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for size in work.sizes:
            work.make(size)
            each = [cost(work.command(size, number)) for number in range(rounds)]
            found.append((size, *map(min, zip(*each, strict=True))))
        os.chdir(home)
    return found


def slope(sizes: list[int], costs: list[float]) -> float:
    """Of the last doubling, on two logarithmic axes, of what is more than the smallest costs."""
    first, second = costs[-2] - costs[0], costs[-1] - costs[0]
    grown = math.log((sizes[-1] - sizes[0]) / (sizes[-2] - sizes[0]))
    return math.log(second / first) / grown if first > 0 < second else math.nan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", nargs="*", choices=WORKS, default=[*WORKS])
    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    results = {}
    print(f"{processor()}; least of {arguments.rounds} rounds\n")
    print("| what grows | sizes | seconds | slope | MiB | slope |\n|---|---|---|---|---|---|")
    for name in arguments.works:
        results[name] = rows_ = measure(WORKS[name], arguments.rounds)
        sizes, seconds, memory = (list(column) for column in zip(*rows_, strict=True))
        cells = [
            name,
            ", ".join(f"{size:,}" for size in sizes),
            ", ".join(f"{each:.2f}" for each in seconds),
            f"{slope(sizes, seconds):.2f}",
            ", ".join(f"{each:.0f}" for each in memory),
            f"{slope(sizes, memory):.2f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)
    if arguments.output:
        arguments.output.mkdir(parents=True, exist_ok=True)
        draw(results, arguments.output)


def draw(results: dict[str, list[tuple[int, float, float]]], folder: Path) -> None:
    """growth.svg: a line for each work, on logarithmic axes."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
    for name, found in results.items():
        relative = [size / found[0][0] for size, *_ in found[1:]]
        line = axes.plot(relative, [s - found[0][1] for _, s, _ in found[1:]], "o-")[0]
        axes.annotate(name, (relative[-1], found[-1][1] - found[0][1]), color=line.get_color())
    axes.set(
        xscale="log", yscale="log", xlabel="size, times the smallest", ylabel="processor seconds"
    )
    figure.savefig(folder / "growth.svg")


if __name__ == "__main__":
    main()
