"""A figure with its conclusion as its title, labels at the ends of its lines, and its files."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import east_asian_width

from nnfs_cli.atomic import write_bytes_atomically
from nnfs_cli.formatting import cut
from nnfs_cli.reports.plots.fonts import give_letters
from nnfs_cli.reports.plots.theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("svg", "png")
DPI = 150
MAX_LABEL, MAX_NAME = 40, 100
LETTERS_PER_INCH = 9.5
"""Of a title."""
EARLY = 0.85
"""A line that ends before this fraction of the width is labelled there."""
LINE = 0.17
"""Inches between two labels at the ends of lines."""


class End(NamedTuple):
    """A label at the end of a line."""

    x: float
    y: float
    text: str
    colour: str


def new_figure(
    theme: Theme, title: str, about: str = "", size: tuple[float, float] = (7.0, 4.2), **grid: Any
) -> tuple[Figure, Any]:
    """A figure and its axes, one or a grid of them, under a title and what it is about."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    lines = wrapped(title[:1].upper() + title[1:], int(size[0] * LETTERS_PER_INCH))
    figure.suptitle(
        lines, x=0.012, ha="left", fontsize=12, fontweight="bold", color=theme.ink, parse_math=False
    )
    axes = figure.subplots(**grid)
    if about:
        foot = wrapped(about, int(size[0] * LETTERS_PER_INCH * 1.45))
        figure.supxlabel(foot, x=0.012, ha="left", fontsize=8, color=theme.faint, parse_math=False)
    return figure, axes


def wrapped(text: str, width: int) -> str:
    """Text in lines; letters of the East are twice as wide."""
    wide = sum(east_asian_width(sign) in "WF" for sign in text)
    return textwrap.fill(text, max(width * len(text) // max(len(text) + wide, 1), 10))


def label_ends(axes: Axes, ends: Sequence[End], height: float) -> None:
    """Write labels behind the ends of lines, moved apart where they would overlap.

    ``height`` is about that of the axes, in inches.
    """
    if not ends:
        return
    axes.autoscale_view()
    to_axes = axes.transData + axes.transAxes.inverted()
    places = [to_axes.transform((end.x, end.y)).tolist() for end in ends]
    order = sorted(range(len(ends)), key=lambda index: places[index][1])
    apart = spread([places[index][1] for index in order], LINE / height)
    for index, up in zip(order, apart, strict=True):
        end, (across, own) = ends[index], places[index]
        place = (across, own) if across < EARLY else (1.0, up)
        axes.annotate(
            end.text, place, xycoords="axes fraction", xytext=(6, 0),
            textcoords="offset points", color=end.colour, va="center", annotation_clip=False,
            parse_math=False,
        )  # fmt: skip


def spread(places: Sequence[float], apart: float) -> list[float]:
    """Rising places, moved until neighbours are ``apart``, around the middle of each group."""
    groups: list[tuple[float, int]] = []
    """Middle and number of each group of labels that touch."""
    for place in places:
        middle, count = place, 1
        while groups and middle - groups[-1][0] < apart * (count + groups[-1][1]) / 2:
            other, others = groups.pop()
            middle = (middle * count + other * others) / (count + others)
            count += others
        groups.append((middle, count))
    return [
        middle + apart * (number - (count - 1) / 2)
        for middle, count in groups
        for number in range(count)
    ]


class Album:
    """The plots of one command: a folder, the files in it, and what is to be said of them."""

    def __init__(self, theme: Theme, folder: Path) -> None:
        self.theme, self.folder = theme, folder
        self.files: list[Path] = []
        self.lacking: set[str] = set()
        """Letters that no font here has."""
        self._notes: list[str] = []

    def add(self, figure: Figure, name: str) -> None:
        """Write a figure in every format, and empty it. Raises MachineError."""
        self.lacking |= {*give_letters(figure)}
        for form in FORMATS:
            self.write(f"{file_name(name)}.{form}", drawn(figure, form))
            figure.set_layout_engine("none")  # it has been laid out, which takes long
        figure.clear()  # or its pixels stay in memory until cycles are collected

    def write(self, name: str, content: bytes) -> None:
        """Write a file as it is. Raises MachineError."""
        path = self.folder / name
        write_bytes_atomically(path, content)
        self.files.append(path)

    def note(self, text: str) -> None:
        """Something that the user must know, unless the text is empty."""
        self._notes += [text] if text else []

    @property
    def notes(self) -> list[str]:
        """All that the user must know."""
        if not self.lacking:
            return self._notes
        letters = "".join(sorted(self.lacking))[:MAX_LABEL]
        missing = f"no font here has the letters {letters}: install one, such as Noto Sans"
        return [*self._notes, missing]


def drawn(figure: Figure, form: str, author: str | None = None, dpi: int = DPI) -> bytes:
    """A figure as the bytes of a file, the same whenever it is drawn."""
    content = BytesIO()
    about: dict[str, str | None] = {"Date": None} if form == "svg" else {"Software": None}
    if author:
        about["Creator" if form == "svg" else "Software"] = author
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter that no font has
        figure.savefig(content, format=form, metadata=about, dpi=dpi)
    return content.getvalue()


def file_name(name: str) -> str:
    """A column's or an evaluation's name as part of a file's: never a path, never too long."""
    return re.sub(r"[^\w.=+-]", "_", name)[:MAX_NAME].lstrip(".") or "_"


def shown(label: str) -> str:
    """A label as it can be drawn: printable, and no longer than a line."""
    return cut(printable(label), MAX_LABEL)


def printable(text: str) -> str:
    """Text without what cannot be drawn."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
