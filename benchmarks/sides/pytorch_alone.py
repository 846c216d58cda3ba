"""PyTorch with one thread, which for small networks may be faster than with all."""

from __future__ import annotations

from collections.abc import Callable

import torch
from works import Work

from sides.pytorch import build as build_with_threads


def build(work: Work) -> Callable[[], object]:
    torch.set_num_threads(1)
    return build_with_threads(work)
