"""The page of a step: self-contained, small, and its numbers are the step's."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.cli.app import run
from nnfs_cli.config.config import load_config
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError
from nnfs_cli.experiment.build import build
from nnfs_cli.inspection.pages import MAX_BYTES
from nnfs_cli.inspection.trace import StepTrace, Tracer
from nnfs_cli.inspection.trace_page import trace_page
from tests.browser import Browser

CNN = """\
name: shapes <b>
data: {type: digits, limit: 60, validation: 10}
layers:
  - {type: conv2d, filters: 4, kernel_size: 3, strides: 2, padding: same, activation: relu}
  - {type: residual, layers: [{type: conv2d, filters: 4, kernel_size: 3, padding: same}]}
  - {type: conv2d, filters: 4, kernel_size: [2, 1], dilation: 2, groups: 2}
  - flatten
  - {type: dense, units: 10}
  - softmax
loss: cross_entropy
optimizer: {type: sgd, lr: 0.1, momentum: 0.9}
train: {epochs: 1, batch_size: 8, workers: 1}
"""
WIDE = """\
name: wide
data: {type: digits, limit: 60, validation: 10}
layers: [flatten, {type: dense, units: 1000, activation: tanh}, {type: dense, units: 10}]
loss: cross_entropy
optimizer: adam
train: {epochs: 1, batch_size: 4, workers: 1}
"""


def traced(text: str, folder: Path) -> tuple[StepTrace, list[str]]:
    path = folder / "c.yaml"
    path.write_text(text)
    config, document = load_config(path, [])
    built = build(config, Source(), document)
    (step,) = Tracer(built).steps(1, None, None)
    return step, list(built.network.labels)


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.S)
    assert found
    content: dict[str, Any] = json.loads(found[1])
    return content


def floats(packed: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed["bytes"]), "<f4")


@pytest.mark.parametrize("config", [CNN, WIDE])
def test_every_number_is_the_steps(tmp_path: Path, config: str) -> None:
    step, classes = traced(config, tmp_path)
    text = trace_page(step, "one", classes)
    data = data_of(text)
    shown = len(data["samples"])
    assert shown == min(6, len(step.samples))
    outputs = {-1: step.layers[0].x}
    for number, (told, layer) in enumerate(zip(data["layers"], step.layers, strict=True)):
        outputs[number] = layer.y
        assert np.array_equal(outputs[told["from"]][:1], layer.x[:1]), layer.path
        for name, array in (("y", layer.y), ("dy", layer.dy)):
            np.testing.assert_allclose(
                floats(told[name]["data"]), array[:shown].reshape(-1), rtol=1e-6
            )
        dx = told["dx"]["data"] if told["dx"] else data["layers"][told["from"]]["dy"]["data"]
        np.testing.assert_allclose(floats(dx), layer.dx[:shown].reshape(-1), rtol=1e-6)
        for each, parameter in zip(told["parameters"], layer.parameters, strict=True):
            if "images" in each["value"]:
                levels = np.frombuffer(base64.b64decode(each["value"]["data"]["bytes"]), np.uint8)
                low, high = each["value"]["data"]["range"]
                columns = parameter.value[:, :64].T.reshape(-1)
                assert (
                    np.abs(low + levels / 255 * (high - low) - columns).max() < (high - low) / 255
                )
            else:
                np.testing.assert_allclose(
                    floats(each["value"]["data"]), parameter.value.reshape(-1), rtol=1e-6
                )
    for told, parameter in zip(data["updates"], step.parameters, strict=True):
        assert parameter.new is not None
        assert [row[-1] for row in told["rows"]] == parameter.new.reshape(-1)[:16].tolist()


def test_the_largest_terms_of_a_wide_layers_sums(tmp_path: Path) -> None:
    step, classes = traced(WIDE, tmp_path)
    told, layer = data_of(trace_page(step, "one", classes))["layers"][1], step.layers[1]
    weight = layer.parameters[0].value
    places = floats(told["largest"]["places"]).reshape(4, 1000, 8).astype(int)
    weights = floats(told["largest"]["weights"]).reshape(4, 1000, 8)
    for sample, unit in ((0, 0), (3, 999), (1, 77)):
        sizes = np.abs(layer.x[sample] * weight[:, unit])
        best = np.sort(sizes)[::-1][:8]
        np.testing.assert_allclose(sizes[places[sample, unit]], best)
        np.testing.assert_allclose(
            weights[sample, unit], weight[places[sample, unit], unit], rtol=1e-6
        )


def test_what_stands_in_a_name_is_text(tmp_path: Path) -> None:
    step, classes = traced(CNN, tmp_path)
    text = trace_page(step, "</script><script>alert(1)</script>", classes)
    assert "<script>alert" not in text
    assert data_of(text)["title"].endswith("</script><script>alert(1)</script>")


def test_a_network_too_large_to_show(tmp_path: Path) -> None:
    huge = "{type: conv2d, filters: 64, kernel_size: 3, padding: same}"
    step, classes = traced(
        CNN.replace("  - flatten", f"  - {huge}\n" * 6 + "  - flatten").replace("strides: 2, ", ""),
        tmp_path,
    )
    with pytest.raises(DataError, match="too large to show whole"):
        trace_page(step, "huge", classes)


def test_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, page, other = tmp_path / "c.yaml", tmp_path / "p.html", tmp_path / "notes.html"
    config.write_text(WIDE)
    assert run(["trace", str(config), "--html", str(page), "-q"]) == 0
    assert capsys.readouterr().out.strip() == str(page)
    assert page.stat().st_size < MAX_BYTES
    assert run(["trace", str(config), "--html", str(page)]) == 0  # its own page again
    other.write_text("mine")
    assert run(["trace", str(config), "--html", str(other)]) == 2
    assert other.read_text() == "mine"
    assert run(["trace", str(config), "--html", str(other), "--force"]) == 0
    assert run(["trace", str(config), "--html", str(tmp_path), "--force"]) == 2
    assert run(["trace", str(config), "--html", str(page), "--steps", "2"]) == 2


@pytest.mark.slow
@pytest.mark.parametrize("config", [CNN, WIDE])
def test_in_a_browser(tmp_path: Path, browser: Browser, config: str) -> None:
    """Every stage by the keyboard, dark and light, wide and narrow; each sum that it tells."""
    step, classes = traced(config, tmp_path)
    page = tmp_path / "page.html"
    page.write_text(trace_page(step, "one", classes), "utf-8")
    browser.open(page)
    stages = 2 * len(step.layers) + 2
    for number in range(stages):
        assert browser.run("byId('place').textContent") == f"{number + 1} of {stages}"
        assert browser.run("byId('stage').children.length") > 0
        browser.press("ArrowRight")
    for width, scheme in ((390, "dark"), (1200, "light")):
        browser.resize(width, mobile=width < 500)
        browser.scheme(scheme)
        browser.press("Home")
        for _ in range(stages):
            assert browser.run("document.documentElement.scrollWidth") <= width
            browser.press("ArrowRight")
    for index, layer in enumerate(step.layers):
        if layer.word in ("dense", "conv2d"):
            for at in (0, layer.y[0].size // 2, layer.y[0].size - 1):
                _check_sum(browser, index, at, float(layer.y[0].reshape(-1)[at]))
    browser.run("document.querySelectorAll('#samples button')[1].click()")
    assert browser.run("state.sample") == 1
    browser.press("Home")
    browser.run("document.querySelector('.cell[tabindex], canvas').click()")
    assert browser.faults == []


def _check_sum(browser: Browser, index: int, at: int, expected: float) -> None:
    """What hovering a unit tells: its value, and terms that add up to it."""
    told = browser.run(f"tellForward(data.layers[{index}])({at})")
    head, *lines = told.splitlines()
    value = float(head.rpartition("= ")[2])
    terms = [float(re.split(r"= |: ", line)[-1]) for line in lines]
    assert value == pytest.approx(expected, rel=1e-5)
    assert sum(terms) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_large_parameter_of_no_image_is_a_row_for_each_unit(tmp_path: Path) -> None:
    text = WIDE.replace("digits, limit: 60", "moons, samples: 60, test_samples: 20")
    wide = "[{type: dense, units: 300}, {type: dense, units: 250}, {type: dense, units: 2}]"
    text = re.sub(r"layers: \[.*\]\n", f"layers: {wide}\n", text)
    step, classes = traced(text, tmp_path)
    layers = data_of(trace_page(step, "one", classes))["layers"]
    (weight,) = [p for p in layers[1]["parameters"] if p["name"] == "weight"]
    units, *sides = weight["value"]["shape"]
    assert sides == [1, 300]
    assert weight["value"]["images"] is True
    assert len(base64.b64decode(weight["value"]["data"]["bytes"])) == units * 300
