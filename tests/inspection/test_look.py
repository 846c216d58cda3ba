"""What a network does with a sample, recomputed from its weights by plain loops."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.config.config import load_config
from nnfs_cli.data.source import Source
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.inspection.look import Look, first_weights, look_at
from nnfs_cli.inspection.look_document import look_document
from nnfs_cli.inspection.look_text import answer_text
from nnfs_cli.inspection.worst import worst
from nnfs_cli.nn.activations.prelu import PReLU
from nnfs_cli.nn.model import Model

Array = np.ndarray[Any, Any]
VECTOR = """\
data: {type: npz, path: %s, validation: 0}
layers: [{type: dense, units: 7, activation: tanh}, {type: dense, units: 3}%s]
loss: cross_entropy
optimizer: adam
train: {epochs: 1, workers: 1}
"""
IMAGE = """\
data: {type: digits, limit: 80, validation: 20}
layers:
  - {type: conv2d, filters: 3, kernel_size: 3, activation: relu}
  - max_pool2d
  - flatten
  - {type: dense, units: 10}
loss: cross_entropy
optimizer: adam
train: {epochs: 1, workers: 1}
"""


def built_from(text: str, folder: Path) -> Built:
    numbers = np.random.default_rng(4)
    x = numbers.normal(size=(40, 5)) * [1, 2, 3, 4, 5] + 1
    np.savez(
        folder / "d.npz", x_train=x, y_train=np.arange(40) % 3, x_test=x, y_test=np.arange(40) % 3
    )
    path = folder / "c.yaml"
    path.write_text(text)
    config, document = load_config(path, [])
    return build(config, Source(), document)


@pytest.fixture(params=["", ", softmax"], ids=["logits", "softmax"])
def vector(request: pytest.FixtureRequest, tmp_path: Path) -> Built:
    return built_from(VECTOR % (tmp_path / "d.npz", request.param), tmp_path)


def looked(built: Built, place: int = 3) -> Look:
    data = built.data.train
    return look_at(built.network, data.inputs[place], "one", "", data)


def by_hand(built: Built, x: Array) -> tuple[Array, Array, Array]:
    """Hidden outputs, logits and probabilities of scaled rows."""
    p = {
        path: each.value.astype(np.float64)
        for path, each in built.network.model.flat.by_path.items()
    }
    hidden = np.tanh(x @ p["dense_1.weight"] + p["dense_1.bias"])
    logits = hidden @ p["dense_2.weight"] + p["dense_2.bias"]
    e = np.exp(logits)
    return hidden, logits, e / e.sum(axis=-1, keepdims=True)


def scaled(built: Built) -> Array:
    x = built.data.train.inputs.astype(np.float64)
    found: Array = (x - x.mean(axis=0)) / x.std(axis=0)
    return found


def test_answers_and_activations(vector: Built) -> None:
    found, (hidden, logits, p) = looked(vector), by_hand(vector, scaled(vector)[3])
    assert [label for label, _ in found.answers] == [str(k) for k in np.argsort(-p)]
    np.testing.assert_allclose([share for _, share in found.answers], np.sort(p)[::-1], rtol=1e-5)
    np.testing.assert_allclose(found.activations["dense_1.activation"], hidden, rtol=1e-4)
    np.testing.assert_allclose(found.activations["dense_2"], logits, rtol=1e-4, atol=1e-6)


def test_gradient_times_input_is_a_slope(vector: Built) -> None:
    """Of the score before the softmax, by central differences."""
    x, found = scaled(vector)[3], looked(vector)
    answer = int(np.argmax(by_hand(vector, x)[1]))
    for place in range(5):
        up, down = x.copy(), x.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        slope = (by_hand(vector, up)[1] - by_hand(vector, down)[1])[answer] / 2e-5
        assert found.gradient[place] == pytest.approx(slope * x[place], rel=1e-4, abs=1e-6)


def test_occlusion_takes_each_feature_to_its_mean(vector: Built) -> None:
    x, found = scaled(vector)[3], looked(vector)
    whole = by_hand(vector, x)[2]
    answer = int(np.argmax(whole))
    for place in range(5):
        without = x.copy()
        without[place] = 0.0
        fall = whole[answer] - by_hand(vector, without)[2][answer]
        assert found.occluded[place] == pytest.approx(fall, abs=1e-6)


def test_neighbours_are_nearest_in_the_last_hidden_outputs(vector: Built) -> None:
    hidden = by_hand(vector, scaled(vector))[0]
    distances = [math.dist(row, hidden[3]) for row in hidden]
    expected = sorted(range(40), key=distances.__getitem__)[:8]
    found = looked(vector).neighbours
    assert [near.sample for near in found] == expected
    np.testing.assert_allclose([near.distance for near in found], sorted(distances)[:8], atol=1e-5)
    assert [near.target for near in found] == [str(place % 3) for place in expected]


def test_occlusion_of_an_image_by_a_loop(tmp_path: Path) -> None:
    """Patches of a seventh of a side: pixels of these small images, one by one."""
    built = built_from(IMAGE, tmp_path)
    found, raw = looked(built), built.data.train.inputs[3].astype(np.float32)
    answer = int(built.network.predict(raw[None])[0].argmax())
    rim = np.concatenate([raw[0], raw[-1], raw[:, 0], raw[:, -1]])
    for row, column in ((2, 3), (4, 4), (7, 0)):
        covered = raw.copy()
        covered[row, column] = np.median(rim, axis=0)
        both = built.network.predict(np.stack([raw, covered]))[:, answer]
        assert found.occluded[row, column, 0] == pytest.approx(both[0] - both[1], abs=1e-6)
    assert found.gradient.shape == found.occluded.shape == (8, 8, 1)
    assert found.weights is not None
    assert found.weights[0] == "conv2d_1.weight"


def test_values_have_no_labels(tmp_path: Path) -> None:
    config = IMAGE.replace("digits, limit: 80, validation: 20", "sine, samples: 60, validation: 0")
    config = config[: config.index("layers")] + (
        "layers: [{type: dense, units: 4, activation: relu}, {type: dense, units: 1}]\n"
        "loss: mse\noptimizer: adam\ntrain: {epochs: 1, workers: 1}\n"
    )
    built = built_from(config, tmp_path)
    found = looked(built)
    assert found.answers == [("", float(built.network.predict(built.data.train.inputs[3:4])[0, 0]))]
    mistakes, count = worst(built.network, built.data.train, 5)
    errors = np.abs(built.network.predict(built.data.train.inputs) - built.data.train.targets)
    assert [each.sample for each in mistakes] == np.argsort(-errors[:, 0])[:5].tolist()
    assert count == len(built.data.train)


def test_two_classes_from_one_number(tmp_path: Path) -> None:
    """What speaks for the first class lowers the number."""
    config = VECTOR.replace("type: npz, path: %s", "type: moons, samples: 40").replace(
        "units: 3}%s", "units: 1}"
    )
    built = built_from(config.replace("cross_entropy", "binary_cross_entropy"), tmp_path)
    predictions = built.network.predict(built.data.train.inputs)[:, 0]
    for place in (int(predictions.argmin()), int(predictions.argmax())):
        found = looked(built, place)
        label, share = found.answers[0]
        likelier = max(predictions[place], 1 - predictions[place])
        assert (label, share) == (str(int(predictions[place] >= 0.5)), pytest.approx(likelier))
        x = scaled(built)[place]
        model = built.network.model
        moved = [model.predict((x * scale)[None])[0, 0] for scale in (1.001, 0.999)]
        sign = 1 if label == "1" else -1
        slope = sign * (moved[0] - moved[1]) / 0.002
        assert found.gradient.sum() == pytest.approx(slope, rel=0.02, abs=1e-3)


def test_the_worst_by_a_loop(vector: Built) -> None:
    p, y = by_hand(vector, scaled(vector))[2], vector.data.train.targets
    wrong = [place for place in range(40) if int(p[place].argmax()) != y[place]]
    wrong.sort(key=lambda place: p[place, y[place]])
    mistakes, count = worst(vector.network, vector.data.train, 4)
    assert count == len(wrong)
    assert [each.sample for each in mistakes] == wrong[:4]
    first = mistakes[0]
    assert (first.true, first.answer) == (str(y[wrong[0]]), str(p[wrong[0]].argmax()))
    assert first.error == pytest.approx(1 - p[wrong[0], y[wrong[0]]], abs=1e-5)


def test_a_probability_of_one_half_is_the_second_class(tmp_path: Path) -> None:
    """As `predict` and `eval` have it."""
    config = VECTOR.replace("type: npz, path: %s", "type: moons, samples: 40").replace(
        "units: 3}%s", "units: 1}"
    )
    built = built_from(config.replace("cross_entropy", "binary_cross_entropy"), tmp_path)
    built.network.model.flat.all_values[...] = 0.0
    assert looked(built).answers == [("1", 0.5), ("0", 0.5)]
    mistakes, count = worst(built.network, built.data.train, 3)
    assert count == np.count_nonzero(built.data.train.targets == 0)
    assert {(each.true, each.answer) for each in mistakes} == {("0", "1")}


@pytest.mark.parametrize("loss", ["hinge", "mse"])
def test_scores_are_no_probabilities(tmp_path: Path, loss: str) -> None:
    """What hinge and a squared error bring up for classes is shown as the number that it is."""
    config = VECTOR % (tmp_path / "d.npz", "")
    built = built_from(config.replace("cross_entropy", loss), tmp_path)
    found, (_, scores, _) = looked(built), by_hand(built, scaled(built))
    assert not found.certain
    order = np.argsort(-scores[3])
    assert [label for label, _ in found.answers] == [str(k) for k in order]
    np.testing.assert_allclose([score for _, score in found.answers], scores[3][order], rtol=1e-4)
    assert "%" not in answer_text(found)
    assert answer_text(found).startswith(f"{order[0]} {found.answers[0][1]:.6g}  (")
    assert {entry["probability"] for entry in look_document(found)["top"]} == {None}
    y = built.data.train.targets
    behind = scores.max(axis=1) - scores[np.arange(40), y]
    mistakes, count = worst(built.network, built.data.train, 40)
    assert count == np.count_nonzero(behind)
    assert [each.sample for each in mistakes] == np.argsort(-behind, kind="stable")[:count].tolist()
    for each in mistakes:
        assert each.error == pytest.approx(behind[each.sample], rel=1e-4)
        assert each.probability is None


def test_values_keep_their_names(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(30, 4)) * 100
    lines = ["a,b,länge,breite", *(",".join(f"{cell:.2f}" for cell in row) for row in rows)]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = f"{{type: csv, path: {tmp_path / 't.csv'}, target: [länge, breite], validation: 0}}"
    config = VECTOR.replace("{type: npz, path: %s, validation: 0}", data).replace(
        "units: 3}%s", "units: 2}"
    )
    built = built_from(config.replace("cross_entropy", "mse"), tmp_path)
    found = looked(built)
    values = built.network.predict(built.data.train.inputs[3:4])[0]
    told = "  ".join(
        f"{n} {v:.6g}" for n, v in zip(("länge", "breite"), values.tolist(), strict=True)
    )
    assert answer_text(found) == told
    document = look_document(found)
    assert (document["top"], document["values"]) == ([], values.tolist())


def test_the_first_weights_are_those_of_the_first_weighted_layer(tmp_path: Path) -> None:
    for layers, path in (
        ("[batch_norm, {type: dense, units: 3}]", "dense_1.weight"),
        ("[{type: sequential, layers: [{type: dense, units: 3}]}]", "sequential_1.dense_1.weight"),
    ):
        text = re.sub(r"layers: .*", f"layers: {layers}", VECTOR % (tmp_path / "d.npz", ""))
        network = built_from(text, tmp_path).network
        found = first_weights(network)
        assert found is not None
        assert found[0] == path
        assert found[1] is network.model.named_parameters()[path].value
    assert first_weights(replace(network, model=Model([PReLU()], (5,)))) is None
