"""Tables for people, as lines of text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, TextIO

from nnfs_cli.cli.terminal import columns, encodable, has_colour, speaks_unicode, width_of
from nnfs_cli.escaping import escaped
from nnfs_cli.formatting import cell_text

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.table import Table

MANY = 200
"""Rows of a table from which on it is no longer fitted to the stream: that takes long."""
WIDE = 160
"""Columns of a table where stdout is no terminal."""


def table_text(headers: Sequence[str], rows: Iterable[Sequence[Any]], stream: TextIO) -> str:
    """The lines of a table; columns of numbers are aligned to the right.

    As wide as the stream, or wider where a word would have to be broken.
    """
    from rich import box
    from rich.console import Console as RichConsole
    from rich.table import Table
    from rich.text import Text

    heads = [encodable(escaped(header), stream) for header in headers]
    body = [[encodable(escaped(cell_text(value)), stream) for value in row] for row in rows]
    if len(body) > MANY:
        return "\n".join(_plain_lines(heads, body))
    table = Table(box=box.SIMPLE_HEAD if speaks_unicode(stream) else box.ASCII2)
    for index, head in enumerate(heads):
        numeric = all(_looks_numeric(row[index]) for row in body)
        justify: Literal["left", "right"] = "right" if numeric else "left"
        words = [word for row in body for word in row[index].split()]
        longest = max(map(width_of, [*words, *head.split()]), default=0)
        table.add_column(Text(head), justify=justify, min_width=longest)
    for row in body:
        table.add_row(*(Text(cell) for cell in row))
    drawn = io.StringIO()
    rich = RichConsole(
        file=drawn,
        force_terminal=has_colour(stream),
        markup=False,
        highlight=False,
        emoji=False,
        width=columns(stream) or WIDE,
        color_system="standard" if has_colour(stream) else None,
    )
    unlimited = rich.options.update(max_width=10_000)
    if rich.measure(table, options=unlimited).minimum > rich.width:
        table.padding, table.show_edge = (0, 0, 0, 0), False
    _fit(rich, table, max(rich.width, rich.measure(table, options=unlimited).minimum))
    rich.print(table, crop=False)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def _plain_lines(heads: Sequence[str], body: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as what stands in them, two blanks apart."""
    columns = []
    for head, *cells in zip(heads, *body, strict=True):
        widths = [*map(width_of, (head, *cells))]
        wide = max(widths)
        blanks = [" " * (wide - width) for width in widths]
        pairs = [*zip((head, *cells), blanks, strict=True)]
        right = all(map(_looks_numeric, {*cells}))
        head, *cells = [blank + cell if right else cell + blank for cell, blank in pairs]
        columns.append([head, "-" * wide, *cells])
    return ("  ".join(row).rstrip() for row in zip(*columns, strict=True))


def _fit(rich: RichConsole, table: Table, width: int) -> None:
    """Set a width at which the table is drawn no wider than ``width``.

    Rich makes columns narrower than their longest word, and then wider again.
    """
    from rich.segment import Segment

    rich.width = width
    for _ in table.columns:
        lines = Segment.split_lines(rich.render(table))
        over = max(map(Segment.get_line_length, lines)) - width
        if over <= 0 or over >= rich.width:
            return
        rich.width -= over


def _looks_numeric(cell: str) -> bool:
    try:
        float(cell.removesuffix("%").replace(",", "") or "0")
    except ValueError:
        return cell in ("-", "undefined")
    return True
