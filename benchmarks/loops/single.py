"""784-200-10, sigmoids, one sample a step, float64 as books write it: `python single.py`."""

import numpy as np
from mnist_bytes import load

rng = np.random.default_rng(0)
x, y = load("train")
x = x / 255 * 0.99 + 0.01
w1 = rng.normal(0, 784**-0.5, (200, 784))
w2 = rng.normal(0, 200**-0.5, (10, 200))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


for image, digit in zip(x, y, strict=True):
    inputs = np.array(image, ndmin=2).T
    targets = np.zeros((10, 1)) + 0.01
    targets[digit] = 0.99
    hidden = sigmoid(np.dot(w1, inputs))
    outputs = sigmoid(np.dot(w2, hidden))
    errors = targets - outputs
    hidden_errors = np.dot(w2.T, errors)
    w2 += 0.1 * np.dot(errors * outputs * (1 - outputs), hidden.T)
    w1 += 0.1 * np.dot(hidden_errors * hidden * (1 - hidden), inputs.T)

x, y = load("t10k")
hidden = sigmoid((x / 255 * 0.99 + 0.01) @ w1.T)
print(f"accuracy {(sigmoid(hidden @ w2.T).argmax(axis=1) == y).mean():.2%}")
