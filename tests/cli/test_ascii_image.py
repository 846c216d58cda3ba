from __future__ import annotations

import numpy as np

from nnfs_cli.cli.ascii_image import draw


def test_a_pixel_is_two_characters_side_by_side() -> None:
    assert draw(np.array([[0, 1], [0.5, 0]])) == "  ██\n▒▒"
    assert draw(np.array([[0, 1], [0.5, 0]]), ascii_only=True) == "  @@\n=="
    assert draw(np.ones((1, 1, 3))) == "██"


def test_28_by_28_fits_in_56_columns_and_in_28() -> None:
    image = np.ones((28, 28, 1))
    for columns, width, height in (
        (56, 56, 28),
        (55, 28, 14),
        (28, 28, 14),
        (20, 14, 7),
        (1, 1, 1),
    ):
        lines = draw(image, columns).splitlines()
        assert {len(line) for line in lines} == {width}
        assert len(lines) == height


def test_blocks_at_the_edges_are_means_too() -> None:
    assert draw(np.ones((3, 3)), columns=2) == "██"
    assert draw(np.ones((5, 3)), columns=2).splitlines() == ["██", "██"]


def test_ascii_is_ascii() -> None:
    assert draw(np.random.default_rng(0).random((28, 28)), ascii_only=True).isascii()
