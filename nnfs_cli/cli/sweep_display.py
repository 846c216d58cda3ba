"""A sweep as it happens: a live table on a terminal, elsewhere a line a trial; its end."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.tables import table_text
from nnfs_cli.cli.terminal import encodable, has_colour
from nnfs_cli.escaping import escaped
from nnfs_cli.formatting import cut, duration, figure, interval_text
from nnfs_cli.runs.record import FINISHED, PRUNED
from nnfs_cli.statistics import SHARED
from nnfs_cli.sweeps.groups import Group, over_repeats, repeated_by
from nnfs_cli.sweeps.plan import FOLD
from nnfs_cli.sweeps.row import Row, test_names
from nnfs_cli.sweeps.sweep import Ended, Said, Sweep

if TYPE_CHECKING:
    from rich.live import Live

REFRESH = 0.5
"""Seconds between two drawings."""
AROUND = 8
"""Lines of a terminal that the live table's rows leave."""
SHOWN = 40
"""Rows of the table at the end; trials.csv has all."""

Then = Callable[[Console, Sweep], dict[str, Any]]
"""Does what is to be done with a sweep that has finished; returns what programs are told of it."""


class SweepDisplay:
    """Shows a sweep."""

    def __init__(self, console: Console, sweep: Sweep) -> None:
        self.console, self.sweep = console, sweep
        self.live = LiveText(console) if console.draws_bars else None

    def follow(self, then: Then | None = None) -> None:
        """Show what happens; the table and the best run; what is done when all have finished."""
        sweep, total = self.sweep, self.sweep.plan.total
        places = f"{self.sweep.jobs} at a time"
        self.console.progress(f"{total:,} trials, {places}; {sweep.folder.path}")
        with closing(sweep.run()) as events:
            try:
                for event in events:
                    if isinstance(event, Said):
                        with self._aside():
                            self.console.notice(event.text)
                    elif isinstance(event, Ended):
                        self._tell(event)
                    elif self.live is not None and self.live.is_due:
                        self.live.draw(self._picture())
            finally:
                if self.live is not None:
                    self.live.clear()
        self._report(then)

    @contextmanager
    def _aside(self) -> Iterator[None]:
        if self.live is not None:
            self.live.clear()
        yield

    def _tell(self, event: Ended) -> None:
        """A line: what failed is always told, what finished where there is no live table."""
        row, total = event.row, self.sweep.plan.total
        head = f"trial {row.trial.number} of {total}"
        values = " ".join(_values(self.sweep.plan.keys, row))
        if row.end.status not in (FINISHED, PRUNED):
            with self._aside():
                self.console.failure(f"{head} ({values}): {row.end.reason}")
        elif self.live is None:
            told = "" if row.end.status == FINISHED else f", {row.end.message}"
            found = f"{told}, found" if event.found else told
            self.console.progress(f"{head}  {values}  {_value(row)}{found}")

    def _picture(self) -> str:
        """The live table, best first, and what is going on."""
        sweep, lines = self.sweep, []
        room = max(shutil.get_terminal_size().lines - AROUND - len(sweep.running), 3)
        rows = [row for row in sweep.best_first if row.value is not None][:room]
        if rows:
            lines.append(table_text(*self._table(rows, short=True), sys.stderr))
        for running in sweep.running.values():
            trial = running.trial
            values = " ".join(map("=".join, zip(sweep.plan.keys, trial.values, strict=True)))
            told = f"trial {trial.number}  epoch {running.epoch}/{trial.epochs}  {values}"
            lines.append(encodable(escaped(told), sys.stderr))
        left = sweep.seconds_left
        until = ""
        if left is not None:
            at = time.strftime("%H:%M", time.localtime(time.time() + left))
            until = f", about {duration(left)} left (until {at})"
        ended, waiting = len(sweep.rows), sweep.remaining - len(sweep.running)
        lines.append(f"{ended:,} ended, {len(sweep.running)} running, {waiting:,} to come{until}")
        return "\n".join(lines)

    def _table(self, rows: Sequence[Row], short: bool) -> tuple[list[str], list[list[Any]]]:
        keys, names = self.sweep.plan.keys, test_names(rows)
        monitors = {row.monitor for row in rows if row.monitor}
        value = monitors.pop() if len(monitors) == 1 else "value"
        heads = ["trial", *keys, value, *(f"test_{name}" for name in names), "epochs"]
        heads += ["seconds"] if short else ["status", "run"]
        body: list[list[Any]] = []
        for row in rows:
            cells = [row.trial.number, *row.trial.values, row.value]
            cells += [row.test.get(name) for name in names]
            run = row.end.run.rpartition("/")[2]
            body.append([*cells, row.epochs, *([row.seconds] if short else [row.end.status, run])])
        return heads, body

    def _warn(self, keys: Sequence[str], finished: Sequence[Row]) -> None:
        """Say which of their figures cannot be compared as if they were independent, or alike."""
        if FOLD in self.sweep.plan.keys and finished:
            self.console.notice(SHARED)
        of_data = [key for key in keys if key.partition(".")[0] == "data"]
        if of_data and len({row.data for row in finished}) > 1:
            self.console.notice(
                f"{', '.join(of_data)} changed the data: these trials may have been judged by "
                "different samples, and the best by easier ones"
            )

    def _report(self, then: Then | None) -> None:
        sweep, rows = self.sweep, self.sweep.best_first
        others, groups = over_repeats(sweep.plan.keys, rows)
        self.console.table(*self._table(rows[:SHOWN], short=False))
        if len(rows) > SHOWN:
            self.console.answer(f"the best {SHOWN} of {len(rows):,} trials")
        finished = [row for row in rows if row.end.status == FINISHED]
        counted = f"{len(finished):,} of {len(rows):,} trials finished"
        pruned = sum(row.end.status == PRUNED for row in rows)
        if pruned:
            counted += f", {pruned:,} were pruned"
        self.console.answer(f"{counted}; {sweep.folder.path / 'trials.csv'}", whole=True)
        if groups:
            self.console.table(*_group_table(others, groups, repeated_by(sweep.plan.keys)))
        self._warn(others, finished)
        best = finished[0] if finished and finished[0].value is not None else None
        if best is not None:
            values = "  ".join(_values(sweep.plan.keys, best))
            self.console.answer(f"best   {values}  {_value(best)}")
            self.console.answer(f"run    {best.end.run}", whole=True)
        more = then(self.console, sweep) if then is not None and not sweep.code else {}
        self.console.document(
            sweep=str(sweep.folder.path),
            trials=[row.to_json(sweep.plan.keys) for row in rows],
            groups=[group.to_json(others) for group in groups],
            finished=len(finished),
            best=best.to_json(sweep.plan.keys) if best else None,
            **more,
        )


def _values(keys: Sequence[str], row: Row) -> list[str]:
    return [cut(f"{key}={value}", 60) for key, value in zip(keys, row.trial.values, strict=True)]


def _group_table(
    others: Sequence[str], groups: Sequence[Group], repeated: str
) -> tuple[list[str], list[list[Any]]]:
    counted = "folds" if "folds" in repeated else "trials"
    heads = [*others, f"over {repeated}", "mean", "std", "95 % interval", counted]
    body: list[list[Any]] = []
    for group in groups[:SHOWN]:
        for name, found in group.figures.items():
            within = interval_text(name, found)
            body.append([*group.values, name, found.mean, found.std, within, found.count])
    return heads, body


def _value(row: Row) -> str:
    return "" if row.value is None else f"{row.monitor} {figure(row.monitor, row.value)}"


class LiveText:
    """Lines at the bottom of a terminal on stderr, drawn anew in their own place."""

    def __init__(self, console: Console) -> None:
        from rich.console import Console as RichConsole

        self._rich = RichConsole(
            file=sys.stderr,
            markup=False,
            highlight=False,
            emoji=False,
            no_color=not has_colour(sys.stderr),
        )
        self._live: Live | None = None
        self._due = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is time to draw again."""
        return time.monotonic() >= self._due

    def draw(self, text: str) -> None:
        """Draw these lines in the place of those before; nothing where the terminal is gone."""
        self._due = time.monotonic() + REFRESH
        with suppress(OSError):  # a hang-up comes as a signal too, by which all is saved
            self._draw(text)

    def _draw(self, text: str) -> None:
        from rich.live import Live
        from rich.text import Text

        if self._live is None:  # without a thread of its own: trials are forked from this process
            self._live = Live(
                console=self._rich,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
            self._rich.show_cursor(True)  # a process that is killed cannot show it again
        self._live.update(Text.from_ansi(text, no_wrap=True, overflow="ellipsis"), refresh=True)

    def clear(self) -> None:
        """Take the lines away."""
        if self._live is not None:
            with suppress(OSError):
                self._live.stop()
            self._live = None
