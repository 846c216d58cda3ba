"""2-64-3, ReLU, softmax, Adam, full batches of 300 samples: `python tiny.py EPOCHS`."""

import sys

import numpy as np

rng = np.random.default_rng(0)
angle, arm = np.linspace(0, 6, 100), np.arange(3)
turned = (angle + 2 * np.pi / 3 * arm[:, None]).ravel()
radius = np.tile(np.linspace(0.05, 1, 100), 3)
x = np.stack([radius * np.sin(turned), radius * np.cos(turned)], 1).astype(np.float32)
y, rows = np.repeat(arm, 100), np.arange(300)

weights = [
    rng.normal(0, 1, (2, 64)).astype(np.float32),
    np.zeros(64, np.float32),
    rng.normal(0, 0.2, (64, 3)).astype(np.float32),
    np.zeros(3, np.float32),
]
means = [np.zeros_like(w) for w in weights]
squares = [np.zeros_like(w) for w in weights]
losses = []
for t in range(1, int(sys.argv[1]) + 1):
    w1, b1, w2, b2 = weights
    hidden = np.maximum(x @ w1 + b1, 0)
    scores = hidden @ w2 + b2
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    losses.append(float(-np.log(p[rows, y]).mean()))

    d = p
    d[rows, y] -= 1
    d /= len(x)
    dh = (d @ w2.T) * (hidden > 0)
    grads = [x.T @ dh, dh.sum(axis=0), hidden.T @ d, d.sum(axis=0)]

    for w, g, m, v in zip(weights, grads, means, squares, strict=True):
        m += 0.1 * (g - m)
        v += 0.001 * (g * g - v)
        w -= 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
print(f"loss {losses[-1]:.4f}")
