"""Which column of a table a config means: by name, or by position from 0."""

from __future__ import annotations

from nnfs_cli.components.component import nearest
from nnfs_cli.data.tables.table import Table
from nnfs_cli.errors import DataError


def require_columns(table: Table) -> None:
    """Raise DataError for a table that was not divided, saying how it may be."""
    title = table.names[0] if table.names else str(table.cells[0, 0])
    if table.width > 1 or " " not in title:
        return
    if title.startswith("#"):
        raise DataError(f"row 1 looks like a comment line, {title[:40]!r}", "remove it")
    raise DataError(
        "the table has one column, and row 1 looks divided by blanks",
        "data.delimiter=blanks takes one or more of them between two cells",
    )


def column_position(table: Table, column: str | int) -> int:
    """Where the column is that a config means. Raises DataError if there is none."""
    if isinstance(column, int):
        if not -table.width <= column < table.width:
            raise DataError(f"there is no column {column}", f"there are {table.width}, from 0")
        position = column % table.width
        named = table.names.index(str(column)) if str(column) in table.names else position
        if named != position:
            raise DataError(
                f"{column} may be the column named {str(column)!r}, or that at position {column}, "
                f"counted from 0, whose name is {table.names[position]!r}",
                f"write the name in quotes: '{column}' or {table.names[position]!r}",
            )
        return position
    if not table.names:
        raise DataError(
            f"there is no column {column!r}: the table has no header", "name columns by position"
        )
    if column not in table.names:
        raise DataError(f"there is no column {column!r}", nearest(column, table.names))
    return table.names.index(column)
