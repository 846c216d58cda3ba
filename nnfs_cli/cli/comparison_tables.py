"""A comparison of runs as a table that fits the terminal, as CSV, and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnfs_cli.csv_text import csv_text
from nnfs_cli.formatting import cell_text, cut, interval_text, number
from nnfs_cli.reports.comparing.groups import Comparison, Group
from nnfs_cli.statistics import Estimate

SIDE_BY_SIDE = 3
"""Up to so many groups are columns, with their keys and figures in rows."""
FRAME, BETWEEN = 4, 3
"""Columns that a table takes at its sides, and between two of its columns."""
FEWEST = 8
"""Columns that a value is not cut below."""

Table = tuple[list[str], list[list[Any]]]


def table_of(found: Comparison, width: int | None) -> tuple[Table, int]:
    """Headers and rows, and how many keys had no room."""
    if len(found.groups) <= SIDE_BY_SIDE:
        return _side_by_side(found, width), 0
    return _one_a_row(found, width)


def _side_by_side(found: Comparison, width: int | None) -> Table:
    rows: dict[str, list[str]] = {}
    for key in found.keys:
        rows[key] = [group.value_text(key) for group in found.groups]
    rows["runs"] = [runs_text(group) for group in found.groups]
    for name in found.figures:
        rows[name] = [_mean(group.figures.get(name)) for group in found.groups]
    if any(group.figures.get(found.metric, NONE).low is not None for group in found.groups):
        rows[f"{found.metric}, 95 %"] = [_interval(group, found.metric) for group in found.groups]
    heads = ["", *(f"#{group.number}" for group in found.groups)]
    if width is not None:
        taken = max(map(len, rows)) + FRAME + BETWEEN * len(found.groups)
        room = max((width - taken) // len(found.groups), FEWEST)
        rows = {name: [cut(cell, room) for cell in cells] for name, cells in rows.items()}
    return heads, [[name, *cells] for name, cells in rows.items()]


def _one_a_row(found: Comparison, width: int | None) -> tuple[Table, int]:
    """Columns in the order in which they are kept: what there is no room for is left out."""
    metric = found.metric
    columns: dict[str, list[Any]] = {"": [f"#{group.number}" for group in found.groups]}
    means = {
        name: [each.mean if each else None for each in (g.figures.get(name) for g in found.groups)]
        for name in found.figures
    }
    estimates = [group.figures.get(metric, NONE) for group in found.groups]
    repeated = any(each.std is not None for each in estimates)
    keys = {key: [group.value_text(key) for group in found.groups] for key in found.keys}
    columns |= {metric: means.pop(metric)} | keys
    if repeated:
        columns["std"] = [each.std for each in estimates]
        columns["95 % interval"] = [_interval(group, metric) for group in found.groups]
        columns |= found.repeats
    columns |= means
    if not repeated:
        columns["run"] = [runs_text(group) for group in found.groups]
    kept, left, taken = dict[str, list[Any]](), 0, FRAME - BETWEEN
    for name, cells in columns.items():
        wide = max(len(name), *(len(cell_text(cell)) for cell in cells)) + BETWEEN
        if width is None or len(kept) < 2 or taken + wide <= width:
            kept[name], taken = cells, taken + wide
        else:
            left += name in keys
    order = ["", *(key for key in keys if key in kept)]
    order += [name for name in kept if name not in order]
    return ([*order], [list(row) for row in zip(*(kept[n] for n in order), strict=True)]), left


def csv_of(found: Comparison) -> str:
    """A row a group, with all that is known of every figure."""
    parts = ("mean", "std", "low", "high")
    repeats = found.repeats
    header = ["group", *found.keys, *repeats, "runs"]
    header += [f"{name}_{part}" for name in found.figures for part in parts]
    rows = []
    for at, group in enumerate(found.groups):
        own: list[Any] = [group.number, *(_plain(group, key) for key in found.keys)]
        own += [column[at] for column in repeats.values()]
        own.append(" ".join(member.run.id for member in group.members))
        for name in found.figures:
            estimate = group.figures.get(name)
            own += [getattr(estimate, part, None) for part in parts]
        rows.append(own)
    return csv_text([header, *rows])


def markdown_of(found: Comparison) -> str:
    """A row a group: its keys, and every figure as mean and standard deviation."""
    repeats = found.repeats
    header = ["", *found.keys, *repeats, *found.figures]
    rows = [
        [
            f"#{group.number}",
            *(group.value_text(key) for key in found.keys),
            *(str(column[at]) for column in repeats.values()),
            *(_mean(group.figures.get(name)) for name in found.figures),
        ]
        for at, group in enumerate(found.groups)
    ]
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_in_markdown, line))} |" for line in lines) + "\n"


def _in_markdown(text: str) -> str:
    text = " ".join(text.split())
    for sign, safe in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|")):
        text = text.replace(sign, safe)
    return text


def _plain(group: Group, key: str) -> str:
    return group.value_text(key) if key in group.values else ""


def runs_text(group: Group) -> str:
    """The group's run, or how many there are and of which seeds."""
    seeds, folds = group.seeds, group.folds
    if len(group.members) == 1:
        return group.members[0].run.id
    if len(folds) > 1:
        all_, each = folds[0].folds, f", {len(seeds)} seeds" if len(seeds) > 1 else ""
        return f"{len(folds)}{'' if len(folds) == all_ else f' of {all_}'} folds{each}"
    if seeds == [*range(seeds[0], seeds[-1] + 1)]:
        return f"{len(seeds)} seeds, {seeds[0]} to {seeds[-1]}"
    return f"{len(seeds)} seeds: {', '.join(map(str, seeds))}"


NONE = Estimate(0.0, None, None, None, 0)


def _mean(found: Estimate | None) -> str:
    """``0.9812 ± 0.0034``."""
    if found is None:
        return "-"
    return number(found.mean) + ("" if found.std is None else f" ± {number(found.std)}")


def _interval(group: Group, name: str) -> str:
    return interval_text(name, group.figures.get(name))


def to_json(found: Comparison, extra: Mapping[str, Any]) -> dict[str, Any]:
    """The comparison for programs."""
    groups: Sequence[Group] = found.groups
    own = {"metric": found.metric, "keys": found.keys, "notes": found.notes}
    return own | {"groups": [group.to_json() for group in groups]} | dict(extra)
