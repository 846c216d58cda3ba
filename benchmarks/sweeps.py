"""Sweeps: what a trial costs beside its training, and the same trials by others.

::

    pip install -e '.[bench,search]'
    python benchmarks/sweeps.py [--tiny 1000] [--rounds 3]

Tiny trials are of two epochs on exclusive or: nearly all they take is what a trial costs. The
others are 200 combinations of a learning rate and a number of hidden units, 5 epochs of Adam on
the bundled digits: by nnfs a run folder each, by Optuna alone calling PyTorch, by scikit-learn's
GridSearchCV of MLPClassifier, both of which keep nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.prepare import prepare
from nnfs_cli.data.source import Source

RATES = [round(1e-3 * 1.25**k, 6) for k in range(20)]
UNITS = [4, 8, 12, 16, 24, 32, 48, 64, 96, 128]
EPOCHS, BATCH = 5, 64
CORES = len(os.sched_getaffinity(0))
TINY = """\
data: {type: xor}
layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: sgd, lr: 0.1}
train: {epochs: 2}
"""
DIGITS = f"""\
data: {{type: digits, validation: 0.1, normalize: unit}}
layers: [flatten, {{type: dense, units: 4, activation: relu}}, {{type: dense, units: 10}}]
loss: cross_entropy
optimizer: {{type: adam, lr: 1e-3}}
metrics: [accuracy]
train: {{epochs: {EPOCHS}, batch_size: {BATCH}}}
"""


def swept(config: str, *words: str) -> tuple[float, float, float]:
    """Seconds of a sweep in a new folder: by the clock, of processors, of its runs' trainings."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "c.yaml").write_text(config)
        command = [sys.executable, "-m", "nnfs_cli", "sweep", "c.yaml", *words, "-q"]
        before, begun = processor_seconds(), time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        wall, busy = time.perf_counter() - begun, processor_seconds() - before
        records = Path(folder, "runs").glob("2*/run.json")
        return wall, busy, sum(json.loads(path.read_text())["seconds"] for path in records)


def processor_seconds() -> float:
    """Of all processes that this one has started."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def by_nnfs() -> float:
    """Processes forked by a sweep, as many at a time as there are cores."""
    rates, units = (",".join(map(str, values)) for values in (RATES, UNITS))
    return swept(DIGITS, f"optimizer.lr={rates}", f"layers.1.units={units}")[0]


def arrays() -> tuple[Any, Any, Any, Any]:
    """The digits as nnfs divides them: flat, from 0 to 1."""
    data = prepare(Digits(validation=0.1, normalize="unit"), Source())
    assert data.validation is not None
    x, y = data.train.inputs, data.train.targets
    held, truth = data.validation.inputs, data.validation.targets
    flat = [np.float32(each.reshape(len(each), -1)) / np.float32(x.max()) for each in (x, held)]
    return flat[0], y, flat[1], truth


def by_optuna(jobs: int) -> float:
    """Optuna alone; ``jobs`` are threads of one process."""
    import optuna
    import torch

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    torch.set_num_threads(1)
    x, y, held, truth = (torch.from_numpy(each) for each in arrays())

    def objective(trial: Any) -> float:
        units = trial.suggest_categorical("units", UNITS)
        rate = trial.suggest_categorical("rate", RATES)
        hidden = torch.nn.Linear(x.shape[1], units)
        model = torch.nn.Sequential(hidden, torch.nn.ReLU(), torch.nn.Linear(units, 10))
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        loss, best = torch.nn.CrossEntropyLoss(), float("inf")
        for _ in range(EPOCHS):
            for batch in torch.randperm(len(x)).split(BATCH):
                optimizer.zero_grad()
                loss(model(x[batch]), y[batch]).backward()
                optimizer.step()
            with torch.no_grad():
                best = min(best, float(loss(model(held), truth)))
        return best

    sampler = optuna.samplers.GridSampler({"units": UNITS, "rate": RATES}, seed=0)
    begun = time.perf_counter()
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=len(RATES) * len(UNITS), n_jobs=jobs)
    return time.perf_counter() - begun


def by_scikit_learn() -> float:
    """GridSearchCV with one division into training and validation, and no fit at the end."""
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from sklearn.neural_network import MLPClassifier

    x, y, held, truth = arrays()
    whole, classes = np.concatenate([x, held]), np.concatenate([y, truth])
    split = PredefinedSplit(np.repeat([-1, 0], [len(x), len(held)]))
    grid = {"hidden_layer_sizes": [(n,) for n in UNITS], "learning_rate_init": RATES}
    model = MLPClassifier(batch_size=BATCH, max_iter=EPOCHS, alpha=0.0)
    os.environ["PYTHONWARNINGS"] = "ignore"  # of its processes: five epochs do not converge
    warnings.simplefilter("ignore")
    search = GridSearchCV(model, grid, cv=split, n_jobs=CORES, refit=False)
    begun = time.perf_counter()
    search.fit(whole, classes)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tiny", type=int, default=1000, help="tiny trials; 0: none")
    parser.add_argument("--rounds", type=int, default=3, help="of the 200 trials by each; 0: none")
    asked = parser.parse_args()
    if asked.tiny:
        wall, busy, trained = swept(TINY, f"seed=0..{asked.tiny - 1}")
        each, beside = wall / asked.tiny, (wall - trained / CORES) / asked.tiny
        print(f"{asked.tiny:,} tiny trials, {CORES} at a time: {wall:.1f} s, {each:.3f} s a trial,")
        print(f"{beside:.3f} s of it beside the training; processors {busy / asked.tiny:.3f} s")
    sides: dict[str, Callable[[], float]] = {
        "nnfs": by_nnfs,
        "Optuna and PyTorch": lambda: by_optuna(1),
        f"the same, {CORES} threads": lambda: by_optuna(CORES),
        f"scikit-learn, {CORES} processes": by_scikit_learn,
    }
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(asked.rounds):
        for name, run in sides.items():
            times[name].append(run())
    for name, found in times.items() if asked.rounds else ():
        ratios = [ours / theirs for ours, theirs in zip(times["nnfs"], found, strict=True)]
        seconds, ratio = statistics.median(found), statistics.median(ratios)
        print(f"{name:28}  {seconds:6.1f} s   nnfs takes {ratio:.2f} of its time")


if __name__ == "__main__":
    main()
