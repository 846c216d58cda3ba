"""What is written of a sample, as text, document and page: the numbers of the look, all of them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.experiment.build import Built
from nnfs_cli.inspection.look import Look
from nnfs_cli.inspection.look_document import look_document
from nnfs_cli.inspection.look_page import gallery_page, look_page
from nnfs_cli.inspection.look_text import answer_text, layer_rows, look_lines
from nnfs_cli.inspection.tensor_text import tensor_lines
from nnfs_cli.inspection.worst import worst

from .test_look import IMAGE, built_from, looked, vector
from .test_trace_page import data_of

Array = np.ndarray[Any, Any]
__all__ = ["vector"]
TABLE = """\
data: {type: csv, path: %s, target: y, validation: 0, test: 0}
layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: %d}]
loss: %s
optimizer: adam
train: {epochs: 1, workers: 1}
"""
NUMBERS = "abcdefghijklm"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A category of three words between thirteen columns of numbers."""
    draws = np.random.default_rng(3)
    lines = [",".join(["a", "word", *NUMBERS[1:], "y"])]
    for n in range(30):
        numbers = [f"{x:.3f}" for x in draws.normal(size=13)]
        lines.append(",".join([numbers[0], "rgb"[n % 3], *numbers[1:], f"{n % 2 + 0.5:g}"]))
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "t.csv"


def no_image(_: Array) -> str:
    raise AssertionError("there is no image")


def listed(lines: Iterable[str]) -> dict[str, list[float]]:
    """The rows of what mattered, by name."""
    rows = [line.split() for line in lines if line.startswith("  ")]
    return {
        row[0]: [float(x) for x in row[1:]] for row in rows if len(row) == 3 and row[0] != "and"
    }


def test_what_mattered_of_a_table_is_told_by_column(table: Path) -> None:
    built = built_from(TABLE % (table, 1, "mse"), table.parent)
    look = looked(built)
    lines = list(look_lines(replace(look, truth="1.5"), built.data.preprocessing, no_image))
    value = float(built.network.predict(built.data.train.inputs[3:4])[0, 0])
    assert lines[0] == f"one  {value:.6g}, in truth 1.5"
    places = [[0], [1, 2, 3], *([n] for n in range(4, 16))]
    adds = [sum(look.gradient[p] for p in each) for each in places]
    falls = [sum(look.occluded[p] for p in each) / len(each) for each in places]
    names = ["a", "word", *NUMBERS[1:]]
    order = sorted(range(14), key=lambda n: -abs(adds[n]))
    found = listed(lines)
    assert [*found] == [names[n] for n in order[:12]]
    for n in order[:12]:
        assert found[names[n]] == pytest.approx([adds[n], falls[n]], rel=1e-5)
    assert "  and 2 others" in lines


def test_the_nearest_and_the_layers_in_lines(vector: Built) -> None:
    look = looked(vector)
    lines = list(look_lines(look, vector.data.preprocessing, no_image))
    start = lines.index("Nearest training samples, by what the last layer with weights is given")
    for line, near in zip(lines[start + 1 :], look.neighbours, strict=True):
        number, word, distance, target = line.split()
        assert (number, word, target) == (str(near.sample), "distance", near.target)
        assert float(distance) == pytest.approx(near.distance, rel=1e-5)
    assert not any(
        "Nearest" in x
        for x in look_lines(replace(look, neighbours=[]), vector.data.preprocessing, no_image)
    )
    (first, p), *others = look.answers
    told = ", ".join(f"{label} {100 * share:.2f} %" for label, share in others)
    assert answer_text(replace(look, truth="2")) == f"{first} {100 * p:.2f} %  ({told}), in truth 2"
    assert answer_text(replace(look, answers=look.answers[:1])) == f"{first} {100 * p:.2f} %"
    rows = layer_rows(replace(look, activations={"relu_1": np.array([[0.0, 3.0, 0.0, 1.0]])}))
    assert rows == [("relu_1", "1 x 4", "1", f"{np.sqrt(1.5):.6g}", "50.00 %")]


def test_images_are_drawn_from_their_smallest_to_their_largest_number(tmp_path: Path) -> None:
    built = built_from(IMAGE, tmp_path)
    look = looked(built)
    drawn: list[Array] = []

    def draw(image: Array) -> str:
        drawn.append(image)
        return "one\ntwo"

    lines = list(look_lines(look, built.data.preprocessing, draw))
    assert lines.count("  one") == lines.count("  two") == 3
    for image, array in zip(
        drawn, (look.input.astype(float), look.gradient, look.occluded), strict=True
    ):
        positive = np.maximum(array, 0.0)[:, :, 0]
        np.testing.assert_allclose(image, (positive - positive.min()) / np.ptp(positive))


def unpacked(told: Mapping[str, Any]) -> Array:
    numbers = np.frombuffer(base64.b64decode(told["data"]["bytes"]), "<f4")
    return numbers.reshape(told["shape"])


def sections_of(page: str) -> dict[str, dict[str, Array]]:
    return {
        section["title"]: {each["name"]: unpacked(each) for each in section["shown"]}
        for section in data_of(page)["sections"]
    }


def check_page(look: Look, sections: dict[str, dict[str, Array]], weights: list[Array]) -> None:
    near = {
        f"{n.target}, sample {n.sample}, distance {n.distance:.6g}": n.input
        for n in look.neighbours
    }
    units = {f"unit {number}": array for number, array in enumerate(weights)}
    mattered = (look.input, look.gradient, look.occluded)
    expected: list[dict[str, Array]] = [
        dict(zip(sections["What mattered"], mattered, strict=True)),
        look.activations,
        units,
        near,
    ]
    for told, arrays in zip(sections.values(), expected, strict=True):
        assert [*told] == [*arrays]
        for name, array in arrays.items():
            np.testing.assert_allclose(told[name], array, rtol=1e-6)


def test_a_page_of_a_vector(vector: Built) -> None:
    look = replace(looked(vector), truth="2")
    page = look_page(look, "run <1>")
    data = data_of(page)
    assert (data["title"], data["about"]) == ("one in run run <1>", answer_text(look))
    assert [section["tiles"] for section in data["sections"]] == [False, False, True, True]
    weight = vector.network.model.flat.by_path["dense_1.weight"].value
    check_page(look, sections_of(page), [*weight.T])
    alone = sections_of(look_page(replace(look, neighbours=[], weights=None), "1"))
    assert [*alone] == ["What mattered", "Layers"]


def test_a_page_of_an_image_and_its_filters(tmp_path: Path) -> None:
    built = built_from(IMAGE, tmp_path)
    look = looked(built)
    weight = built.network.model.flat.by_path["conv2d_1.weight"].value
    check_page(look, sections_of(look_page(look, "1")), [weight[:, :, :1, n] for n in range(3)])
    dense = built_from(
        IMAGE.replace("  - {type: conv2d, filters: 3, kernel_size: 3, activation: relu}\n", "")
        .replace("  - max_pool2d\n", "")
        .replace("  - flatten\n", "  - flatten\n  - {type: dense, units: 70}\n"),
        tmp_path,
    )
    units = dense.network.model.flat.by_path["dense_1.weight"].value.T.reshape(70, 8, 8, 1)
    look = looked(dense)
    check_page(look, sections_of(look_page(look, "1")), [*units[:64]])


def test_colours_are_shown_in_grey(tmp_path: Path) -> None:
    draws = np.random.default_rng(1)
    x, y = draws.integers(0, 256, (12, 8, 8, 3), dtype=np.uint8), np.arange(12) % 2
    np.savez(tmp_path / "c.npz", x_train=x, y_train=y)
    config = IMAGE.replace(
        "type: digits, limit: 80, validation: 20",
        f"type: npz, path: {tmp_path / 'c.npz'}, validation: 0",
    )
    built = built_from(config.replace("units: 10", "units: 2"), tmp_path)
    mistakes, count = worst(built.network, built.data.train, 4)
    assert 0 < count < 12
    text = gallery_page(mistakes, built.data.train, "r", "train", f"{count} are wrong")
    data, (told,) = data_of(text), sections_of(text).values()
    assert data["title"] == f"The worst {len(mistakes)} train samples of run r"
    assert data["about"] == f"{count} are wrong"
    for (name, image), each in zip(told.items(), mistakes, strict=True):
        assert name == (
            f"sample {each.sample}: true {each.true}, answered {each.answer} "
            f"({100 * float(each.probability or 0):.2f} %)"
        )
        grey = built.data.train.inputs[each.sample].mean(axis=2, keepdims=True)
        np.testing.assert_allclose(image, grey, rtol=1e-6)


def test_the_document_has_every_number(vector: Built) -> None:
    look = replace(looked(vector), truth="2")
    document = look_document(look)
    assert (document["sample"], document["true"], document["values"]) == ("one", "2", [])
    assert document["top"] == [{"label": w, "probability": p} for w, p in look.answers]
    named = {"input": look.input, "gradient_times_input": look.gradient, "occlusion": look.occluded}
    for name, array in named.items():
        assert document[name] == {"shape": array.shape, "values": array.tolist()}
    for told, (path, y) in zip(document["activations"], look.activations.items(), strict=True):
        assert told == {"path": path, "shape": y.shape, "values": y.tolist()}
    assert [(n["sample"], n["distance"], n["target"]) for n in document["nearest"]] == [
        (n.sample, n.distance, n.target) for n in look.neighbours
    ]
    for numbers in ([1.5], [1.5, 2.5]):
        answers = [("", number) for number in numbers]
        shown = replace(look, task="values", certain=False, answers=answers, truth="")
        values = look_document(shown)
        assert (values["true"], values["top"], values["values"]) == (None, [], numbers)
        assert answer_text(shown) == "  ".join(map(str, numbers))


@pytest.mark.parametrize(("shape", "is_whole"), [((100, 100), True), ((73, 137), False)])
def test_large_tensors_are_a_summary_and_a_corner(
    vector: Built, shape: tuple[int, ...], is_whole: bool
) -> None:
    array = np.random.default_rng(0).normal(size=shape) * (np.arange(shape[1]) % 4 > 0)
    told = look_document(replace(looked(vector), occluded=array))["occlusion"]
    assert told["shape"] == shape
    assert ("values" in told) == is_whole
    if is_whole:
        assert told["values"] == array.tolist()
        return
    assert told["corner"] == array[:3, :4].tolist()
    flat = sorted(array.reshape(-1).tolist())
    mean = sum(flat) / len(flat)
    assert (told["min"], told["max"]) == (flat[0], flat[-1])
    assert told["mean"] == pytest.approx(mean)
    assert told["std"] == pytest.approx((sum((x - mean) ** 2 for x in flat) / len(flat)) ** 0.5)
    assert told["norm"] == pytest.approx(sum(x * x for x in flat) ** 0.5)
    assert told["zeros"] == flat.count(0.0) / len(flat)


def test_tensors_in_lines() -> None:
    assert tensor_lines("x", np.array(2.5)) == ["  x = 2.5"]
    assert tensor_lines("x", np.array([[2.5]])) == ["  x (1 x 1) = 2.5"]
    assert tensor_lines("x", np.zeros((0, 3))) == ["  x (0 x 3)"]
    array = np.arange(64.0).reshape(2, 4, 8)
    head, *rows = tensor_lines("x", array)
    assert head == "  x (2 x 4 x 8)"
    assert [[float(x) for x in row.split()] for row in rows] == array.reshape(8, 8).tolist()
    assert {len(row) for row in rows} == {4 + 8 * 13}
    narrow = tensor_lines("x", array, 4 + 3 * 13)
    assert [len(row.split()) for row in narrow[1:4]] == [3, 3, 2]
    assert max(map(len, narrow)) == 4 + 3 * 13
    head, summary, *rows, end = tensor_lines("x", np.arange(65.0).reshape(5, 13))
    assert summary == (
        f"    min 0,  mean 32,  max 64,  std {np.arange(65.0).std():.6g},  "
        f"norm {np.linalg.norm(np.arange(65.0)):.6g},  zeros 1.54 %"
    )
    assert [row.split() for row in rows] == [
        [*(f"{13 * r + c}" for c in range(4)), "..."] for r in range(3)
    ]
    assert end == "    ..."
    assert max(map(len, tensor_lines("x", np.arange(65.0), 60))) <= 60


def test_patches_that_cover_a_pixel_by_loops(tmp_path: Path) -> None:
    """A side of a seventh of the smaller side, every half of one; the fall is their mean."""
    draws = np.random.default_rng(1)
    x, y = draws.integers(0, 9, (12, 29, 31, 1), dtype=np.uint8), np.arange(12) % 2
    np.savez(tmp_path / "c.npz", x_train=x, y_train=y)
    config = IMAGE[IMAGE.index("loss") :]
    built = built_from(
        f"data: {{type: npz, path: {tmp_path / 'c.npz'}, validation: 0, normalize: none}}\n"
        f"layers: [flatten, {{type: dense, units: 2}}]\n{config}",
        tmp_path,
    )
    raw = x[3].astype(float)
    weight = built.network.model.flat.by_path["dense_1.weight"].value.astype(float)

    def answers(image: Array) -> Array:
        e = np.exp(image.reshape(-1) @ weight)
        shares: Array = e / e.sum()
        return shares

    whole = answers(raw)
    answer = int(whole.argmax())
    rim = np.concatenate([raw[0], raw[-1], raw[:, 0], raw[:, -1]])
    falls: dict[tuple[int, int], list[float]] = {}
    for row, column in product(range(0, 26, 2), range(0, 28, 2)):
        covered = raw.copy()
        covered[row : row + 4, column : column + 4] = np.median(rim)
        fall = whole[answer] - answers(covered)[answer]
        for pixel in product(range(row, row + 4), range(column, column + 4)):
            falls.setdefault(pixel, []).append(fall)
    expected = np.zeros((29, 31))
    for pixel, each in falls.items():
        expected[pixel] = sum(each) / len(each)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(looked(built).occluded[:, :, 0], expected, atol=1e-5)
