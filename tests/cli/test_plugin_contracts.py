"""A plugin that breaks its contract is one line: the file, the method and what was expected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import TOY, Nnfs

HEAD = """\
import numpy as np
import nnfs_cli as n
from nnfs_cli import layer, loss, metric, optimizer, schedule, initializer
"""
LAYER = """
@layer("bad")
class Bad(n.Layer):
    def forward(self, x, training):
        {forward}
    def backward(self, dy):
        {backward}
"""
LOSS = """
@loss("bad")
class Bad(n.Loss):
    def value_and_grad(self, outputs, targets):
        return {0}
"""
METRIC = """
@metric("bad")
class Bad(n.Metric):
    def reset(self, classes): self.sums = np.zeros(1)
    def update(self, predictions, targets): {0}
    def result(self): {1}
"""
OTHERS = """
@schedule("bad")
class BadSchedule(n.Schedule):
    def factor(self, step, total_steps, history): return {0}

@initializer("bad")
class BadInitializer(n.Initializer):
    def sample(self, generator, shape): return {1}

@optimizer("bad")
class BadOptimizer(n.Optimizer):
    lr: float = 0.1
    def update(self, w, g, temporary): {2}
"""


def of_layer(forward: str = "return x", backward: str = "return dy") -> str:
    return LAYER.format(forward=forward, backward=backward)


HERE = "layers=[{type: dense, units: 8}, bad, {type: dense, units: 2}]"
WANTED = "; expected an array of float32 and shape (16 x 8)"
CASES = [
    (of_layer("return None"), HERE, "Bad.forward returned None" + WANTED),
    (of_layer("pass"), HERE, "Bad.forward returned None" + WANTED),
    (of_layer("return x.tolist()[0][:1]"), HERE, "Bad.forward returned [*]" + WANTED),
    (of_layer("return x.astype(object)"), HERE, "Bad.forward returned an array of object" + "*"),
    (of_layer("return x[:, :1]"), HERE, "Bad.forward returned *shape (16 x 1)" + WANTED),
    (of_layer("return x * np.ones(1)"), HERE, "Bad.forward returned an array of float64*" + WANTED),
    (of_layer("return np.ma.array(x)"), HERE, "Bad.forward returned a MaskedArray of*" + WANTED),
    (of_layer("raise GeneratorExit"), HERE, "Bad.forward raised GeneratorExit"),
    (of_layer("raise StopIteration"), HERE, "Bad.forward raised StopIteration"),
    (of_layer("import sys; sys.exit(0)"), HERE, "Bad.forward raised SystemExit"),
    (of_layer("yield x"), HERE, "Bad.forward returned <generator*" + WANTED),
    (of_layer(backward="return None"), HERE, "Bad.backward returned None" + WANTED),
    (of_layer(backward="return dy[:1]"), HERE, "Bad.backward returned *(1 x 8)" + WANTED),
    (of_layer(backward="quit()"), HERE, "Bad.backward raised SystemExit"),
    (of_layer().replace("x, training", "x"), HERE, "Bad.forward takes other arguments: *"),
    (of_layer().replace("backward", "backwards"), HERE, "Bad has no method `backward`"),
    (
        of_layer() + "    def build(self, shape): return 7",
        HERE,
        "Bad.build returned 7; expected the output's shape, a tuple of integers",
    ),
    (LOSS.format("None"), "loss=bad", "Bad.value_and_grad returned None; expected the loss, a *"),
    (LOSS.format("1.0, outputs[:1]"), "loss=bad", "Bad.value_and_grad returned (1.0, *"),
    (
        LOSS.format("outputs, outputs"),
        "loss=bad",
        "Bad.value_and_grad returned (an array of float32*",
    ),
    (
        LOSS.format("1.0, outputs * 0") + "    def predictions(self, x): return x + 1j",
        "loss=bad",
        "Bad.predictions returned an array of complex64*; expected an array of floats with",
    ),
    (
        METRIC.format("self.sums = [1]", "return 1.0"),
        "metrics.0=bad",
        "Bad.update returned None; expected self.sums to be a vector of float64",
    ),
    (
        METRIC.format("pass", "return 1.0").replace("np.zeros(1)", "'abc'"),
        "metrics.0=bad",
        "Bad.reset returned None; expected self.sums to be a vector of float64",
    ),
    (
        METRIC.format("raise SystemExit", "return 1"),
        "metrics.0=bad",
        "Bad.update raised SystemExit",
    ),
    (
        METRIC.format("pass", "return self.sums"),
        "metrics.0=bad",
        "Bad.result returned an array of float64 and shape (1); expected a number",
    ),
    (
        OTHERS.format("None", "None", "pass"),
        "schedule=bad",
        "BadSchedule.factor returned None; expected a number",
    ),
    (
        OTHERS.format("-1.0", "None", "pass"),
        "schedule=bad",
        "BadSchedule.factor returned -1.0; expected a number of at least 0",
    ),
    (
        OTHERS.format("1.0", "np.ones(shape) * 1j", "pass"),
        "layers.1.initializer=bad",
        "BadInitializer.sample returned an array of complex128*; expected an array of float64 and",
    ),
    (
        OTHERS.format("1.0", "None", "pass"),
        "layers.1.initializer=bad",
        "BadInitializer.sample returned None; expected an array of float64 and shape (8 x 2)",
    ),
    (
        OTHERS.format("1.0", "None", "return w - self.lr * g"),
        "optimizer=bad",
        "BadOptimizer.update returned an array*; expected None: it changes the arrays that it is",
    ),
    (OTHERS.format("1.0", "None", "exit()"), "optimizer=bad", "BadOptimizer.update raised *Exit"),
]


@pytest.mark.parametrize(("code", "override", "words"), CASES, ids=range(len(CASES)))
def test_a_broken_contract_is_one_line(
    nnfs: Nnfs, toy: Path, code: str, override: str, words: str
) -> None:
    Path("mine.py").write_text(HEAD + code)
    command = "train" if "Bad.result" in words else "check"
    line = nnfs(command, toy, "--plugin", "mine.py", override).refused(2)
    pattern = re.escape(f"plugin mine.py: {words}").replace(r"\*", ".*")
    assert re.search(pattern, line), line


def test_a_file_that_stops_while_it_is_read(nnfs: Nnfs, toy: Path) -> None:
    for number, stop in enumerate(("GeneratorExit", "SystemExit", "ZeroDivisionError")):
        path = Path(f"mine{number}.py")
        path.write_text(f"raise {stop}")
        line = nnfs("check", toy, "--plugin", path).refused(2)
        assert f"plugin mine{number}.py:1 fails: {stop}" in line


def test_gradcheck_says_no_to_a_wrong_gradient(nnfs: Nnfs, toy: Path) -> None:
    Path("mine.py").write_text(HEAD + of_layer("self.x = x; return x**2", "return dy * self.x"))
    result = nnfs("gradcheck", toy, "--plugin", "mine.py", HERE)
    assert "the gradient is wrong for input" in result.refused(6)
    verdicts = {line.split()[0]: line.split()[-1] for line in result.out.splitlines() if line}
    assert verdicts["dense_1.weight"] == "WRONG"
    assert verdicts["dense_2.weight"] == "ok"
    right = HEAD + of_layer("self.x = x; return x**2", "return dy * 2 * self.x")
    Path("mine.py").write_text(right)
    assert nnfs("gradcheck", toy, "--plugin", "mine.py", HERE).code == 0


@pytest.mark.parametrize(
    ("found", "refused"),
    [
        ("images[:, ::-1]", False),
        ("images[:, :4]", True),
        ("images[:1]", True),
        ("images.astype(np.float64)", True),
        ("None", True),
    ],
)
def test_an_augmentation_keeps_number_and_shape(
    nnfs: Nnfs, folder: Path, found: str, refused: bool
) -> None:
    text = """\
import numpy as np
from nnfs_cli import Augmentation, augmentation
@augmentation("mine")
class Mine(Augmentation):
    def apply(self, images, generator):
        return {0}
"""
    Path("mine.py").write_text(text.format(found))
    Path("d.yaml").write_text(
        "data: {type: digits, limit: 60, augment: [mine]}\n"
        "layers: [flatten, {type: dense, units: 10}]\nloss: cross_entropy\n"
        "optimizer: adam\ntrain: {epochs: 1, workers: 1}\n"
    )
    result = nnfs("train", "d.yaml", "--plugin", "mine.py", "-q")
    if refused:
        line = result.refused(2)
        assert "plugin mine.py: Mine.apply returned" in line
        assert "; expected an array of float32 and shape (" in line
    else:
        assert result.code == 0, result.err


@pytest.mark.parametrize("command", ["trace", "gradcheck"])
def test_rounding_where_all_is_computed_in_float64(nnfs: Nnfs, command: str) -> None:
    """A training takes it, which computes in float32 itself."""
    head = HEAD + LOSS.format("float(outputs.sum()), np.ones_like(outputs, np.float32)")
    more = "    def encode_targets(self, targets, classes, shape):\n        return targets\n"
    Path("bad.py").write_text(head + more)
    config = ("loss=bad", "--plugin", "bad.py")
    Path("c.yaml").write_text(TOY)
    assert nnfs("train", "c.yaml", *config, "-q").code == 0
    line = nnfs(command, "c.yaml", *config).refused(2)
    assert "Bad.value_and_grad returned (" in line
    assert "an array of float32 and shape (" in line
    assert line.endswith("compute in float64: keep the dtype of the arrays that are given")
