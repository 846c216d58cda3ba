"""The same in JAX. It drops the last, smaller batch, which would be compiled once more."""

from __future__ import annotations

from functools import partial

import jax
import numpy as np
from mnist import load
from sides.jax_jit import forward, learn, start
from works import WORKS


def main() -> None:
    work = WORKS["process"]
    x, y = load("train")
    order = np.random.default_rng(0).permutation(len(x))
    step = jax.jit(partial(learn, work.layers, 1e-3), donate_argnums=0)
    state = start(work)
    for number in range(len(x) // work.batch):
        part = order[number * work.batch : (number + 1) * work.batch]
        state, _ = step(state, x[part], y[part])
    x, y = load("t10k")
    logits = jax.jit(lambda weights, x: forward(work.layers, x, iter(weights), []))
    correct = int((np.asarray(logits(state.weights, x)).argmax(1) == y).sum())
    print(f"test accuracy {correct / 100:.2f} %")


if __name__ == "__main__":
    main()
