"""MLflow is asked by one training at a time: those that begin together make one experiment."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from nnfs_cli.runs.run import Run


class Client:
    """Like MLflow's with a folder: looking and making are two steps, and names are not unique."""

    experiments: list[str] = []  # noqa: RUF012

    def __init__(self, tracking_uri: str) -> None:
        self.uri = tracking_uri

    def get_experiment_by_name(self, name: str) -> Any:
        found = name in self.experiments
        time.sleep(0.05)
        return SimpleNamespace(experiment_id=name) if found else None

    def create_experiment(self, name: str) -> str:
        self.experiments.append(name)
        return name

    def create_run(self, experiment: str, tags: Any, run_name: str) -> Any:
        return SimpleNamespace(info=SimpleNamespace(run_id=run_name))

    def log_batch(self, run: str, params: Any) -> None:
        pass


def test_trainings_that_begin_together_make_one_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entities, tracking = ModuleType("mlflow.entities"), ModuleType("mlflow.tracking")
    vars(entities)["Param"] = lambda key, value: (key, value)
    vars(tracking)["MlflowClient"] = Client
    for module in (ModuleType("mlflow"), entities, tracking):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(Client, "experiments", [])
    from nnfs_cli.runs.loggers.mlflow import MLflow

    loggers = [MLflow() for _ in range(4)]
    threads = [
        threading.Thread(target=each.begin, args=(Run(tmp_path / str(n)), {"name": "toy"}, 0))
        for n, each in enumerate(loggers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Client.experiments == ["toy"]
    assert [each.run for each in loggers] == ["0", "1", "2", "3"]
