"""What a seed gives, number by number: a change here would let no old run be reproduced."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli import Dense, Dropout, Initializer, Model
from nnfs_cli.compute.random_streams import Purpose, stream
from nnfs_cli.compute.team import Team


def test_dropout_draws_from_the_stream_of_its_place_and_step() -> None:
    model = Model([Dropout(0.5), Dense(3, activation="relu"), Dropout(0.5), Dense(2)], (24,), 7)  # type: ignore[arg-type]
    model.join(Team(), 7)
    model.start_step(5)
    model.forward(np.ones((1, 24)), training=True)
    masks = [np.packbits(layer.mask > 0).tolist() for layer in model.random_layers().values()]  # type: ignore[attr-defined]
    assert masks == [[83, 42, 54], [32]]


def test_the_order_of_an_epoch() -> None:
    assert stream(7, Purpose.ORDER, 2).permutation(10).tolist() == [8, 0, 3, 4, 5, 6, 7, 2, 1, 9]


def test_the_first_weights_of_a_network() -> None:
    model = Model([Dropout(0.5), Dense(3, activation="relu"), Dense(2)], (24,), 7)  # type: ignore[arg-type]
    first = [p.value.reshape(-1)[:3] for path, p in model.flat.by_path.items() if "weight" in path]
    expected = [[0.04301, -0.18424, 0.0535], [-0.41671, -0.81748, -0.11543]]
    np.testing.assert_allclose(first, expected, atol=6e-6)


SAMPLES = {
    "glorot_normal": [0.094228, -0.403648, 0.117207, 0.39642, -1.129235, 0.937377],
    "glorot_uniform": [-0.236381, -0.760409, 0.021184, -1.00286, -0.635883, -0.343663],
    "he_normal": [0.121648, -0.521107, 0.151314, 0.511776, -1.457836, 1.210149],
    "he_uniform": [-0.305167, -0.981684, 0.027349, -1.294686, -0.820921, -0.443667],
    "lecun_normal": [0.086018, -0.368478, 0.106995, 0.36188, -1.030846, 0.855704],
    "lecun_uniform": [-0.215786, -0.694155, 0.019339, -0.915481, -0.580479, -0.31372],
    "normal": [0.007449, -0.031911, 0.009266, 0.03134, -0.089274, 0.074106],
    "orthogonal": [0.082714, -0.554137, 0.102885, 0.831461, -0.991248, 0.040061],
    "truncated_normal": [0.007449, -0.031911, 0.009266, 0.03134, -0.089274, 0.074106],
    "uniform": [-0.010789, -0.034708, 0.000967, -0.045774, -0.029024, -0.015686],
    "zeros": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
}


@pytest.mark.parametrize("word", sorted({c.word for c in Initializer.members().values()}))
def test_every_initializer(word: str) -> None:
    if word == "constant":
        pytest.skip("it draws nothing")
    found = Initializer.read(word).sample(stream(7, Purpose.WEIGHTS, 0), (3, 2)).reshape(-1)
    np.testing.assert_allclose(found, SAMPLES[word], atol=6e-7)
