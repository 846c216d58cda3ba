"""Every pixel: answers on stdout, progress and warnings on stderr, tables, bars and JSON."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, TextIO

from nnfs_cli.document import document_text
from nnfs_cli.errors import ConfigError, MachineError
from nnfs_cli.figures import cell_text, figures_text

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from tqdm import tqdm

    from nnfs_cli.events import Event, Finished, Skipped
    from nnfs_cli.parameter import Array
    from nnfs_cli.training import Epoch, Step, Training

SCHEMA = 1
REFRESH = 0.1
"""Seconds between two drawings of a bar."""
WIDE = 160
"""Columns of a table where nobody looks at a terminal."""


class Console:
    """What a command says, and how: for people, or with ``json`` for programs."""

    def __init__(
        self,
        command: str = "nnfs",
        json: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        debug: bool = False,
    ) -> None:
        self.command, self.json = command, json
        self.quiet, self.verbose, self.debug = quiet, verbose, debug
        self.answered = False

    def obey(self, command: str, json: bool, quiet: bool, verbose: bool, debug: bool) -> None:
        """Take the options of ``command``, beside those of the command it belongs to."""
        self.command, self.json = command, self.json or json
        self.quiet, self.verbose = self.quiet or quiet, self.verbose or verbose
        self.debug = self.debug or debug

    def answer(self, text: str = "") -> None:
        """A line of the answer, on stdout; nothing with ``--json``."""
        if not self.json:
            _print(text, sys.stdout)

    def document(self, **content: Any) -> None:
        """The whole answer for programs: one JSON document, only with ``--json``."""
        if self.json and not self.answered:
            self.answered = True
            head = {"schema": SCHEMA, "command": self.command}
            _print(document_text(head | content), sys.stdout)

    def notice(self, text: str) -> None:
        """Something the user must know, on stderr."""
        _print(f"note: {text}", sys.stderr)

    def progress(self, text: str) -> None:
        """A line about what is going on, on stderr; nothing with ``-q``."""
        if not self.quiet:
            _print(text, sys.stderr)

    def detail(self, text: str) -> None:
        """A line for those who asked for more (``-v``), on stderr."""
        if self.verbose:
            _print(text, sys.stderr)

    def error(self, code: int, message: str, hint: str) -> None:
        """One ``error:`` line, and the same as the JSON document with ``--json``."""
        self.failure(f"{message}; {hint}" if hint else message)
        with suppress(MachineError, OSError):
            self.document(error={"code": code, "message": message, "hint": hint})

    def failure(self, text: str) -> None:
        """An ``error:`` line about one of many things, while the others go on."""
        _print("error: " + " ".join(text.split()), sys.stderr)

    def problems(self, error: ConfigError) -> None:
        """An ``error:`` line for each problem of a config."""
        for problem in error.problems:
            self.failure(str(problem))
        listed = [
            {"where": problem.where, "message": problem.message, "hint": problem.hint}
            for problem in error.problems
        ]
        first = error.problems[0]
        told = {"code": error.code, "message": first.message, "hint": first.hint}
        with suppress(MachineError, OSError):
            self.document(error=told | {"problems": listed})

    def picture(self, pixels: Array) -> None:
        """A picture on stdout, as wide as the terminal lets it be."""
        if not self.json:
            from nnfs_cli.drawing import draw

            columns = shutil.get_terminal_size().columns
            self.answer(draw(pixels, columns, ascii_only=not _speaks_unicode(sys.stdout)))

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A table on stdout; columns of numbers are aligned to the right."""
        if self.json:
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        body = [[cell_text(value) for value in row] for row in rows]
        table = Table(box=box.SIMPLE_HEAD if _speaks_unicode(sys.stdout) else box.ASCII2)
        for index, header in enumerate(headers):
            numeric = all(_looks_numeric(row[index]) for row in body)
            justify: Literal["left", "right"] = "right" if numeric else "left"
            words = [word for row in body for word in row[index].split()]
            longest = max(map(len, [*words, *header.split()]), default=0)
            table.add_column(Text(header), justify=justify, min_width=longest)
        for row in body:
            table.add_row(*(Text(cell) for cell in row))
        rich = _rich()
        unlimited = rich.options.update(max_width=10_000)
        rich.width = max(rich.width, rich.measure(table, options=unlimited).minimum)
        with rich.capture() as drawn:
            rich.print(table, crop=False)
        for line in drawn.get().splitlines():
            _print(line.rstrip(), sys.stdout)

    def follow(self, events: Iterator[Event]) -> Finished | Skipped:
        """Show a training while it happens and return how it ended."""
        from nnfs_cli.events import Finished, Notice, Skipped, Started
        from nnfs_cli.training import Epoch

        display = _Display(self)
        try:
            for event in events:
                if isinstance(event, Finished | Skipped):
                    return event
                if isinstance(event, Notice):
                    display.say(f"note: {event.text}")
                elif isinstance(event, Started):
                    display.start(event.built.training, event.run.path, event.built.data.name)
                elif isinstance(event, Epoch):
                    display.epoch(event)
                else:
                    display.step(event)
        finally:
            # Ended here and now, not when Python gets around to it: its end goes on record.
            if isinstance(events, Generator):
                events.close()
            display.close()
        raise RuntimeError("a training ended without saying how")

    def counter(self, description: str) -> _Counter:
        """A callable ``(done, total)`` that draws a bar on a terminal, and nothing elsewhere."""
        return _Counter(description, drawn=not self.quiet and sys.stderr.isatty())

    def detach_stdout(self) -> None:
        """Nobody reads stdout any more (``| head -1``): the rest goes nowhere, quietly."""
        _detach(sys.stdout)


class _Display:
    """A training as it happens: a bar on a terminal, elsewhere a plain line an epoch."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bar: tqdm[Any] | None = None
        self.training: Training | None = None
        self.pending = 0
        self.drawn_at = 0.0

    def start(self, training: Training, run: object, data: str) -> None:
        self.training = training
        self.started = time.monotonic()
        samples, size = len(training.batches.samples), training.model.parameter_count
        self.console.progress(f"{data}: {samples:,} training samples; {size:,} parameters; {run}")
        if self.console.quiet or not sys.stderr.isatty():
            return
        from tqdm import tqdm

        self.bar = tqdm(
            total=training.epochs * samples,
            initial=training.progress.epoch * samples,
            unit=" samples",
            unit_scale=True,
            dynamic_ncols=True,
            leave=False,
            ascii=None if _speaks_unicode(sys.stderr) else True,
            bar_format="{desc}{percentage:3.0f}% {bar} {rate_fmt} {remaining} left{postfix}",
            file=sys.stderr,
        )

    def step(self, step: Step) -> None:
        self.pending += step.samples
        if self.bar is None or time.monotonic() - self.drawn_at < REFRESH:
            return
        assert self.training is not None
        figures = {n.removeprefix("train_"): v for n, v in self.training.figures().items()}
        self.bar.set_postfix_str(figures_text(figures), refresh=False)
        self._advance(step.epoch)

    def _advance(self, epoch: int) -> None:
        assert self.training is not None
        assert self.bar is not None
        self.drawn_at = time.monotonic()
        self.bar.set_description_str(f"epoch {epoch}/{self.training.epochs} ", refresh=False)
        with suppress(OSError):
            self.bar.update(self.pending)
        self.pending = 0

    def epoch(self, epoch: Epoch) -> None:
        assert self.training is not None
        width = len(str(self.training.epochs))
        seconds = time.monotonic() - self.started
        line = f"epoch {epoch.epoch:>{width}}/{self.training.epochs}  {figures_text(epoch.record)}"
        if self.bar is not None:
            self._advance(epoch.epoch)
        self.say(f"{line}  {seconds:.1f} s")

    def say(self, text: str) -> None:
        if self.console.quiet and not text.startswith("note:"):
            return
        if self.bar is None:
            _print(text, sys.stderr)
        else:
            with suppress(OSError):
                self.bar.write(text, file=sys.stderr)

    def close(self) -> None:
        if self.bar is not None:
            with suppress(OSError):
                self.bar.close()


class _Counter:
    """A bar for work that counts itself; safe to call from anywhere below."""

    def __init__(self, description: str, drawn: bool) -> None:
        self.description, self.drawn = description, drawn
        self.bar: tqdm[Any] | None = None

    def __call__(self, done: int, total: int) -> None:
        if not self.drawn:
            return
        if self.bar is None:
            from tqdm import tqdm

            ascii_only = None if _speaks_unicode(sys.stderr) else True
            self.bar = tqdm(
                total=total, desc=self.description, leave=False, ascii=ascii_only, file=sys.stderr
            )
        self.bar.update(done - self.bar.n)
        if done >= total:
            self.bar.close()
            self.bar = None


def _print(text: str, stream: TextIO) -> None:
    """Write a line in the stream's encoding; work does not stop because nobody listens."""
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()
    except OSError as error:
        _detach(stream)
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise MachineError(f"cannot write to stdout: {error.strerror}") from error


def _detach(stream: TextIO) -> None:
    """Let what a stream still holds, and all that follows, go nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _rich() -> RichConsole:
    from rich.console import Console as RichConsole

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE
    return RichConsole(markup=False, highlight=False, emoji=False, width=width)


def _speaks_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


def _looks_numeric(cell: str) -> bool:
    return not cell or cell[0].isdecimal() or cell[0] == "-"
