"""Several runs as a page: what differs, which is better, and how they learnt."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from nnfs_cli.errors import DataError
from nnfs_cli.formatting import interval_text, is_fraction
from nnfs_cli.reports.comparing.groups import Comparison, Group
from nnfs_cli.reports.pages.charts import Line, line_chart
from nnfs_cli.reports.pages.markup import SERIES, charts, facts, listing, page, section, table, text
from nnfs_cli.reports.plots.bands import band_of
from nnfs_cli.reports.plots.conclusions import History
from nnfs_cli.reports.plots.curves import WIDE
from nnfs_cli.runs.record import Record

MAX_GROUPS = 200
"""Of the table."""


def runs_page(found: Comparison, sentences: Sequence[str]) -> str:
    """The page. Raises DataError."""
    best = found.groups[0].members[0]
    runs = sum(len(group.members) for group in found.groups)
    data = sorted({m.record.data.name for group in found.groups for m in group.members})
    title = f"{runs} runs on {', '.join(data)}"
    told = [text(line[:1].upper() + line[1:] + ".") for line in sentences]
    parts = [f"<h1>{text(title)}</h1>", *(f'<p class="lead">{line}</p>' for line in told)]
    parts += [f'<p class="note">{text(note)}</p>' for note in found.notes]
    more = f"the best {MAX_GROUPS} of {len(found.groups):,}"
    parts += [
        section("Side by side", _table(found), note=more if len(found.groups) > MAX_GROUPS else ""),
        section("How they learnt", charts(_curves(found))),
        section("The config of the best", listing(best.run.config_text().rstrip(), long=True)),
        section("Its environment", facts(best.record.environment.items())),
        section("To repeat the first of each", listing("\n".join(_commands(found)))),
    ]
    return page(title, parts)


def _table(found: Comparison) -> str:
    others = found.figures[1:]
    repeats = found.repeats
    headers = ["", *found.keys, *repeats, found.metric, "std", "95 % interval", *others]
    rows = []
    for at, group in enumerate(found.groups[:MAX_GROUPS]):
        own = group.figures.get(found.metric)
        interval = interval_text(found.metric, own).replace(" ", "\N{NO-BREAK SPACE}")
        means = [group.figures[n].mean if n in group.figures else None for n in others]
        keys = [group.value_text(key) for key in found.keys]
        figures = [own.mean if own else None, own.std if own else None, interval, *means]
        counts = [column[at] for column in repeats.values()]
        rows.append([f"#{group.number}", *keys, *counts, *figures])
    return table(headers, rows)


def _curves(found: Comparison) -> Iterator[str]:
    """The metric of the best groups over the epochs, and their losses."""
    groups = found.groups[:SERIES]
    histories = {group.number: _histories(group) for group in groups}
    monitor = found.metric if not found.metric.startswith("test_") else ""
    names, over = dict.fromkeys([monitor, "val_loss", "train_loss"]), " and ".join(found.repeats)
    for name in filter(None, names):
        lines = []
        for at, group in enumerate(groups):
            band = band_of([h for h in histories[group.number] if h and name in h[0]], name)
            if band is not None:
                own = (band.low, band.high) if band.count > 1 else None
                label = f"#{group.number}"
                lines.append(Line(label, band.epochs, band.mean, f"s{at}", own))
        known = [y for line in lines for y in line.ys if y == y]
        log = bool(known) and min(known) > 0 and max(known) > WIDE * min(known)
        log = log and not is_fraction(name.partition("_")[2])
        about = f"mean and range over the {over}" if any(line.band for line in lines) else ""
        about += ", log scale" if log else ""
        fractions = is_fraction(name.partition("_")[2])
        yield line_chart(name, lines, about.lstrip(", "), log=log, fractions=fractions)


def _histories(group: Group) -> list[History]:
    found = list[History]()
    for member in group.members:
        try:
            found.append(member.run.read_metrics())
        except DataError:  # then there is no line of it
            continue
    return found


def _commands(found: Comparison) -> Iterator[str]:
    for group in found.groups[:SERIES]:
        yield f"{_command(group.members[0].record)}  # #{group.number}"


def _command(record: Record) -> str:
    return shlex.join(["nnfs", *record.argv])
