"""784-30-10, sigmoids, squared error, batches of 10, MNIST: `python sigmoids.py EPOCHS`."""

import sys

import numpy as np
from mnist_bytes import load

rng = np.random.default_rng(0)
x, y = load("train")
x = x.astype(np.float32) / 255
t = np.eye(10, dtype=np.float32)[y]
w1 = rng.normal(0, 784**-0.5, (784, 30)).astype(np.float32)
w2 = rng.normal(0, 30**-0.5, (30, 10)).astype(np.float32)
b1, b2 = np.zeros(30, np.float32), np.zeros(10, np.float32)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


for _ in range(int(sys.argv[1])):
    order = rng.permutation(len(x))
    for start in range(0, len(x), 10):
        chosen = order[start : start + 10]
        a0, wanted = x[chosen], t[chosen]
        a1 = sigmoid(a0 @ w1 + b1)
        a2 = sigmoid(a1 @ w2 + b2)
        d2 = (a2 - wanted) * a2 * (1 - a2)
        d1 = (d2 @ w2.T) * a1 * (1 - a1)
        w2 -= 0.3 * (a1.T @ d2)
        b2 -= 0.3 * d2.sum(axis=0)
        w1 -= 0.3 * (a0.T @ d1)
        b1 -= 0.3 * d1.sum(axis=0)

x, y = load("t10k")
hidden = sigmoid(x.astype(np.float32) / 255 @ w1 + b1)
print(f"accuracy {(sigmoid(hidden @ w2 + b2).argmax(axis=1) == y).mean():.2%}")
