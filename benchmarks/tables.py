"""The report as Markdown: a table of ratios of time, one of memory, and what to know of them."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Iterable, Sequence

from results import Result
from sides import TITLES
from works import MEMORY_GOAL

GOALS = ("pytorch", "jax_jit")
PACKAGES = ("numpy", "torch", "jax", "scikit-learn", "onnxruntime")
NONE = "-"
FLOOR = (
    "The floor is the bare matrix products of one worker's shard. The peers are given floats, "
    "ready in memory; nnfs gathers its batches and scales their bytes."
)


def report(results: Sequence[Result], rounds: int, notes: Iterable[str]) -> str:
    sides = [side for side in TITLES if any(side in result.times for result in results)]
    parts = [
        f"nnfs's time / each side's: the median of {rounds} rounds (least to largest).",
        table(["work", "nnfs", *headings(sides)], [time_row(r, sides) for r in results]),
        FLOOR,
        f"Peak resident memory in MiB; goal {MEMORY_GOAL:g} of PyTorch's and of JAX's.",
        table(
            ["work", *(TITLES[side] for side in sides), *(f"/ {TITLES[g]}" for g in GOALS)],
            [memory_row(result, sides) for result in results],
        ),
        machine(),
        "\n".join(f"- {note}" for note in notes),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def headings(sides: Sequence[str]) -> list[str]:
    found = []
    for side in sides:
        if side != "nnfs":
            found += [f"/ {TITLES[side]}", "goal"] if side in GOALS else [f"/ {TITLES[side]}"]
    return found


def time_row(result: Result, sides: Sequence[str]) -> list[str]:
    cells = [result.work.title, duration(statistics.median(result.times["nnfs"]))]
    for side in sides:
        if side != "nnfs":
            cells.append(str(result.ratio(side)) if side in result.times else NONE)
            cells += [f"{result.work.goals[side]:g}"] if side in GOALS else []
    return cells


def memory_row(result: Result, sides: Sequence[str]) -> list[str]:
    sizes = [f"{result.memory[s]:.0f}" if result.memory.get(s) else NONE for s in sides]
    known = [f"{result.memory_ratio(g):.2f}" if result.memory.get(g) else NONE for g in GOALS]
    return [result.work.title, *sizes, *known]


def duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def machine() -> str:
    return f"{os.cpu_count()} processors ({platform.machine()}), {versions()}."


def versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)
