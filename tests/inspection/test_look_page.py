"""The pages of a sample and of the worst ones, in a browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nnfs_cli.inspection.look_page import gallery_page, look_page
from nnfs_cli.inspection.worst import worst
from tests.browser import Browser

from .test_look import IMAGE, VECTOR, built_from, looked


@pytest.mark.slow
@pytest.mark.parametrize("config", [IMAGE, VECTOR])
def test_in_a_browser(tmp_path: Path, browser: Browser, config: str) -> None:
    built = built_from(config % (tmp_path / "d.npz", "") if "%s" in config else config, tmp_path)
    mistakes, _ = worst(built.network, built.data.train, 12)
    look = replace(looked(built), truth="n" * 300)
    mistakes[0] = replace(mistakes[0], true="n" * 300)
    for text in (
        look_page(look, "run <1>"),
        gallery_page(mistakes, built.data.train, "run", "train", "some"),
    ):
        page = tmp_path / "page.html"
        page.write_text(text, "utf-8")
        browser.open(page)
        for width, scheme in ((390, "dark"), (1200, "light")):
            browser.resize(width, mobile=width < 500)
            browser.scheme(scheme)
            assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run("document.querySelectorAll('.tensor').length") >= 12
        browser.run("document.querySelector('.cell[tabindex], canvas').click()")
    assert browser.faults == []
