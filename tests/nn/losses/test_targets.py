"""What each loss says to data and networks that do not fit it."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.components.component import loss
from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.gradcheck import check_loss
from nnfs_cli.nn.loss import Loss
from nnfs_cli.nn.losses.binary_cross_entropy import BinaryCrossEntropy
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.losses.hinge import Hinge
from nnfs_cli.nn.losses.mse import MSE
from nnfs_cli.nn.metric import predicted_classes

CLASSES, VALUES = np.array([2, 0, 1]), np.array([[0.5], [2.0], [0.0]])


@pytest.mark.parametrize("word", ["categorical_cross_entropy", "sparse_categorical_cross_entropy"])
def test_both_names_take_class_numbers(word: str) -> None:
    encoded = Loss.read(word).encode_targets(CLASSES, 3, (3,))
    assert np.array_equal(encoded, CLASSES)
    assert encoded.ndim == 1


def test_mse_draws_classes_as_one_hot_rows() -> None:
    assert np.array_equal(MSE().encode_targets(CLASSES, 3, (3,)), np.eye(3)[CLASSES])


@pytest.mark.parametrize(
    ("loss", "targets", "classes", "outputs", "message"),
    [
        (CrossEntropy(), VALUES, None, (1,), "needs classes.*choose `mse`"),
        (Hinge(), VALUES, None, (1,), "needs classes.*choose `mse`"),
        (CrossEntropy(), CLASSES, 3, (4,), "3 classes, but the network returns 4"),
        (CrossEntropy(class_weights=[1.0, 2.0]), CLASSES, 3, (3,), "has 2 numbers, the data 3"),
        (CrossEntropy(class_weights=[0.0, 0.0]), CLASSES, 2, (2,), "all 0: no sample would count"),
        (CrossEntropy(class_weights=[1e-300, 0.0]), CLASSES, 2, (2,), "all 1e-300 or less: no "),
        (CrossEntropy(), CLASSES, 2, (2,), "go from 0 to 2, but there are 2"),
        (BinaryCrossEntropy(), CLASSES, 3, (1,), "two classes.*`cross_entropy`"),
        (BinaryCrossEntropy(), CLASSES, 2, (3,), "end the layers with 1 units"),
        (BinaryCrossEntropy(pos_weight=[1, 2]), VALUES, None, (3,), "has 2 numbers, the network 3"),
        (BinaryCrossEntropy(), VALUES, None, (1,), "between 0 and 1.*go from 0 to 2"),
        (MSE(), VALUES, None, (3,), "end the layers with 1 units"),
        (MSE(), CLASSES, 3, (1,), "end the layers with 3 units"),
        (MSE(class_targets=[-1, 1]), VALUES, None, (1,), "class_targets is for classes"),
        (Hinge(), CLASSES, 3, (1,), "end the layers with 3 units"),
    ],
)
def test_misfits_are_refused(
    loss: Loss, targets: Array, classes: int | None, outputs: tuple[int, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        loss.encode_targets(targets, classes, outputs)


def test_two_classes_are_one_probability() -> None:
    loss = BinaryCrossEntropy()
    targets = loss.encode_targets(np.array([0, 1]), 2, (1,))
    assert np.array_equal(targets, [[0.0], [1.0]])
    p = loss.predictions(np.array([[0.0], [100.0]], dtype=np.float32))
    np.testing.assert_allclose(p, [[0.5], [1.0]])


def test_predictions_of_logits_are_probabilities() -> None:
    outputs = np.array([[0.0, np.log(3.0)], [1000.0, 0.0]])
    expected = [[0.25, 0.75], [1.0, 0.0]]
    np.testing.assert_allclose(CrossEntropy().predictions(outputs), expected)
    np.testing.assert_allclose(CrossEntropy(from_logits=False).predictions(outputs), outputs)


def test_weights_with_smoothing_and_rows_agree_with_the_formula() -> None:
    generator = np.random.default_rng(0)
    outputs, numbers = generator.standard_normal((5, 3)), np.array([0, 1, 2, 2, 1])
    weights, s = np.array([1.0, 3.0, 0.5]), 0.3
    loss = CrossEntropy(label_smoothing=s, class_weights=weights.tolist())
    t = (1 - s) * np.eye(3)[numbers] + s / 3
    p = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    w = weights[numbers]
    expected = (w * -(t * np.log(p)).sum(axis=1)).sum() / w.sum()
    for targets in (numbers, np.eye(3)[numbers]):
        value, gradient = loss.value_and_grad(outputs, targets)
        assert value == pytest.approx(expected, rel=1e-6)
        np.testing.assert_allclose(gradient, w[:, None] * (p - t) / w.sum(), rtol=1e-6)


def test_a_batch_of_weightless_classes_counts_nothing() -> None:
    value, gradient = CrossEntropy(class_weights=[0.0, 1.0]).value_and_grad(
        np.ones((2, 2)), np.array([0, 0])
    )
    assert value == 0.0
    assert not gradient.any()


def test_class_weights_by_name_are_those_of_a_list_in_the_order_of_the_classes() -> None:
    generator = np.random.default_rng(0)
    outputs, targets = generator.normal(size=(9, 3)), np.arange(9) % 3
    listed = CrossEntropy(class_weights=[1.0, 0.25, 7.0])
    named = CrossEntropy(class_weights={"eel": 7.0, 2: 0.25})
    named.name_classes(["cat", "2", "eel"])
    value, gradient = named.value_and_grad(outputs.copy(), targets)
    expected, its_gradient = listed.value_and_grad(outputs.copy(), targets)
    assert value == expected
    np.testing.assert_array_equal(gradient, its_gradient)
    assert named.weight(targets) == listed.weight(targets) == 3 * 8.25


def test_class_weights_that_name_nothing() -> None:
    unnamed = CrossEntropy(class_weights={"cat": 2.0})
    with pytest.raises(UsageError, match="need the classes of the training"):
        unnamed.value_and_grad(np.zeros((2, 2)), np.array([0, 1]))
    with pytest.raises(UsageError, match="names 'cat', which is no class; known are dog, eel"):
        unnamed.name_classes(["dog", "eel"])
    with pytest.raises(UsageError) as caught:
        CrossEntropy(class_weights={"cat": -2.0})
    told = "cross_entropy: `class_weights.cat` should be greater than or equal to 0, received -2.0"
    assert str(caught.value) == told


def test_weights_that_were_not_asked_for_are_none() -> None:
    targets, labels = np.array([0, 0, 0, 1]), ("a", "b")
    for given in (None, [1.0, 2.0], {"a": 3.0}):
        loss = CrossEntropy(class_weights=given)
        assert loss.fitted(targets, labels) is loss
    balanced = CrossEntropy(class_weights="balanced")
    assert balanced.fitted(targets, ()) is balanced
    assert balanced.fitted(targets, labels).class_weights == {"a": 4 / (2 * 3), "b": 4 / (2 * 1)}


TWO = np.array([0, 1, 1])


def test_class_targets_stand_in_the_place_of_zero_and_one() -> None:
    rows = MSE(class_targets=[0.01, 0.99]).encode_targets(CLASSES, 3, (3,))
    for row, label in zip(rows, CLASSES, strict=True):
        assert row.tolist() == [np.float32(0.99 if k == label else 0.01) for k in range(3)]
    one = MSE(class_targets=[-1, 1])
    assert one.encode_targets(TWO, 2, (1,)).tolist() == [[-1.0], [1.0], [1.0]]
    assert MSE().encode_targets(TWO, 2, (1,)).tolist() == [[0.0], [1.0], [1.0]]
    soft = np.array([[0.75, 0.25], [0.0, 1.0]], np.float32)
    assert one.encode_distributions(soft, (1,)).tolist() == [[-0.5], [1.0]]
    assert one.encode_distributions(soft, (2,)).tolist() == [[0.5, -0.5], [-1.0, 1.0]]
    with pytest.raises(UsageError, match="second, and is the larger"):
        MSE(class_targets=[1, -1])


@pytest.mark.parametrize(
    ("loss", "least"), [(MSE(), 0.5), (MSE(class_targets=[-1, 1]), 0), (Hinge(margin=2), 0)]
)
def test_class_1_begins_half_way_between_the_targets(loss: Loss, least: float) -> None:
    outputs = np.array([[least - 0.1], [least], [least + 3]])
    assert predicted_classes(loss.predictions(outputs)).tolist() == [0, 1, 1]


def test_hinge_of_one_output_is_the_support_vector_machine_s() -> None:
    loss, generator = Hinge(margin=1.5), np.random.default_rng(0)
    outputs, labels = generator.standard_normal((50, 1)) * 2, generator.integers(0, 2, 50)
    signs = loss.encode_targets(labels, 2, (1,))
    expected, slopes = [], []
    for (y,), label in zip(outputs, labels, strict=True):
        margin = 1.5 - (y if label else -y)
        expected.append(max(0.0, margin))
        slopes.append((-1 if label else 1) / 50 if margin > 0 else 0)
    assert {0.0} < {*slopes}
    value, gradient = loss.value_and_grad(outputs, signs)
    assert value == pytest.approx(np.mean(expected))
    np.testing.assert_allclose(gradient[:, 0], slopes)
    np.testing.assert_allclose(loss.sample_losses(outputs, signs), expected)
    assert check_loss(loss, outputs, signs).ok


def test_a_loss_that_weighs_no_samples_says_so() -> None:
    @loss("plain")
    class Plain(Loss):
        """Nothing."""

        def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
            return 7.0, outputs

    outputs, targets = np.ones((2, 1)), np.ones((2, 1))
    assert Plain().mean_and_grad(outputs, targets, None)[0] == 7.0
    with pytest.raises(UsageError, match="plain has no sample_losses, which weights"):
        Plain().mean_and_grad(outputs, targets, np.ones(2))


@pytest.mark.parametrize("given", [None, 3.0, [0.5, 2.0]])
def test_a_yes_weighs_what_pos_weight_says(given: float | list[float] | None) -> None:
    generator = np.random.default_rng(0)
    x, t = generator.standard_normal((5, 2)), generator.random((5, 2))
    weights = given if isinstance(given, list) else [1.0 if given is None else given] * 2
    each = np.empty((5, 2))
    for n, k in np.ndindex(5, 2):
        p = 1 / (1 + np.exp(-x[n, k]))
        each[n, k] = -weights[k] * t[n, k] * np.log(p) - (1 - t[n, k]) * np.log(1 - p)
    for outputs, from_logits in ((x, True), (1 / (1 + np.exp(-x)), False)):
        own = BinaryCrossEntropy(pos_weight=given, from_logits=from_logits)
        assert own.value_and_grad(outputs, t)[0] == pytest.approx(each.mean(), rel=1e-9)
        np.testing.assert_allclose(own.sample_losses(outputs, t), each.mean(axis=1), rtol=1e-9)


def test_yes_or_no_takes_fractions_and_distributions() -> None:
    own = BinaryCrossEntropy()
    with pytest.raises(UsageError, match="between 0 and 1"):
        own.value_and_grad(np.zeros((3, 1)), VALUES)
    own.trusting = True
    own.value_and_grad(np.zeros((3, 1)), VALUES)
    rows = np.array([[0.25, 0.75], [1.0, 0.0]], np.float32)
    assert own.encode_distributions(rows, (1,)).tolist() == [[0.75], [0.0]]
    assert own.encode_distributions(rows, (2,)).tolist() == rows.tolist()
    with pytest.raises(UsageError, match="the data has 3 classes, but the network returns 1"):
        own.encode_distributions(np.ones((2, 3), np.float32) / 3, (1,))
    for weights, outputs in ((3.0, 4), ([2.0], 4), ([1.0, 2.0, 3.0, 4.0], 4)):
        own = BinaryCrossEntropy(pos_weight=weights)
        assert own.encode_targets(np.eye(4)[[0, 1]], None, (outputs,)).shape == (2, 4)


def test_probabilities_of_exactly_0_and_1_stay_finite() -> None:
    own, outputs = BinaryCrossEntropy(from_logits=False), np.array([[0.0], [1.0], [0.0], [1.0]])
    targets = np.array([[1.0], [0.0], [0.0], [1.0]])
    most = -np.log(1e-7)
    np.testing.assert_allclose(own.sample_losses(outputs, targets), [most, most, 0, 0], atol=1e-6)
    value, gradient = own.value_and_grad(outputs, targets)
    assert value == pytest.approx(most / 2, rel=1e-6)
    assert gradient[:2, 0] == pytest.approx([-1e7 / 4, 1e7 / 4], rel=1e-3)
