"""A whole process, beside PyTorch's: python benchmarks/whole_process.py (needs NNFS_DATA)

Start, read MNIST, train one epoch of 784-128-64-10, evaluate the test set, exit. The two
alternate; what is printed are median seconds, their ratio, and the peak resident memory.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROUNDS = 7


def run(command: list[str], folder: str) -> tuple[float, float]:
    """Seconds, and peak resident memory in MiB."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def main() -> None:
    if "NNFS_DATA" not in os.environ:
        raise SystemExit("set NNFS_DATA to a folder with mnist/")
    os.environ["NNFS_DATA"] = str(Path(os.environ["NNFS_DATA"]).resolve())
    config = str((HERE / "mlp.yaml").resolve())
    commands = {
        "nnfs": [sys.executable, "-m", "nnfs_cli", "train", config],
        "torch": [sys.executable, str((HERE / "torch_mnist.py").resolve())],
    }
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name, command in commands.items():
                results[name].append(run(command, folder))
    seconds = {name: [s for s, _ in pairs] for name, pairs in results.items()}
    memory = {name: statistics.median(m for _, m in pairs) for name, pairs in results.items()}
    ratios = [a / b for a, b in zip(seconds["nnfs"], seconds["torch"], strict=True)]
    for name in commands:
        print(f"{name:6} {statistics.median(seconds[name]):6.2f} s  {memory[name]:6.0f} MiB")
    print(
        f"ratio  {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), "
        f"memory {memory['nnfs'] / memory['torch']:.2f}"
    )


if __name__ == "__main__":
    main()
