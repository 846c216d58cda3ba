"""``--log mlflow``: a run in an MLflow tracking folder or server."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nnfs_cli.runs.config_values import flat
from nnfs_cli.runs.lock import Lock
from nnfs_cli.runs.logger import Logger, logger
from nnfs_cli.runs.record import DIVERGED, FINISHED
from nnfs_cli.runs.run import Run

SETTINGS = {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
}
"""Unless the environment says otherwise: a server that does not answer is not waited for long."""
TAG = "nnfs.run"
MAX_VALUE, MAX_BATCH = 500, 100
"""Characters of a parameter, and parameters of a request, that every version takes."""
PATIENCE = 60.0
"""Seconds to wait for other trainings that begin."""
STATUS = {FINISHED: "FINISHED", DIVERGED: "FAILED"}


@logger("mlflow")
class MLflow(Logger):
    """A run called like the run, with its config as parameters and its figures by epoch.

    ``WHERE`` is the folder or the server's address; without it MLFLOW_TRACKING_URI, or else the
    folder mlruns. The experiment is MLFLOW_EXPERIMENT_NAME, or else the config's name. A training
    that goes on goes on in the run that it began.
    """

    needs = "mlflow"

    def begin(self, run: Run, config: Mapping[str, Any], epoch: int) -> None:
        """Find the run, or make it. Raises MLflow's errors."""
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)
        from mlflow.entities import Param
        from mlflow.tracking import MlflowClient

        with _alone(run):
            self.client = MlflowClient(tracking_uri=_address(self.where))
            experiment = self._experiment(str(config.get("name") or "nnfs"))
        self.run, self.last = self._found(experiment, run) if epoch else "", epoch
        if self.run:
            self.client.update_run(self.run, status="RUNNING")
            return
        tags = {TAG: run.id, "nnfs.folder": str(run.path.resolve())}
        self.run = self.client.create_run(experiment, tags=tags, run_name=run.id).info.run_id
        values = [Param(key, str(value)[:MAX_VALUE]) for key, value in flat(config)]
        for start in range(0, len(values), MAX_BATCH):
            self.client.log_batch(self.run, params=values[start : start + MAX_BATCH])

    def epoch(self, epoch: int, figures: Mapping[str, float]) -> None:
        """Log the figures with the epoch as their step."""
        self.last = epoch
        self._log(figures, epoch)

    def end(self, status: str, test: Mapping[str, float]) -> None:
        """Log the test's figures, and close the run."""
        self._log({f"test_{name}": value for name, value in test.items()}, self.last)
        self.client.set_terminated(self.run, STATUS.get(status, "KILLED"))

    def _log(self, figures: Mapping[str, float], epoch: int) -> None:
        from time import time

        from mlflow.entities import Metric

        now = int(1000 * time())
        known = [Metric(k, v, now, epoch) for k, v in figures.items() if math.isfinite(v)]
        if known:
            self.client.log_batch(self.run, metrics=known)

    def _experiment(self, name: str) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or name
        found = self.client.get_experiment_by_name(name)
        return str(found.experiment_id if found else self.client.create_experiment(name))

    def _found(self, experiment: str, run: Run) -> str:
        """The id of the run that was begun; empty if there is none."""
        own = f"tags.`{TAG}` = '{run.id}'"
        found = self.client.search_runs([experiment], filter_string=own, max_results=1)
        return str(found[0].info.run_id) if found else ""


@contextmanager
def _alone(run: Run) -> Iterator[None]:
    """Keep the other trainings of this folder of runs out, for at most a minute.

    Those of a sweep begin together, and MLflow then makes an experiment twice, and the tables of a
    new database not at all.
    """
    lock = Lock(run.path.parent / ".mlflow.lock")
    with suppress(OSError, TimeoutError):  # it may go well all the same
        lock.acquire(PATIENCE)
    try:
        yield
    finally:
        lock.release()


def _address(where: str) -> str:
    where = where or os.environ.get("MLFLOW_TRACKING_URI") or "mlruns"
    return where if "://" in where or where == "databricks" else Path(where).resolve().as_uri()
