"""The pages in a browser: no request, no complaint, as wide as the screen, light in print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nnfs_cli.cli.app import run
from tests.browser import Browser
from tests.cli.conftest import TOY
from tests.cli.test_compare import VALUES
from tests.cli.test_report import IMAGES, write_data

LONG = """\
data: {type: csv, path: long.csv, target: class}
layers: [{type: dense, units: 2}]
loss: cross_entropy
optimizer: sgd
train: {epochs: 2}
"""
"""Classes with names of 120 letters."""
IN_THE_FRAME = """[...document.querySelectorAll('svg text')].every(
    each => each.getBBox().x >= each.ownerSVGElement.viewBox.baseVal.x)"""
NARROW = """[...document.querySelectorAll('.scroll td')].every(
    each => each.offsetWidth <= innerWidth / 2)"""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """A headless Chromium; the test skips where there is none."""
    opened = Browser(tmp_path / "profile")
    yield opened
    opened.close()


@pytest.mark.slow
def test_in_a_browser(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(tmp_path)
    pages = []
    rows = [f"{x},{y},{'ab'[(x + y) % 2] * 120}" for x in range(9) for y in range(9)]
    Path("long.csv").write_text("\n".join(["x,y,class", *rows]))
    for number, text in enumerate((TOY, VALUES, IMAGES, LONG)):
        Path("c.yaml").write_text(text)
        assert run(["train", "c.yaml", "-q", "name=" + "n" * 90]) == 0
        pages.append(f"{number}.html")
        assert run(["report", "-o", pages[-1]]) == 0
    pages.append("all.html")
    assert run(["report", "2*", "-o", pages[-1]]) == 0
    for page in pages:
        browser.open(Path(page))
        for width, scheme in ((360, "dark"), (1200, "light")):
            browser.resize(width, mobile=width < 500)
            browser.scheme(scheme)
            assert browser.run("document.documentElement.scrollWidth") <= width, page
            ground = browser.run("getComputedStyle(document.body).backgroundColor")
            assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
        assert browser.run("document.querySelectorAll('svg path.line, svg circle').length") >= 2
        assert browser.run("[...document.images].every(image => image.naturalWidth > 0)"), (
            "every image is drawn"
        )
        assert browser.run(IN_THE_FRAME), "no label is cut off"
        assert browser.run(NARROW), "no cell hides the others"
        dark = [{"name": "prefers-color-scheme", "value": "dark"}]
        browser.call("Emulation.setEmulatedMedia", media="print", features=dark)
        ground = browser.run("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)", "paper is white"
        assert browser.call("Page.printToPDF")["data"]
        browser.call("Emulation.setEmulatedMedia", media="screen")
    assert browser.faults == []
