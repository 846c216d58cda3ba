"""Fonts for every letter of a plot: where the usual one lacks some, others that are installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

USUAL = "DejaVu Sans"
"""It comes with matplotlib."""
BROAD = re.compile(
    r"Noto Sans|Source Han Sans|WenQuanYi|PingFang|Hiragino|YaHei|SimHei|Malgun|Nanum|Droid Sans"
    r"|Arial Unicode|Unifont"
)
"""Fonts that have the letters of many languages, asked first."""
UNFIT = re.compile(r"Emoji|Last ?Resort")
"""Fonts of coloured images, or of boxes in the place of letters."""


def give_letters(figure: Figure) -> str:
    """Choose fonts for all texts of a figure; returns the letters that no font here has."""
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if text.get_text()]
    wanted = {ord(sign) for text in texts for sign in text.get_text() if not sign.isspace()}
    families = [USUAL]
    lacking = wanted - _letters(_path_of(USUAL))
    for family, path in _others() if lacking else ():
        found = lacking & _letters(path)
        if found:
            families.append(family)
            lacking -= found
        if not lacking:
            break
    if len(families) > 1:
        for text in texts:
            text.set_fontfamily(families)
    return "".join(map(chr, sorted(lacking)))


def _path_of(family: str) -> str:
    from matplotlib.font_manager import findfont

    return str(findfont(family))


def _others() -> Iterator[tuple[str, str]]:
    """Name and file of the upright fonts, those for many languages and of usual weight first."""
    from matplotlib.font_manager import fontManager

    upright = [font for font in fontManager.ttflist if font.style == "normal"]
    upright.sort(key=lambda font: (not BROAD.search(font.name), _apart(font.weight), font.name))
    seen = {USUAL}
    for font in upright:
        if font.name not in seen and not UNFIT.search(font.name):
            seen.add(font.name)
            yield font.name, font.fname


def _apart(weight: int | str) -> int:
    """How far a font's weight is from the usual one, 400."""
    from matplotlib.font_manager import weight_dict

    return abs(int(weight_dict.get(weight, 400) if isinstance(weight, str) else weight) - 400)


@cache
def _letters(path: str) -> frozenset[int]:
    """The letters of a font; none if it cannot be read."""
    from matplotlib.font_manager import get_font

    try:
        return frozenset(get_font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
