"""What people would write in PyTorch instead: one epoch of MNIST, then the test set.

Run by whole_process.py; needs NNFS_DATA.
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

FOLDER = Path(os.environ["NNFS_DATA"]) / "mnist"


def read(name: str, header: int) -> np.ndarray:
    with gzip.open(FOLDER / name) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def dataset(part: str) -> TensorDataset:
    images = read(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)
    labels = torch.from_numpy(read(f"{part}-labels-idx1-ubyte.gz", 8).astype(np.int64))
    x = torch.from_numpy(images.copy()).float().div_(255).sub_(0.1307).div_(0.3081)
    return TensorDataset(x, labels)


def main() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    loss = nn.CrossEntropyLoss()
    model.train()
    for x, y in DataLoader(dataset("train"), batch_size=128, shuffle=True):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        pairs = DataLoader(dataset("t10k"), batch_size=1000)
        correct = sum(int((model(x).argmax(1) == y).sum()) for x, y in pairs)
    print(f"test accuracy {correct / 100:.2f} %")


if __name__ == "__main__":
    main()
