"""Augmenting a batch, beside PyTorch's affine_grid and grid_sample: python benchmarks/augment.py

Each image is turned, scaled, slanted and shifted by its own random amounts and read once,
bilinearly, with zeros outside. nnfs runs on one thread, PyTorch on one and on two; they
alternate in one run. Printed are medians, and the median of each round's ratio. PyTorch is given
its matrices ready made. Below: the other augmentations of nnfs alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch
from positive import positive
from torch.nn import functional

from nnfs_cli.components.registry import registry
from nnfs_cli.data.augmentation import Augmentation
from nnfs_cli.data.augmentations.augmenter import Augmenter

AFFINE = ("rotate", "scale", "shear", "shift")
CASES = ((64, (28, 28, 1)), (128, (32, 32, 3)))


def ours(words: Sequence[str], images: np.ndarray) -> Callable[[], object]:
    parts = [Augmentation.read(word) for word in words]
    augmenter = Augmenter(parts, images.shape[1:], 255)
    generator, out = np.random.default_rng(0), np.empty(images.shape, dtype=np.float32)
    return lambda: augmenter.apply(images, generator, out)


def theirs(images: np.ndarray, threads: int) -> Callable[[], object]:
    tensor = torch.from_numpy(images).float().permute(0, 3, 1, 2).contiguous()
    theta = torch.eye(2, 3).repeat(len(images), 1, 1) + 0.1 * torch.randn(len(images), 2, 3)

    def step() -> object:
        torch.set_num_threads(threads)
        grid = functional.affine_grid(theta, list(tensor.shape), align_corners=False)
        return functional.grid_sample(tensor, grid, align_corners=False)

    return step


def timed(step: Callable[[], object], steps: int) -> float:
    began = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - began) / steps * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=positive, default=15)
    parser.add_argument("--steps", type=positive, default=20)
    options = parser.parse_args()
    for count, shape in CASES:
        generator = np.random.default_rng(0)
        images = generator.integers(0, 256, (count, *shape), dtype=np.uint8)
        print(f"{count} images of {' x '.join(map(str, shape))}")
        rivals = {"nnfs": ours(AFFINE, images)}
        rivals |= {f"torch {n} thread(s)": theirs(images, n) for n in (1, 2)}
        times: dict[str, list[float]] = {name: [] for name in rivals}
        for _ in range(options.rounds):
            for name, step in rivals.items():
                times[name].append(timed(step, options.steps))
        for name, rounds in times.items():
            ratios = [mine / other for mine, other in zip(times["nnfs"], rounds, strict=True)]
            ratio = statistics.median(ratios)
            print(f"  affine, {name:18} {statistics.median(rounds):6.3f} ms   ratio {ratio:.2f}")
        for word in sorted(registry()["augmentation"]):
            print(f"  {word:11} {timed(ours([word], images), options.steps):6.3f} ms")


if __name__ == "__main__":
    main()
