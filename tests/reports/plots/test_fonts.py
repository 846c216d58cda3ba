"""Letters that the usual font lacks are taken from another one that is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("matplotlib")
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from nnfs_cli.reports.plots import canvas
from nnfs_cli.reports.plots.canvas import Album, new_figure
from nnfs_cli.reports.plots.fonts import give_letters
from nnfs_cli.reports.plots.theme import THEMES, Theme

PRIVATE = "\N{OLD PERSIAN SIGN A}\U0001e900"
"""Letters of the East and of Africa that no font of matplotlib's has."""


@pytest.fixture
def rare_font(tmp_path: Path) -> str:
    """A font that has the first of these letters, installed for the test."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    builder, pen = FontBuilder(1000, isTTF=True), TTGlyphPen(None)
    for point in ((0, 0), (0, 700), (500, 700), (500, 0)):
        (pen.lineTo if point[0] or point[1] else pen.moveTo)(point)
    pen.closePath()
    builder.setupGlyphOrder([".notdef", "rare"])
    builder.setupCharacterMap({ord(PRIVATE[0]): "rare"})
    builder.setupGlyf({".notdef": pen.glyph(), "rare": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (600, 0), "rare": (600, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Rare", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "rare.ttf")
    fontManager.addfont(tmp_path / "rare.ttf")
    yield "Rare"
    fontManager.ttflist = [font for font in fontManager.ttflist if font.name != "Rare"]


def figure_with(theme: Theme, text: str) -> Figure:
    return new_figure(theme, f"umlauts: äöüß {text}")[0]


def test_usual_letters_need_no_other_font(theme: Theme) -> None:
    figure = figure_with(theme, "Ω±¼ж")
    assert give_letters(figure) == ""
    assert figure._suptitle.get_fontfamily() == ["DejaVu Sans"]


def test_an_installed_font_is_found(theme: Theme, rare_font: str) -> None:
    figure = figure_with(theme, PRIVATE[0])
    assert give_letters(figure) == ""
    assert figure._suptitle.get_fontfamily() == ["DejaVu Sans", rare_font]
    canvas.drawn(figure, "png", dpi=30)


def test_what_no_font_has_is_noted_once(rare_font: str, tmp_path: Path) -> None:
    from nnfs_cli.reports.plots.theme import themed

    with themed(THEMES["light"]):
        album = Album(THEMES["light"], tmp_path)
        album.add(figure_with(album.theme, PRIVATE), "one")
        album.add(figure_with(album.theme, PRIVATE), "two")
    (note,) = album.notes
    assert note.startswith(f"no font here has the letters {PRIVATE[1]}: install one")
    assert [path.name for path in album.files] == ["one.svg", "one.png", "two.svg", "two.png"]
