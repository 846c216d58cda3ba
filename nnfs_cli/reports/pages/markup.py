"""HTML by hand: text made harmless, tables, sections, and the page around them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

from nnfs_cli.errors import DataError
from nnfs_cli.escaping import escaped
from nnfs_cli.formatting import cell_text
from nnfs_cli.page_file import GENERATOR
from nnfs_cli.reports.plots.theme import THEMES, Theme

MAX_BYTES = 2_000_000
"""Of a page: more is slow on a phone."""
MAX_TEXT = 400
"""Characters of a cell."""
SERIES = 8
"""Colours of lines, beside those of training and validation."""
MIXED = {"light": ("#d8dbdf", "#f4f5f7"), "dark": ("#343a43", "#1d2128")}
"""Of each theme the colour of rules, and of what is raised."""


def text(value: object, lines: bool = False) -> str:
    """Text as HTML: no tags, no control characters."""
    return html.escape(escaped(str(value), lines)).replace(" %", "\N{NO-BREAK SPACE}%")


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    """A table; numbers are aligned to the right. It scrolls where the screen is narrow.

    Nothing where there are no rows.
    """
    body = [list(row) for row in rows]
    if not body:
        return ""
    heads = "".join(f"<th{_kind(body, at)}>{text(head)}</th>" for at, head in enumerate(headers))
    lines = [
        "".join(f"<td{_kind([row], at)}>{text(_cell(cell))}</td>" for at, cell in enumerate(row))
        for row in body
    ]
    told = f"<caption>{text(caption)}</caption>" if caption else ""
    head = f"<thead><tr>{heads}</tr></thead>" if any(headers) else ""
    rows_text = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="scroll"><table>{told}{head}<tbody>{rows_text}</tbody></table></div>'


def _cell(value: Any) -> str:
    return cell_text(value)[:MAX_TEXT]


def _kind(rows: Sequence[Sequence[Any]], at: int) -> str:
    cells = [row[at] for row in rows]
    numeric = all(isinstance(c, int | float) or c is None for c in cells) and cells
    return ' class="number"' if numeric else ""


def section(title: str, *parts: str, note: str = "") -> str:
    """A section under its title; none where it has no parts."""
    shown = [part for part in parts if part]
    if not shown:
        return ""
    told = f'<p class="note">{text(note)}</p>' if note else ""
    return "\n".join([f"<section><h2>{text(title)}</h2>", told, *shown, "</section>"])


def charts(figures: Iterable[str]) -> str:
    """Charts side by side, as many as the screen is wide for."""
    shown = [figure for figure in figures if figure]
    return f'<div class="charts">{"".join(shown)}</div>' if shown else ""


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """What is so, by its name; long values are broken where the screen is narrow."""
    lines = "\n".join(f"<tr><td>{text(k)}</td><td>{text(v)}</td></tr>" for k, v in rows)
    return f'<table class="facts"><tbody>{lines}</tbody></table>'


def listing(content: str, long: bool = False) -> str:
    """Text as it stands in a file or is typed; a ``long`` one in columns."""
    kind = ' class="long"' if long else ""
    return f"<pre{kind}>{text(content, lines=True)}</pre>"


def page(title: str, parts: Iterable[str]) -> str:
    """The whole page. Raises DataError if it would be too large."""
    style = "\n".join([_colours(), (files("nnfs_cli.reports.pages") / "page.css").read_text()])
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    found = "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            GENERATOR,
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<link rel="icon" href="data:,">',
            f"<title>{text(title)}</title>",
            f"<style>\n{style}</style></head><body>",
            *parts,
            "</body></html>\n",
        ]
    )
    size = len(found.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise DataError(
            f"the report would have {size / 1e6:.1f} MB of {MAX_BYTES / 1e6:.0f}",
            "name fewer runs",
        )
    return found


def _colours() -> str:
    """The colours of the plots' themes as variables: dark where the reader wants that, not in
    print."""
    light, dark = (_variables(THEMES[name], *MIXED[name]) for name in ("light", "dark"))
    return (
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
        "@media print { :root { color-scheme: light; } }"
    )


def _variables(theme: Theme, line: str, raised: str) -> str:
    found = {"ground": theme.ground, "ink": theme.ink, "faint": theme.faint}
    found |= {"line": line, "raised": raised}
    found |= {"train": theme.training, "val": theme.validation}
    found |= {f"s{number}": theme.colour(number) for number in range(SERIES)}
    return " ".join(f"--{name}: {colour};" for name, colour in found.items())
