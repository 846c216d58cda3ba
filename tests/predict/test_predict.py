from __future__ import annotations

import csv
import json
import os
import threading
import tracemalloc
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.config.config import Config
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.errors import DataError, MachineError, UsageError
from nnfs_cli.nn.activations.softmax import Softmax
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.flatten import Flatten
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.losses.hinge import Hinge
from nnfs_cli.nn.losses.mse import MSE
from nnfs_cli.nn.metric import likeliest_classes
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.optimizers.adam import Adam
from nnfs_cli.predict.answers_file import AnswersFile
from nnfs_cli.predict.centering import NO_FIGURE
from nnfs_cli.predict.inputs import Failure, Input
from nnfs_cli.predict.predict import Prediction, predict_all
from nnfs_cli.runs.load import LoadedRun
from nnfs_cli.runs.run import Run
from nnfs_cli.training.evaluate import evaluate
from nnfs_cli.training.network import Network

RNG = np.random.default_rng(0)


def loaded(
    loss: Loss, layers: list[Layer], shape: Shape, labels: str = "", white: int | None = None
) -> LoadedRun:
    scale = np.float32(1 / (white or 1)) * np.ones((), np.float32)
    preprocessing = Preprocessing(
        shape, scale, np.zeros((), np.float32), tuple(labels), white=white
    )
    network = Network(Model(layers, shape), loss, Adam(), [], preprocessing)
    return LoadedRun(cast(Run, None), Path(), cast(Config, None), network, {})


def ask(run: LoadedRun, arrays: Array, top: int = 3) -> list[Prediction]:
    found = list(predict_all(run, [Input(f"{i}", a) for i, a in enumerate(arrays)], top))
    assert all(isinstance(item, Prediction) for item in found)
    return cast(list[Prediction], found)


def test_classes_come_with_probabilities_best_first() -> None:
    run = loaded(CrossEntropy(), [Dense(4)], (3,), "abcd")
    arrays = RNG.normal(size=(5, 3)).astype(np.float32)
    expected = run.predict(arrays)
    for row, answer in zip(expected, ask(run, arrays), strict=True):
        assert [p for _, p in answer.top] == sorted(row.tolist(), reverse=True)[:3]
        assert answer.label == "abcd"[int(row.argmax())]
        assert answer.probability == row.max()
        assert answer.values == []
        assert answer.image is None
    assert len(ask(run, arrays, top=1)[0].top) == 1
    assert len(ask(run, arrays, top=9)[0].top) == 4


def test_a_loss_of_ones_own_may_use_its_scratch_memory_while_other_threads_predict() -> None:
    arrays, between = RNG.normal(size=(2, 5, 3)).astype(np.float32), [True]

    class Scratched(CrossEntropy):
        def predictions(self, outputs: Array) -> Array:
            found = self.scratch.like("own", outputs)
            np.exp(outputs, out=found)
            if between and between.pop():
                other = threading.Thread(target=run.predict, args=(arrays[1],))
                other.start()
                other.join()
            return found

    run = loaded(Scratched(), [Dense(4)], (3,), "abcd")
    disturbed = run.predict(arrays[0])
    assert np.array_equal(disturbed, run.predict(arrays[0]))


def test_failures_keep_their_place_and_batches_their_order() -> None:
    run = loaded(CrossEntropy(), [Dense(2)], (3,), "ab")
    failure = Failure("broken.png", DataError("broken.png is damaged"))
    arrays = RNG.normal(size=(1300, 3)).astype(np.float32)
    items: list[Input | Failure] = [Input(str(i), a) for i, a in enumerate(arrays)]
    items.insert(700, failure)
    answers = list(predict_all(run, iter(items)))
    assert answers[700] is failure
    assert [a.name for a in answers] == [item.name for item in items]
    assert list(predict_all(run, [failure, failure])) == [failure, failure]
    assert list(predict_all(run, [])) == []


def test_predict_equals_eval_bit_for_bit() -> None:
    run = loaded(CrossEntropy(), [Flatten(), Dense(10)], (28, 28, 1), "0123456789", white=255)
    images = RNG.integers(0, 256, (1100, 28, 28, 1), dtype=np.uint8)
    network = run.network
    samples = Samples(images, np.zeros(len(images), dtype=np.int64))
    evaluated = evaluate(
        network.model, network.loss, [], network.batches(samples), keep=True
    ).predictions
    for row, answer in zip(evaluated, ask(run, images, top=10), strict=True):
        said = dict(answer.top)
        assert [said[label] for label in run.labels] == row.tolist()


def test_what_the_network_saw_goes_from_0_to_1() -> None:
    run = loaded(CrossEntropy(), [Flatten(), Dense(2)], (2, 2, 1), "ab", white=16)
    (answer,) = ask(run, np.array([[[[0], [16]], [[4], [8]]]], dtype=np.uint8))
    assert answer.image is not None
    assert answer.image.ravel().tolist() == [0, 1, 0.25, 0.5]
    (answer,) = ask(run, np.array([[[[0], [4]], [[2], [1]]]], dtype=np.uint8))
    assert answer.image is not None
    assert answer.image.ravel().tolist() == [0, 0.25, 0.125, 0.0625]


def test_what_the_network_saw_of_values_that_are_no_pixels() -> None:
    run = loaded(CrossEntropy(), [Flatten(), Dense(2)], (2, 2, 1), "ab")
    for values, shown in (([-1, 0, 2, 8], [0, 0, 0.25, 1]), ([0, 0.25, 0.5, 1], [0, 0.25, 0.5, 1])):
        (answer,) = ask(run, np.array(values, dtype=np.float32).reshape(1, 2, 2, 1))
        assert answer.image is not None
        assert answer.image.ravel().tolist() == shown


def test_one_output_for_two_classes_is_the_probability_of_the_second() -> None:
    run = loaded(BinaryCrossEntropy(), [Dense(1)], (1,), "ny")
    dense = run.network.model.flat.by_path
    next(p for path, p in dense.items() if path.endswith("weight")).value[...] = 1
    sure, unsure, no = ask(run, np.array([[3], [0], [-3]], dtype=np.float32))
    assert sure.label == "y"
    assert sure.probability == pytest.approx(1 / (1 + np.exp(-3)))
    assert unsure.top == [("y", 0.5), ("n", 0.5)]
    assert no.label == "n"
    assert no.probability == pytest.approx(1 / (1 + np.exp(-3)))


@pytest.mark.parametrize("loss", [MSE(), Hinge()])
def test_scores_are_not_passed_off_as_probabilities(loss: Loss) -> None:
    arrays = RNG.normal(size=(1, 3)).astype(np.float32)
    (answer,) = ask(loaded(loss, [Dense(3)], (3,), "abc"), arrays)
    assert answer.label in "abc"
    assert answer.probability is None
    assert answer.to_json()["probability"] is None
    (answer,) = ask(loaded(loss, [Dense(3), Softmax()], (3,), "abc"), arrays)
    assert answer.probability is not None


def test_an_array_of_scores_is_not_written_as_one_of_probabilities(tmp_path: Path) -> None:
    run = loaded(Hinge(), [Dense(3)], (3,), "abc")
    answers = list(predict_all(run, [Input("a", np.ones(3, np.float32))], proba=True))
    with pytest.raises(UsageError, match="the network gives no probabilities"):
        AnswersFile(tmp_path / "a.npy", "abc").write(answers)
    assert not [*tmp_path.iterdir()]


def test_the_likeliest_classes_are_those_of_a_whole_sort() -> None:
    for number in range(50):
        row = RNG.integers(0, 6, 12) / np.float32(10)  # with ties
        best = sorted(range(12), key=lambda place: (-row[place], place))
        assert likeliest_classes(row, 1 + number % 12) == best[: 1 + number % 12]
    assert likeliest_classes(np.array([0.2]), 5) == [0, 1]
    assert likeliest_classes(np.array([0.7]), 1) == [1]


def test_answers_hold_the_likeliest_classes_alone() -> None:
    """2,000 answers of 1,000 classes would be 8 MB, and as Python's numbers eight times that."""
    run = loaded(CrossEntropy(), [Dense(1_000)], (2,), "".join(map(chr, range(200, 1_200))))
    inputs = [Input("a", np.ones(2, np.float32))] * 2_000
    list(predict_all(run, inputs[:1]))
    tracemalloc.start()
    answers = list(predict_all(run, inputs))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(answers) == 2_000
    assert held < 4_000_000


def test_a_regression_says_values() -> None:
    arrays = RNG.normal(size=(1, 3)).astype(np.float32)
    (one,) = ask(loaded(MSE(), [Dense(1)], (3,)), arrays)
    assert one.to_json() == {"file": "0", "value": one.values[0], "notes": []}
    (two,) = ask(loaded(MSE(), [Dense(2)], (3,)), arrays)
    assert two.to_json() == {"file": "0", "values": two.values, "notes": []}
    assert two.label is None
    assert two.probability is None


def test_the_json_document() -> None:
    answer = Prediction("a.png", [("7", 0.75), ("1", 0.25)], [], ["centred"])
    assert json.loads(json.dumps(answer.to_json())) == {
        "file": "a.png",
        "label": "7",
        "probability": 0.75,
        "top": [{"label": "7", "probability": 0.75}, {"label": "1", "probability": 0.25}],
        "notes": ["centred"],
    }


@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_an_answer_that_is_not_finite_is_a_failure() -> None:
    run = loaded(MSE(), [Dense(1)], (3,))
    huge = np.full(3, 3e38, dtype=np.float32) * [1, -1, 1]
    run.network.model.flat.values[:] = 100
    bad, fine = predict_all(run, [Input("bad", huge), Input("fine", np.ones(3, np.float32))])
    assert isinstance(bad, Failure)
    assert "not a finite number" in str(bad.error)
    assert isinstance(fine, Prediction)


def rows(path: Path) -> list[list[Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_table(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    failure = Failure("b.png", DataError("b.png is damaged", "save it again"))
    odd = 'odd, "name".png'
    AnswersFile(path, ()).write([Prediction(odd, [("7", 0.5), ("a,b", None)], [], []), failure])
    assert rows(path) == [
        ["file", "label", "probability", "label_2", "probability_2", "error"],
        [odd, "7", "0.5", "a,b", "", ""],
        ["b.png", "", "", "", "", "b.png is damaged; save it again"],
    ]
    AnswersFile(path, ()).write([Prediction("a", [], [1.5], [])])
    assert rows(path) == [["file", "value", "error"], ["a", "1.5", ""]]
    AnswersFile(path, ()).write([Prediction("a", [], [1.5, 2], [])])
    assert rows(path)[0] == ["file", "value_1", "value_2", "error"]
    AnswersFile(path, ()).write([failure])
    assert rows(path)[0] == ["file", "label", "probability", "error"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="cannot write"):
        AnswersFile(tmp_path / "none" / "a.csv", ()).write([])


def test_an_image_without_a_figure_gets_a_reason_instead_of_an_answer() -> None:
    arrays = RNG.normal(size=(3, 4, 4, 1)).astype(np.float32)
    refusals = (NO_FIGURE, "2 separate figures", "")
    items = [Input("a", x, ["note"], refusal) for x, refusal in zip(arrays, refusals, strict=True)]
    for labels, said in (("01", "no digit found"), ("xy", "no figure found")):
        run = loaded(CrossEntropy(), [Flatten(), Dense(2)], (4, 4, 1), labels)
        none, two, one = (cast(Prediction, answer) for answer in predict_all(run, items))
        assert (none.label, none.reason) == (None, said)
        assert (two.label, two.reason) == (None, "2 separate figures")
        assert one.label in labels
        assert none.to_json() == {
            "file": "a", "label": None, "probability": None, "top": [], "reason": said,
            "notes": ["note"],
        }  # fmt: skip
        forced = [cast(Prediction, answer) for answer in predict_all(run, items, force=True)]
        expected = run.predict(arrays)
        assert [answer.probability for answer in forced] == expected.max(axis=1).tolist()
        assert forced[0].notes == ["note", said]


def test_python_takes_what_the_command_line_takes() -> None:
    run = loaded(CrossEntropy(), [Flatten(), Dense(2)], (4, 5, 3), "ab", white=255)
    images = RNG.integers(0, 256, (2, 4, 5, 3), dtype=np.uint8)
    expected = run.predict(images)
    np.testing.assert_array_equal(run.predict(np.moveaxis(images, 3, 1)), expected)
    np.testing.assert_array_equal(run.predict(images.reshape(2, -1)), expected)
    with pytest.warns(UserWarning, match="values from 0 to 1 brought to 0 to 255"):
        scaled = run.predict(images.astype(np.float32) / 255)
    np.testing.assert_allclose(scaled, expected, rtol=1e-4)
    with pytest.raises(DataError, match="trained on values from 0 to 255"):
        run.predict((images - 100.0) / 60)


def test_a_competition_takes_one_answer_a_row(tmp_path: Path) -> None:
    file = AnswersFile(tmp_path / "s.csv", (), submission=("id", "is"))
    failure = Failure("b/003.png", DataError("damaged"))
    unsure = Prediction("t.csv:4", [("7", 0.5)], [], [], reason="no figure")
    labels = Prediction(
        "x.npy[1]", [("a", 0.9), ("b", 0.2)], [], [], chosen=[("a", 0.9), ("b", 0.2)]
    )
    named = Prediction("t.csv:3", [("7", 0.5)], [], [], id="r7")
    value = Prediction("t.csv:9", [], [1.5], [])
    file.write([failure, unsure, labels, named, value])
    assert rows(file.path) == [
        ["id", "is"], ["003", ""], ["2", ""], ["3", labels.labels_text], ["r7", "7"], ["5", "1.5"],
    ]  # fmt: skip
    with pytest.raises(UsageError, match="one answer a row, and the network predicts several val"):
        file.write([Prediction("t.csv:2", [], [1.5, 2.0], [])])


@pytest.mark.parametrize("place", ["link", "pipe"])
def test_answers_replace_nothing_that_is_no_file(tmp_path: Path, place: str) -> None:
    path = tmp_path / "a.csv"
    if place == "link":
        path.symlink_to(tmp_path / "nowhere")
    else:
        os.mkfifo(path)
    with pytest.raises(UsageError, match=r"a\.csv exists and is not a table of answers; choose"):
        AnswersFile(path, ()).require_free([])
