"""What a network learnt as an image: every place and point recomputed one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnfs_cli import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Tanh, data_from_arrays, train
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.moons import Moons
from nnfs_cli.data.datasets.sine import Sine
from nnfs_cli.data.prepare import Data, prepare
from nnfs_cli.data.source import Source
from nnfs_cli.nn import model
from nnfs_cli.reports.plots.class_curves import ClassCurves
from nnfs_cli.reports.plots.data_points import are_points, points_figure
from nnfs_cli.reports.plots.first_weights import FirstWeights, mosaic
from nnfs_cli.reports.plots.fitted_curve import FittedCurve
from nnfs_cli.reports.plots.points import MAX_POINTS, named_places, thinned
from nnfs_cli.reports.plots.regions import Regions, certainty
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.reports.plots.value_map import ValueMap
from nnfs_cli.training.network import Network


@pytest.fixture(scope="module")
def moons() -> tuple[Data, Network]:
    data = prepare(Moons(samples=80, test_samples=60, noise=0.25), Source())
    return data, train([Dense(6), Tanh(), Dense(2)], data, loss="cross_entropy",
                       optimizer="adam", epochs=4)  # fmt: skip


@pytest.fixture(scope="module")
def sine() -> tuple[Data, Network]:
    data = prepare(Sine(samples=60, test_samples=40, normalize_targets=True), Source())
    return data, train([Dense(6), Tanh(), Dense(1)], data, loss="mse", optimizer="adam", epochs=4)


def by_hand(network: Network, raw: np.ndarray) -> np.ndarray:
    """The last layer's outputs for one sample, from the weights alone, number by number."""
    known, values = network.preprocessing, raw.astype(np.float64)
    values = values * known.scale - known.shift
    for layer in network.model.layers:
        if isinstance(layer, Dense):
            weight, bias = layer.weight.value, layer.bias.value
            values = np.array([
                sum(float(x) * float(w) for x, w in zip(values, column, strict=True)) + float(b)
                for column, b in zip(weight.T, bias, strict=True)
            ])  # fmt: skip
        else:
            values = np.tanh(values)
    return values


def points(axes: Any, gid: str) -> np.ndarray:
    (found,) = [drawn for drawn in axes.collections if drawn.get_gid() == gid]
    return np.asarray(found.get_offsets())


def test_every_place_has_the_colour_of_its_class(theme: Theme, moons: tuple[Data, Network]) -> None:
    from matplotlib.colors import to_rgb

    data, network = moons
    regions = Regions.of(data, places=25)
    assert regions is not None
    seen = regions.look(network)
    axes = regions.figure(theme, seen, "title", "").axes[0]
    (image,) = axes.images
    left, right, bottom, top = image.get_extent()
    cells, ground = np.asarray(image.get_array()), np.array(to_rgb(theme.ground))
    colours = [np.array(to_rgb(theme.colour(label))) - ground for label in (0, 1)]
    generator = np.random.default_rng(0)
    sides = set()
    for row, column in generator.integers(0, 25, (60, 2)):
        place = np.array([left + (right - left) * column / 24, bottom + (top - bottom) * row / 24])
        outputs = by_hand(network, place)
        tint = cells[row, column] - ground
        likeness = [tint @ c / np.linalg.norm(tint) / np.linalg.norm(c) for c in colours]
        if abs(outputs[0] - outputs[1]) > 1e-3:
            assert np.argmax(likeness) == np.argmax(outputs) == seen.classes[row, column]
            assert max(likeness) == pytest.approx(1.0)
            sides.add(int(np.argmax(outputs)))
        sure = abs(np.tanh((outputs[0] - outputs[1]) / 2))  # p0 - p1 of a softmax
        assert float(seen.sure[row, column]) == pytest.approx(sure, abs=2e-3)
    assert sides == {0, 1}
    assert (image.origin, image.get_extent()[2] < image.get_extent()[3]) == ("lower", True)


def test_the_plane_is_looked_at_piece_by_piece(
    moons: tuple[Data, Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, and the outputs of its 90,000 places are never in memory together."""
    data, network = moons
    regions = Regions.of(data, places=300)
    assert regions is not None
    whole = regions.look(network)
    monkeypatch.setattr(model, "AT_ONCE", 10_000)
    asked = []

    def answer(self: Network, inputs: Array) -> Array:
        asked.append(len(inputs))
        return usual(self, inputs)

    usual = Network.answer
    monkeypatch.setattr(Network, "answer", answer)
    pieces = regions.look(network)
    assert max(asked) * 2 <= 10_000
    for one, other in zip(whole, pieces, strict=True):
        assert np.array_equal(one, other)


def test_points_crosses_and_title(theme: Theme, moons: tuple[Data, Network]) -> None:
    data, network = moons
    assert data.test is not None
    regions = Regions.of(data, places=10)
    assert regions is not None
    seen = regions.look(network)
    axes = regions.figure(theme, seen, regions.title(seen), "").axes[0]
    np.testing.assert_allclose(points(axes, "training"), data.train.inputs)
    np.testing.assert_allclose(points(axes, "test"), data.test.inputs)
    wrong = [
        x
        for x, target in zip(data.test.inputs, data.test.targets, strict=True)
        if np.argmax(by_hand(network, x)) != target
    ]
    assert 0 < len(wrong) < 30
    np.testing.assert_allclose(points(axes, "wrong"), wrong)
    right = 100 * (60 - len(wrong)) / 60
    assert regions.title(seen) == f"accuracy {right:.2f} % on 60 test samples: {len(wrong)} wrong"
    assert regions.score(seen) == f"accuracy {right:.2f} %"
    assert {text.get_text() for text in axes.texts} == {"0", "1"}


def test_certainty_of_one_output_and_of_many() -> None:
    assert certainty(np.array([[0.5], [0.9], [0.0]])).tolist() == pytest.approx([0, 0.8, 1])
    many = np.array([[0.2, 0.5, 0.3], [9.0, -3.0, 1.0], [np.nan, np.nan, np.nan]])
    assert certainty(many).tolist() == pytest.approx([0.2, 1, 0])


def test_the_curve_and_its_error(theme: Theme, sine: tuple[Data, Network]) -> None:
    data, network = sine
    assert data.test is not None
    curve = FittedCurve.of(data)
    assert curve is not None
    seen = curve.look(network)
    figure = curve.figure(theme, seen, curve.title(seen), "")
    (line,) = figure.axes[0].lines
    known = network.preprocessing
    assert known.target_mean is not None
    assert known.target_deviation is not None

    def answer(x: np.ndarray) -> float:
        return float(by_hand(network, x)[0] * known.target_deviation[0] + known.target_mean[0])

    for x, y in np.asarray(line.get_xydata())[::37]:
        assert y == pytest.approx(answer(np.array([x])), abs=1e-4)
    errors = [
        float(target[0]) - answer(x)
        for x, target in zip(data.test.inputs, data.test.targets, strict=True)
    ]
    rmse, spread = np.sqrt(np.mean(np.square(errors))), np.var(data.test.targets)
    title = curve.title(seen)
    assert f"explains {100 * (1 - rmse**2 / spread):.2f} % of the variance" in title
    assert float(title.split("rmse ")[1].split()[0]) == pytest.approx(rmse, rel=1e-3)
    pairs = np.hstack([data.train.inputs, data.train.targets])
    np.testing.assert_allclose(points(figure.axes[0], "training"), pairs)


def trained_on_images(channels: int, layers: list[Any]) -> tuple[Data, Network]:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (40, 6, 4, channels), dtype=np.uint8)
    data = data_from_arrays(images, np.arange(40) % 2)
    return data, train(layers, data, loss="cross_entropy", optimizer="adam", epochs=1)


def test_weights_as_images(theme: Theme) -> None:
    _, network = trained_on_images(1, [Flatten(), Dense(70), ReLU(), Dense(2)])
    subject = FirstWeights.of(network)
    assert subject is not None
    weight = network.model.layers[1].weight.value
    largest = sorted(range(70), key=lambda unit: -np.linalg.norm(weight[:, unit]))[:64]
    assert subject.units.tolist() == sorted(largest)
    seen = subject.look(network)
    for image, unit in zip(seen, subject.units, strict=True):
        for (y, x, c), value in np.ndenumerate(image):
            assert value == weight[(y * 4 + x) * 1 + c, unit]
    assert subject.title(seen) == "what 64 of the 70 units of dense_1 look for"
    grid = mosaic(theme, seen)
    assert grid.shape == (8 * 7 - 1, 8 * 5 - 1, 3)
    positive, negative = grid[:6, :4][seen[0, ..., 0] > 0], grid[:6, :4][seen[0, ..., 0] < 0]
    assert positive[:, 0].mean() > positive[:, 2].mean()  # red beats blue
    assert negative[:, 0].mean() < negative[:, 2].mean()


def test_filters_of_colours(theme: Theme) -> None:
    _, network = trained_on_images(3, [Conv2D(5, 3), ReLU(), Flatten(), Dense(2)])
    subject = FirstWeights.of(network)
    assert subject is not None
    seen = subject.look(network)
    assert seen.shape == (5, 3, 3, 3)
    kernel = network.model.layers[0].weight.value
    np.testing.assert_array_equal(seen[4], kernel[..., 4])
    kept = seen.copy()
    kernel += 1
    np.testing.assert_array_equal(seen, kept)
    assert 0 <= mosaic(theme, seen).min() <= mosaic(theme, seen).max() <= 1
    assert subject.title(seen) == "what the 5 filters of conv2d_1 look for"


def test_weights_that_are_no_images(moons: tuple[Data, Network]) -> None:
    assert FirstWeights.of(moons[1]) is None
    for layers in ([MaxPool2D(2), Flatten(), Dense(2)], [Conv2D(2, 1), Flatten(), Dense(2)]):
        assert FirstWeights.of(trained_on_images(1, layers)[1]) is None


def test_data_of_other_kinds_has_no_plane(
    moons: tuple[Data, Network], sine: tuple[Data, Network]
) -> None:
    assert (are_points(moons[0]), are_points(sine[0])) == (True, True)
    assert (Regions.of(sine[0]), FittedCurve.of(moons[0])) == (None, None)
    x = np.random.default_rng(0).random((40, 3))
    classes = data_from_arrays(x, np.arange(40) % 2)
    pair = data_from_arrays(x[:, :1], x[:, 1:], task="regression")
    for data in (classes, pair):
        assert not any(kind.of(data) for kind in (Regions, ClassCurves, ValueMap, FittedCurve))
        assert not are_points(data)


def test_each_kind_of_data_has_its_image(
    moons: tuple[Data, Network], sine: tuple[Data, Network]
) -> None:
    for data, own in ((moons[0], Regions), (sine[0], FittedCurve), (one_feature()[0], ClassCurves),
                      (two_and_a_value()[0], ValueMap)):  # fmt: skip
        assert are_points(data)
        found = [k for k in (Regions, ClassCurves, ValueMap, FittedCurve) if k.of(data)]
        assert found == [own]


def two_and_a_value() -> tuple[Data, Network]:
    x = np.random.default_rng(0).normal(5, 2, (60, 2)).astype(np.float32)
    data = data_from_arrays(x, 40 * x[:, :1] - x[:, 1:] ** 2, task="regression")
    return data, train([Dense(6), Tanh(), Dense(1)], data, loss="mse", optimizer="adam", epochs=4)


def one_feature(outputs: int = 3, loss: str = "cross_entropy") -> tuple[Data, Network]:
    generator = np.random.default_rng(1)
    classes = np.arange(90) % max(outputs, 2)
    x = (2 * classes + generator.normal(0, 1, 90)).astype(np.float32)[:, None]
    data = data_from_arrays(x, classes)
    return data, train([Dense(6), Tanh(), Dense(outputs)], data, loss=loss, optimizer="adam",
                       epochs=4)  # fmt: skip


def test_the_map_has_the_predictions_and_the_true_values(theme: Theme) -> None:
    data, network = two_and_a_value()
    assert data.test is not None
    drawing = ValueMap.of(data)
    assert drawing is not None
    drawing.places = 21
    seen = drawing.look(network)
    axes = drawing.figure(theme, seen, drawing.title(seen), "").axes[0]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    for row, column in np.random.default_rng(0).integers(0, 21, (30, 2)):
        place = np.array([left + (right - left) * column / 20, bottom + (top - bottom) * row / 20])
        assert seen.grid[row, column] == pytest.approx(by_hand(network, place)[0], abs=1e-3)
    np.testing.assert_allclose(points(axes, "test"), data.test.inputs)
    dots = {drawn.get_gid(): drawn for drawn in axes.collections}
    np.testing.assert_allclose(dots["training"].get_array(), data.train.targets[:, 0])
    (ground,) = [drawn for drawn in axes.collections if hasattr(drawn, "levels")]
    for value in (-30.0, 100.0):  # a dot has the colour of the ground that predicts it right
        assert ground.to_rgba(value) == pytest.approx(dots["test"].to_rgba(value))
    predicted = [by_hand(network, x)[0] for x in data.test.inputs]
    off = np.sqrt(np.mean((data.test.targets[:, 0] - predicted) ** 2))
    share = 1 - off**2 / np.var(data.test.targets.astype(float))
    assert drawing.title(seen).startswith(f"the map explains {100 * share:.2f} % of the variance")
    assert float(drawing.score(seen).split()[-1]) == pytest.approx(off, rel=1e-3)


@pytest.mark.parametrize(
    ("outputs", "loss"), [(3, "cross_entropy"), (1, "bce"), (2, "cross_entropy"), (3, "hinge")]
)
def test_a_curve_for_each_class_and_a_tick_for_each_sample(
    theme: Theme, outputs: int, loss: str
) -> None:
    data, network = one_feature(outputs, loss)
    drawing = ClassCurves.of(data)
    assert data.test is not None
    assert drawing is not None
    seen = drawing.look(network)
    axes = drawing.figure(theme, seen, drawing.title(seen), "").axes[0]
    assert len(axes.lines) == max(outputs, 2)
    for label, line in enumerate(axes.lines):
        assert line.get_color() == theme.colour(label)
        for x, y in np.asarray(line.get_xydata())[::57]:
            out = by_hand(network, np.array([x]))
            if outputs == 1:
                out = np.array([0.0, out[0]])
            soft = np.exp(out) / np.exp(out).sum()
            assert y == pytest.approx((out if loss == "hinge" else soft)[label], abs=1e-3)
    assert axes.get_ylabel() == ("output" if loss == "hinge" else "probability")
    for gid, samples in (("training", data.train), ("test", data.test)):
        (ticks,) = [drawn for drawn in axes.collections if drawn.get_gid() == gid]
        middles = [np.mean(line, axis=0) for line in ticks.get_segments()]
        np.testing.assert_allclose([x for x, _ in middles], samples.inputs[:, 0])
        heights = {
            label: {round(float(y), 6) for (_, y), t in zip(middles, samples.targets, strict=True)
                    if t == label}
            for label in range(max(outputs, 2))
        }  # fmt: skip
        assert all(len(rows) == 1 for rows in heights.values())
        assert len(set.union(*heights.values())) == len(heights)
    wrong = int(np.sum(seen.judged != data.test.targets))
    assert len(points(axes, "wrong")) == wrong
    assert drawing.title(seen).endswith(f"{wrong} wrong" if wrong else "all right")
    assert {text.get_text() for text in axes.texts} == {str(n) for n in range(max(outputs, 2))}


def test_points_of_other_kinds_of_data(theme: Theme) -> None:
    data, _ = two_and_a_value()
    axes = points_figure(theme, data, seed=0, count=None)[0].axes
    drawn = points(axes[0], "training")
    np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(data.train.inputs, axis=0))
    assert axes[1].get_ylabel() == "y"
    data, _ = one_feature()
    axes = points_figure(theme, data, seed=0, count=None)[0].axes
    (ticks,) = axes[0].collections
    places = [line[0, 0] for line in ticks.get_segments()]
    np.testing.assert_allclose(sorted(places), np.sort(data.train.inputs[:, 0]))
    assert [tick.get_text() for tick in axes[0].get_yticklabels()] == ["0", "1", "2"]


def test_points_of_data(theme: Theme, moons: tuple[Data, Network]) -> None:
    figure, count = points_figure(theme, moons[0], seed=0, count=None)
    inputs = moons[0].train.inputs
    assert count == len(inputs)
    drawn = points(figure.axes[0], "training")
    np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(inputs, axis=0))
    assert figure.get_suptitle() == f"{len(inputs)} training samples of moons in 2 classes"
    few = points_figure(theme, moons[0], seed=0, count=7)
    assert few[1] == len(points(few[0].axes[0], "training")) == 7


def test_names_stand_where_their_class_has_room() -> None:
    inputs = np.array([[0, 0], [1, 0], [9, 0], [2, 0], [3, 0], [-7, 0]], dtype=np.float32)
    places = named_places(inputs, np.array([0, 0, 0, 1, 1, 1]), 3)
    assert {label: place.tolist() for label, place in places.items()} == {0: [9, 0], 1: [-7, 0]}


def test_many_samples_are_thinned(moons: tuple[Data, Network]) -> None:
    many = moons[0].train.pick(np.arange(5000) % 70)
    assert len(thinned(many)) == MAX_POINTS
    assert thinned(moons[0].train) is moons[0].train
