"""Bars: work under way, at the bottom of a terminal on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from nnfs_cli.cli.terminal import columns, encodable, speaks_unicode
from nnfs_cli.escaping import escaped

if TYPE_CHECKING:
    from tqdm import tqdm

REFRESH = 0.1
"""Seconds between two drawings of a bar."""
SHORTEST = 10
"""Columns of the bar itself; words around it give way."""
AROUND = len("100%   12.3k samples/s 00:00:00 left ")
RATE = len(" 12.3k samples/s")


class Bars:
    """The one bar that is drawn, if any: what else is written then makes room for it."""

    def __init__(self) -> None:
        self.drawn: Bar | None = None

    def start(self, total: int, done: int = 0, unit: str = "") -> Bar:
        """Draw a bar in the place of any other."""
        self.close()
        self.drawn = Bar(total, done, unit)
        return self.drawn

    def close(self) -> None:
        """Take the bar away."""
        if self.drawn is not None:
            self.drawn.close()
            self.drawn = None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Without the bar while a line is written."""
        if self.drawn is None:
            yield
            return
        self.drawn.hide()
        yield
        self.drawn.show()


class Bar:
    """A bar from 0 to ``total``, redrawn a few times a second."""

    def __init__(self, total: int, done: int, unit: str) -> None:
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # no thread of its own
        self.unit = unit
        self._due = 0.0
        self._tqdm: tqdm[Any] = tqdm(
            total=total,
            initial=done,
            unit=f" {unit}" if unit else "",
            unit_scale=True,
            dynamic_ncols=True,
            leave=False,
            ascii=None if speaks_unicode(sys.stderr) else True,
            file=sys.stderr,
            bar_format="{bar}",
            delay=1e-9,  # not drawn before the first word about it
            mininterval=0,
        )

    @property
    def is_due(self) -> bool:
        """Whether it is time to draw again."""
        return time.monotonic() >= self._due

    def move(self, done: float, description: str, figures: dict[str, str] | None = None) -> None:
        """Draw the bar at ``done``, after a description and before as many figures as fit."""
        self._due = time.monotonic() + REFRESH
        head = encodable(escaped(description), sys.stderr)
        self._tqdm.bar_format = _format(head, figures or {}, columns(sys.stderr) or 80, self.unit)
        with suppress(OSError):
            self._tqdm.update(done - self._tqdm.n)

    def hide(self) -> None:
        """Clear its line."""
        with suppress(OSError):
            self._tqdm.clear()

    def show(self) -> None:
        """Draw it again."""
        with suppress(OSError):
            self._tqdm.refresh()

    def close(self) -> None:
        """Clear its line for good."""
        with suppress(OSError):
            self._tqdm.close()


def _format(head: str, figures: dict[str, str], width: int, unit: str) -> str:
    """tqdm's format of a line in which the bar has its columns."""
    room = width - len(head) - AROUND - SHORTEST
    if not unit or room < 0:
        room += RATE
    rate = "{rate_fmt} " if unit and room >= 0 and width - len(head) >= AROUND + SHORTEST else ""
    shown = ""
    for name, value in figures.items():
        text = f"  {escaped(name)} {value}"
        if len(shown) + len(text) > room:
            break
        shown += text
    fixed = (head + " ").replace("{", "{{").replace("}", "}}")
    return (
        fixed
        + "{percentage:3.0f}% {bar} "
        + rate
        + "{remaining} left"
        + shown.replace("{", "{{").replace("}", "}}")
    )
