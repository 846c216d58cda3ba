"""Charts as SVG inside a page, in the page's colours: lines over epochs, and points."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nnfs_cli.reports.pages.markup import text

WIDTH, HEIGHT = 420.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 10.0, 10.0, 34.0
DIGIT, GAP = 8.0, 6.0
"""The width of a character at an axis, and from the last one to the frame."""
MAX_POINTS = 400
"""Of a line: as many as a chart has columns."""
HUGE = 1e100
TICKS = 5


@dataclass(frozen=True)
class Line:
    """A line through points, its name, and the variable of its colour: ``train``, ``val``, ``s0``.

    ``band`` has the lowest and highest value at each point, where there are several lines.
    """

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    colour: str
    band: tuple[Sequence[float], Sequence[float]] | None = None


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``, evenly or by factors."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value is: 0 at ``low``, 1 at ``high``."""
        low, high, at = self.low, self.high, value
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(value)
        return (at - low) / (high - low)

    def ticks(self) -> list[float]:
        """Round values along it: steps of 1, 2 or 5 times a power of ten."""
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            many = len(powers) > 3
            steps = (1,) if many else (1, 2, 5)
            found = [step * 10.0**power for power in powers for step in steps]
            every = -(-len(found) // (2 * TICKS))
            return [value for value in found if self.low <= value <= self.high][::every]
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next((m * power for m in (1, 2, 5) if m * power >= rough), 10 * power)
        first = math.ceil(self.low / step - 1e-9)
        return [step * k for k in range(first, math.floor(self.high / step + 1e-9) + 1)]


def axis_of(values: Iterable[float], log: bool = False, room: float = 0.05) -> Axis:
    """An axis that has all of the values on it."""
    known = [value for value in values if abs(value) < HUGE and (value > 0 or not log)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if log:
        return Axis(low / 1.2, high * 1.2, True)
    wide = (high - low) * room or abs(high) * 0.1 or 0.5
    return Axis(low - wide, high + wide)


def line_chart(
    title: str,
    lines: Sequence[Line],
    about: str,
    across: str = "epoch",
    log: bool = False,
    fractions: bool = False,
    points: bool = False,
    square: Axis | None = None,
) -> str:
    """Lines, or points, in a frame; empty where no value can be drawn."""  # fmt: skip
    bands = [value for line in lines if line.band for ys in line.band for value in ys]
    ys = [value for line in lines for value in line.ys if _drawn(value, log)]
    if not ys:
        return ""
    x_axis = square or axis_of([x for line in lines for x in line.xs], room=0.01)
    y_axis = square or axis_of([*ys, *bands], log)
    heights = labels(y_axis.ticks(), fractions)
    parts = [_frame(x_axis, y_axis, heights, across)]
    for line in lines:
        parts += [_band(line, x_axis, y_axis)] if line.band else []
        parts += [_dots(line, x_axis, y_axis)] if points or len(line.xs) == 1 else [
            _path(line, x_axis, y_axis)
        ]  # fmt: skip
    key = "".join(
        f'<span><i style="background: var(--{line.colour})"></i>{text(line.name)}</span>'
        for line in lines
        if line.name
    )
    out = max([0.0, *(DIGIT * len(label) + GAP - LEFT for label in heights)])
    frame = f"{-out:g} 0 {WIDTH + out:g} {HEIGHT:g}"
    drawing = f'<svg viewBox="{frame}" role="img" aria-label="{text(title)}">'
    head = f'<figcaption><b>{text(title)}</b>{text(about)}<div class="key">{key}</div></figcaption>'
    return f"<figure>{head}{drawing}{''.join(parts)}</svg></figure>"


def labels(values: Sequence[float], fractions: bool = False) -> list[str]:
    """The numbers at an axis, or fractions in percent: with so many digits that all differ."""
    for digits in range(6, 18):
        if fractions:
            found = [f"{100 * value:.{digits - 4}f}".removesuffix(".00") + "%" for value in values]
        else:
            found = [f"{value:.{digits}g}" for value in values]
        if len({*found}) == len(values):
            break
    return found


def _drawn(value: float, log: bool) -> bool:
    return abs(value) < HUGE and (value > 0 or not log)


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM)


def _frame(x_axis: Axis, y_axis: Axis, heights: Sequence[str], across: str) -> str:
    parts = []
    for value, label in zip(y_axis.ticks(), heights, strict=True):
        y = _y(y_axis, value)
        parts.append(f'<path class="grid" d="M{LEFT:g} {y:.1f}H{WIDTH - RIGHT:g}"/>')
        parts.append(f'<text x="{LEFT - GAP:g}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    xs = x_axis.ticks()
    if across == "epoch":  # which has no half
        xs = [round(value) for value in xs if math.isclose(value, round(value))]
    for value, label in zip(xs, labels(xs), strict=True):
        x = _x(x_axis, value)
        y = HEIGHT - BOTTOM + 15
        parts.append(f'<text x="{x:.1f}" y="{y:g}" text-anchor="middle">{label}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle:g}" y="{HEIGHT - 4:g}" text-anchor="middle">{text(across)}</text>'
    )
    return "".join(parts)


def thinned(ys: Sequence[float]) -> list[int]:
    """The places of a line that are drawn: of each column of a chart the lowest and the highest."""
    if len(ys) <= MAX_POINTS:
        return [*range(len(ys))]
    columns = MAX_POINTS // 2
    chosen = {0, len(ys) - 1}
    for column in range(columns):
        places = range(column * len(ys) // columns, (column + 1) * len(ys) // columns)
        known = [place for place in places if abs(ys[place]) < HUGE]
        if known:
            chosen |= {min(known, key=ys.__getitem__), max(known, key=ys.__getitem__)}
    return sorted(chosen)


def _path(line: Line, x_axis: Axis, y_axis: Axis) -> str:
    words, pen = [], "M"
    for at in thinned(line.ys):
        if not _drawn(line.ys[at], y_axis.log):
            pen = "M"
            continue
        words.append(f"{pen}{_x(x_axis, line.xs[at]):.1f} {_y(y_axis, line.ys[at]):.1f}")
        pen = "L"
    return f'<path class="line" style="stroke: var(--{line.colour})" d="{"".join(words)}"/>'


def _band(line: Line, x_axis: Axis, y_axis: Axis) -> str:
    assert line.band is not None
    low, high = line.band
    places = [
        at
        for at in thinned(line.ys)
        if _drawn(low[at], y_axis.log) and _drawn(high[at], y_axis.log)
    ]
    edge = [(at, high[at]) for at in places] + [(at, low[at]) for at in reversed(places)]
    corners = " ".join(f"{_x(x_axis, line.xs[at]):.1f},{_y(y_axis, y):.1f}" for at, y in edge)
    return f'<polygon class="band" style="fill: var(--{line.colour})" points="{corners}"/>'


def _dots(line: Line, x_axis: Axis, y_axis: Axis) -> str:
    return "".join(
        f'<circle cx="{_x(x_axis, x):.1f}" cy="{_y(y_axis, y):.1f}" r="3" '
        f'style="fill: var(--{line.colour})"/>'
        for x, y in zip(line.xs, line.ys, strict=True)
        if _drawn(x, x_axis.log) and _drawn(y, y_axis.log)
    )
