"""What people would write in PyTorch instead: one epoch of MNIST, then the test set."""

from __future__ import annotations

import torch
from mnist import load
from sides.pytorch import network
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from works import WORKS


def dataset(part: str) -> TensorDataset:
    return TensorDataset(*(torch.from_numpy(array) for array in load(part)))


def main() -> None:
    model = network(WORKS["process"])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    loss = nn.CrossEntropyLoss()
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
