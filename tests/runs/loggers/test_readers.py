"""What the real readers of TensorBoard and MLflow find of a training."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from nnfs_cli.cli.app import run
from tests.cli.conftest import TOY, record

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    Path("toy.yaml").write_text(TOY)


def rows() -> list[dict[str, float]]:
    with Path("runs/latest/metrics.csv").open() as file:
        return [{key: float(cell) for key, cell in row.items()} for row in csv.DictReader(file)]


def trained(*log: str) -> None:
    words = [word for each in log for word in ("--log", each)]
    assert run(["train", "toy.yaml", "-q", "--epochs", "2", *words]) == 0
    assert run(["resume", "-q", "--epochs", "4", *words]) == 0


def test_tensorboard() -> None:
    pytest.importorskip("tensorboardX", reason="the extra `tensorboard` is not installed")
    name = "tensorboard.backend.event_processing.event_accumulator"
    reader = pytest.importorskip(name, reason="TensorBoard is not installed")
    trained("tensorboard", "tensorboard=elsewhere")
    (other,) = Path("elsewhere").iterdir()
    assert other.name == Path("runs/latest").resolve().name
    for folder in (Path("runs/latest/tensorboard"), other):
        found = reader.EventAccumulator(str(folder))
        found.Reload()
        for column, tag in (("train_loss", "loss/train"), ("val_accuracy", "accuracy/validation"),
                            ("lr", "lr")):  # fmt: skip
            points = [(event.step, event.value) for event in found.Scalars(tag)]
            expected = [(row["epoch"], row[column]) for row in rows()]
            assert [step for step, _ in points] == [epoch for epoch, _ in expected] == [1, 2, 3, 4]
            assert [v for _, v in points] == pytest.approx([v for _, v in expected], rel=1e-6)
        tested = found.Scalars("loss/test")[-1]
        test = record(Path("runs/latest"))["test"]
        assert (tested.step, tested.value) == (4, pytest.approx(test["loss"], rel=1e-6))
        text = found.Tensors("config/text_summary")[0].tensor_proto.string_val[0].decode()
        assert "units: 8" in text


def test_mlflow() -> None:
    tracking = pytest.importorskip("mlflow.tracking", reason="the extra `mlflow` is not installed")
    trained("mlflow")
    client = tracking.MlflowClient(tracking_uri=Path("mlruns").resolve().as_uri())
    experiment = client.get_experiment_by_name("toy")
    (found,) = client.search_runs([experiment.experiment_id])
    assert found.info.run_name == Path("runs/latest").resolve().name
    assert found.info.status == "FINISHED"
    assert found.data.params["layers.0.units"] == "8"
    assert found.data.params["optimizer.type"] == "adam"
    for column in ("train_loss", "val_accuracy", "lr"):
        history = client.get_metric_history(found.info.run_id, column)
        assert [(each.step, each.value) for each in history] == [
            (row["epoch"], row[column]) for row in rows()
        ]
    assert found.data.metrics["test_loss"] == record(Path("runs/latest"))["test"]["loss"]


def test_a_server_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("mlflow", reason="the extra `mlflow` is not installed")
    line = ["train", "toy.yaml", "-q", "--epochs", "2", "--log", "mlflow=http://127.0.0.1:9"]
    assert run(line) == 0
    told = capsys.readouterr().err
    assert told.count("logging to mlflow failed, and goes on without") == 1
