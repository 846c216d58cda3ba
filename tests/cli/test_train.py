"""`nnfs train`: folders, names, inheritance, plugins, sweeps, and the same bytes twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnfs_cli.runs.run import Run

from .conftest import TOY, Nnfs, contents, latest, record, state

PLUGIN = """
import numpy as np
from nnfs_cli.nn.activation import Activation
from nnfs_cli.components.component import layer


@layer("doubled")
class Doubled(Activation):
    \"\"\"y = 2 x.\"\"\"

    def forward(self, x, training):
        return np.multiply(x, 2, out=self.out(x))

    def backward(self, dy):
        dy *= 2
        return dy
"""


def test_the_same_config_gives_the_same_bytes(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q")
    first = latest()
    nnfs("train", toy, "-q")
    assert latest() != first
    assert state(latest()) == state(first)


def test_another_seed_gives_other_bytes(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q")
    first = latest()
    nnfs("train", toy, "-q", "--seed", 1)
    assert state(latest()) != state(first)


def test_a_run_is_repeated_from_its_own_config(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q", "optimizer.lr=0.02", "--seed", 5)
    first = latest()
    nnfs("train", first / "config.yaml", "-q")
    assert state(latest()) == state(first)
    assert record(latest())["fingerprint"] == record(first)["fingerprint"]


def test_two_trainings_in_the_same_second(nnfs: Nnfs, toy: Path) -> None:
    for _ in range(3):
        nnfs("train", toy, "-q", "--epochs", 1)
    assert len({path.name for path in Path("runs").glob("2*")}) == 3


@pytest.mark.parametrize("how", ["option", "variable"])
def test_another_runs_folder(
    nnfs: Nnfs, toy: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    option = ["--runs-dir", "elsewhere"] if how == "option" else []
    if how == "variable":
        monkeypatch.setenv("NNFS_RUNS", "elsewhere")
    assert nnfs("train", toy, "-q", *option).code == 0
    assert not Path("runs").exists()
    assert Path("elsewhere/latest/run.json").is_file()
    assert nnfs("eval", *option).code == 0


def test_exactly_this_folder(nnfs: Nnfs, toy: Path) -> None:
    assert nnfs("train", toy, "-q", "--run-dir", "out/mine").code == 0
    assert not Path("runs").exists()
    before = contents(Path("out"))
    assert "not empty" in nnfs("train", toy, "--run-dir", "out/mine").refused(2)
    assert contents(Path("out")) == before
    assert nnfs("eval", "out/mine").code == 0
    assert "skipped" in nnfs("train", toy, "--run-dir", "out/mine", "--skip-done").out


def test_a_folder_in_use(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q", "--run-dir", "mine")
    owner = Run(Path("mine"))
    owner.lock()
    try:
        for command in (["train", "toy.yaml", "--run-dir", "mine"], ["resume", "./mine"]):
            assert "another process" in nnfs(*command).refused(7)
    finally:
        owner.unlock()


def test_inheritance(nnfs: Nnfs, toy: Path) -> None:
    Path("child.yaml").write_text("extends: toy.yaml\nname: child\noptimizer: {lr: 0.5}\n")
    assert nnfs("train", "child.yaml", "-q", "--epochs", 1).code == 0
    text = (latest() / "config.yaml").read_text()
    assert "child" in latest().name
    assert "lr: 0.5" in text
    assert "extends" not in text


def test_starting_from_another_run(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q")
    wider = toy.read_text().replace("units: 2", "units: 2, use_bias: false")
    Path("wider.yaml").write_text(wider)
    result = nnfs("train", "wider.yaml", "init_from=latest", "--epochs", 1)
    assert result.code == 0
    assert "took 3 of 3 arrays" in result.err
    line = nnfs("train", toy, "init_from=absent").refused(3)
    assert "absent" in line
    deep = "layers=[{type: dense, units: 5}, relu, {type: dense, units: 2, use_bias: false}]"
    assert "nothing" in nnfs("train", toy, "init_from=latest", deep).refused(3)


def test_starting_from_a_run_repeats(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q")
    origin = latest().name
    nnfs("train", toy, "-q", f"init_from={origin}")
    first = latest()
    assert nnfs("train", first / "config.yaml", "-q").code == 0
    assert state(latest()) == state(first)


@pytest.mark.slow
def test_a_plugin_is_named_again_for_every_use(nnfs_process: Nnfs, toy: Path) -> None:
    Path("doubling.py").write_text(PLUGIN)
    toy.write_text(TOY.replace("activation: relu", "activation: doubled"))
    plugin = ["--plugin", "doubling.py"]
    assert "doubled" in nnfs_process("check", toy).refused(2)
    trained = nnfs_process("train", toy, "-q", *plugin)
    assert trained.code == 0, trained.err
    assert [*record(latest())["plugins"]] == ["doubling.py"]
    for command in (["eval"], ["resume", "latest", "--epochs", "4"]):
        assert "add --plugin doubling.py" in nnfs_process(*command).refused(2)
    Path("doubling.py").write_text(PLUGIN + "\n# changed\n")
    result = nnfs_process("eval", *plugin)
    assert result.code == 0
    assert "note: doubling.py is not what it was" in result.err


@pytest.mark.parametrize(
    ("text", "words"), [("import absent", ":1 fails"), ("x = (", "SyntaxError")]
)
def test_a_plugin_that_fails(nnfs: Nnfs, toy: Path, text: str, words: str) -> None:
    Path("bad.py").write_text(text)
    assert words in nnfs("train", toy, "--plugin", "bad.py").refused(2)


def test_a_sweep_skips_what_is_done(nnfs: Nnfs, toy: Path) -> None:
    for lr in ("0.1", "0.2", "0.1"):
        result = nnfs("train", toy, f"optimizer.lr={lr}", "--skip-done")
        assert result.code == 0
    assert "skipped: run" in result.out
    assert len(list(Path("runs").glob("2*"))) == 2
    document = nnfs("train", toy, "optimizer.lr=0.2", "--skip-done", "--json").document
    assert document["skipped"] is True
    assert document["id"] == latest().name


def test_a_sweep_goes_on_with_what_was_interrupted(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q", "--epochs", 2)
    run = latest()
    whole = state(run)
    facts = record(run) | {"status": "running", "test": None}
    (run / "run.json").write_text(json.dumps(facts))
    result = nnfs("train", toy, "--skip-done", "--epochs", 2)
    assert result.code == 0
    assert "going on with run" in result.err
    assert latest() == run
    assert record(run)["status"] == "finished"
    assert record(run)["test"] is not None
    assert state(run) == whole


def test_a_run_killed_before_its_first_checkpoint_is_not_in_the_way(nnfs: Nnfs, toy: Path) -> None:
    nnfs("train", toy, "-q")
    run = latest()
    (run / "run.json").write_text(json.dumps(record(run) | {"status": "running"}))
    for checkpoint in (run / "checkpoints").iterdir():
        checkpoint.unlink()
    assert nnfs("train", toy, "-q", "--skip-done").code == 0
    assert latest() != run


def test_early_stopping_and_time_limits_end_in_good_order(nnfs: Nnfs, toy: Path) -> None:
    stop = "train.early_stopping={monitor: train_loss, patience: 1, min_delta: 100}"
    result = nnfs("train", toy, stop)
    assert result.code == 0
    assert "stopped early: train_loss has not improved" in result.err
    result = nnfs("train", toy, "train.max_time=0.001")
    assert result.code == 0
    assert "as train.max_time says" in result.err
    assert record(latest())["status"] == "finished"


def test_a_plugin_that_fails_at_work_is_named_with_its_line(nnfs: Nnfs, toy: Path) -> None:
    Path("mine.py").write_text(
        "from nnfs_cli import Layer, layer\n\n\n"
        '@layer("broken")\n'
        "class Broken(Layer):\n"
        "    def forward(self, x, training):\n"
        "        return x * unknown\n"
    )
    line = nnfs("train", toy, "--plugin", "mine.py", "layers.0=broken").refused(2)
    assert "plugin mine.py:7 fails: NameError: name 'unknown' is not defined" in line


def test_the_first_command_to_type_next_is_marked(nnfs: Nnfs, toy: Path) -> None:
    for tested, first in ((20, "nnfs eval"), (0, "nnfs predict")):
        said = nnfs("train", toy, "-q", f"data.test_samples={tested}", "--epochs", "1").out
        assert f"\nnext   {first} " in said
