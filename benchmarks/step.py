"""A training step, beside PyTorch's: python benchmarks/step.py

The network 784-128-64-10 with Adam, forward, loss, backward and update, on batches that both
have in memory as float32. The two alternate; what is printed are medians and their ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's, as the command line sets it

import numpy as np
import torch

from nnfs_cli.activations.relu import ReLU
from nnfs_cli.layers.dense import Dense
from nnfs_cli.losses.cross_entropy import CrossEntropy
from nnfs_cli.model import Model
from nnfs_cli.optimizers.adam import Adam

WIDTHS = (784, 128, 64, 10)


def ours(x: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    *hidden, outputs = WIDTHS[1:]
    layers = [Dense(units, activation=ReLU()) for units in hidden]
    model = Model([*layers, Dense(outputs)], (WIDTHS[0],))
    loss, optimizer = CrossEntropy(), Adam(lr=1e-3)
    optimizer.bind(model.flat)

    def step() -> None:
        _, gradient = loss.value_and_grad(model.forward(x, training=True), y)
        model.backward(gradient)
        optimizer.step()

    return step


def theirs(x: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    parts: list[torch.nn.Module] = []
    for inputs, units in pairwise(WIDTHS):
        parts += [torch.nn.Linear(inputs, units), torch.nn.ReLU()]
    model = torch.nn.Sequential(*parts[:-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    loss = torch.nn.CrossEntropyLoss()
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        value = loss(model(inputs), targets)
        value.backward()
        optimizer.step()
        value.item()

    return step


def compare(batch: int, rounds: int, steps: int) -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((batch, WIDTHS[0])).astype(np.float32)
    y = generator.integers(0, WIDTHS[-1], batch)
    sides = {"nnfs": ours(x, y), "torch": theirs(x, y)}
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, step in sides.items():
            for _ in range(steps // 10):
                step()
            begin = time.perf_counter()
            for _ in range(steps):
                step()
            times[name].append((time.perf_counter() - begin) / steps)
    medians = {name: statistics.median(values) for name, values in times.items()}
    ratios = [a / b for a, b in zip(times["nnfs"], times["torch"], strict=True)]
    each = ", ".join(f"{name} {seconds * 1e6:.0f} us" for name, seconds in medians.items())
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"batch {batch:4}: {each}, ratio {statistics.median(ratios):.2f} ({spread})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, nargs="*", default=[32, 128])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=200)
    arguments = parser.parse_args()
    for size in arguments.batch:
        compare(size, arguments.rounds, arguments.steps)
