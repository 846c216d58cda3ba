"""A training step of two small CNNs, beside PyTorch's: python benchmarks/conv.py

28x28x1, a 3x3 convolution, pooling, a 3x3 convolution, pooling, dense 10; ReLU after each
convolution, batches of 64, Adam (PyTorch's is fused, its tensors channels_last); forward, loss,
backward and update. nnfs runs on one thread, PyTorch on one and on two. They alternate in one
run; printed are medians, and the median of each round's ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch

from nnfs_cli.activations.relu import ReLU
from nnfs_cli.layers.conv2d import Conv2D
from nnfs_cli.layers.dense import Dense
from nnfs_cli.layers.flatten import Flatten
from nnfs_cli.layers.layer import Layer
from nnfs_cli.layers.max_pool2d import MaxPool2D
from nnfs_cli.losses.cross_entropy import CrossEntropy
from nnfs_cli.model import Model
from nnfs_cli.optimizers.adam import Adam

CHANNELS = ((8, 16), (32, 64))
SIDE, CLASSES = 28, 10


def ours(channels: tuple[int, int], x: np.ndarray, y: np.ndarray) -> Callable[[], None]:
    layers: list[Layer] = []
    for filters in channels:
        layers += [Conv2D(filters, 3, padding="same", activation=ReLU()), MaxPool2D()]
    model = Model([*layers, Flatten(), Dense(CLASSES)], x.shape[1:])
    loss, optimizer = CrossEntropy(), Adam(lr=1e-3)
    optimizer.bind(model.flat)

    def step() -> None:
        _, gradient = loss.value_and_grad(model.forward(x, training=True), y)
        model.backward(gradient)
        optimizer.step()

    return step


def theirs(
    channels: tuple[int, int], x: np.ndarray, y: np.ndarray, threads: int
) -> Callable[[], None]:
    parts: list[torch.nn.Module] = []
    for inputs, filters in zip((1, *channels[:-1]), channels, strict=True):
        convolution = torch.nn.Conv2d(inputs, filters, 3, padding="same")
        parts += [convolution, torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
    parts += [torch.nn.Flatten(), torch.nn.Linear((SIDE // 4) ** 2 * channels[-1], CLASSES)]
    model = torch.nn.Sequential(*parts).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    loss = torch.nn.CrossEntropyLoss()
    pictures = torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    targets = torch.from_numpy(y)

    def step() -> None:
        torch.set_num_threads(threads)
        optimizer.zero_grad(set_to_none=True)
        value = loss(model(pictures), targets)
        value.backward()
        optimizer.step()
        value.item()

    return step


def compare(channels: tuple[int, int], batch: int, rounds: int, steps: int) -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((batch, SIDE, SIDE, 1)).astype(np.float32)
    y = generator.integers(0, CLASSES, batch)
    sides = {"nnfs": ours(channels, x, y)}
    sides |= {f"torch, {n} threads": theirs(channels, x, y, n) for n in (1, 2)}
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, step in sides.items():
            for _ in range(2):
                step()
            begin = time.perf_counter()
            for _ in range(steps):
                step()
            times[name].append((time.perf_counter() - begin) / steps)
    print(f"{channels[0]} and {channels[1]} channels, batch {batch}:")
    for name, values in times.items():
        ratios = [a / b for a, b in zip(times["nnfs"], values, strict=True)]
        print(
            f"  {name:17} {statistics.median(values) * 1e3:7.2f} ms   nnfs / this "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=10)
    arguments = parser.parse_args()
    for pair in CHANNELS:
        compare(pair, arguments.batch, arguments.rounds, arguments.steps)
