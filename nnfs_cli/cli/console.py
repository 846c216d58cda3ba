"""What commands say: answers on stdout, progress and warnings on stderr, tables, bars, JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nnfs_cli.cli.bars import Bar, Bars
from nnfs_cli.cli.document import document_text
from nnfs_cli.cli.terminal import (
    BOLD,
    RED,
    columns,
    detach,
    reflowed,
    speaks_unicode,
    write_drawn,
    write_exact,
    write_line,
)
from nnfs_cli.errors import ConfigError, MachineError
from nnfs_cli.escaping import escaped

if TYPE_CHECKING:
    from nnfs_cli.compute.arrays import Array

SCHEMA = 1
SMALL_IMAGE = 28
"""Columns of an image among other things."""
IMAGE = 80
"""Columns of a drawn image where stdout is no terminal."""


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
        self.bars = Bars()

    def obey(self, command: str, json: bool, quiet: bool, verbose: bool, debug: bool) -> None:
        """Take the options of ``command``, beside those of the command it belongs to."""
        self.command, self.json = command, self.json or json
        self.quiet, self.verbose = self.quiet or quiet, self.verbose or verbose
        self.debug = self.debug or debug

    @property
    def draws_bars(self) -> bool:
        """Whether bars are drawn: on a terminal only, and not with ``-q``."""
        return not self.quiet and sys.stderr.isatty()

    def answer(self, text: str = "", whole: bool = False) -> None:
        """A line of the answer, on stdout, ``whole`` where it may be copied; none with JSON."""
        if not self.json:
            with self.bars.aside():
                write_line(text, sys.stdout, whole=whole)

    def prose(self, text: str) -> None:
        """Paragraphs of the answer, which a terminal shows as wide as it is."""
        width = self.columns
        self.text(text if width is None else reflowed(text, width))

    def text(self, text: str) -> None:
        """Several lines of the answer, such as a config."""
        if not self.json:
            with self.bars.aside():
                write_line(text, sys.stdout, lines=True)

    @property
    def columns(self) -> int | None:
        """How wide a line on stdout can be; None where there is no limit."""
        return columns(sys.stdout)

    @staticmethod
    def shown(text: str) -> str:
        """Text for a question that a library prints."""
        return escaped(text)

    def path(self, path: object) -> None:
        """A path alone on stdout, for scripts: with exactly the bytes it has."""
        if not self.json:
            with self.bars.aside():
                write_exact(str(path), sys.stdout)

    def document(self, **content: Any) -> None:
        """The whole answer for programs: one JSON document, only with ``--json``."""
        if self.json and not self.answered:
            self.answered = True
            head = {"schema": SCHEMA, "command": self.command}
            text = document_text(head | content, ascii_only=not speaks_unicode(sys.stdout))
            with self.bars.aside():
                write_drawn(text, sys.stdout)

    def notice(self, text: str) -> None:
        """Something the user must know, on stderr."""
        self.remark(f"note: {text}", BOLD)

    def progress(self, text: str) -> None:
        """A line about what is going on, on stderr; nothing with ``-q``."""
        if not self.quiet:
            self.remark(text)

    def detail(self, text: str) -> None:
        """A line for those who asked for more (``-v``), on stderr."""
        if self.verbose:
            self.remark(text)

    def remark(self, text: str, style: str = "", lines: bool = False) -> None:
        """A line on stderr, whose first word has a style."""
        with self.bars.aside():
            write_line(text, sys.stderr, lines, style)

    def error(self, code: int, message: str, hint: str, facts: Mapping[str, object]) -> None:
        """One ``error:`` line; with ``--json`` the same as the document, beside the ``facts``."""
        self.failure(f"{message}; {hint}" if hint else message)
        with suppress(MachineError, OSError):
            self.document(**facts, error={"code": code, "message": message, "hint": hint})

    def failure(self, text: str) -> None:
        """An ``error:`` line about one of many things, while the others go on."""
        self.remark("error: " + " ".join(text.split()), RED)

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

    def image(self, pixels: Array) -> None:
        """An image on stdout, as wide as the terminal lets it be."""
        if not self.json:
            from nnfs_cli.cli.ascii_image import draw

            width, plain = columns(sys.stdout) or IMAGE, not speaks_unicode(sys.stdout)
            self.text(draw(pixels, width, ascii_only=plain))

    @property
    def is_plain(self) -> bool:
        """Whether stdout has ASCII alone."""
        return not speaks_unicode(sys.stdout)

    @staticmethod
    def small_image(pixels: Array) -> str:
        """An image as lines of text, small enough to stand among numbers."""
        from nnfs_cli.cli.ascii_image import draw

        return draw(pixels, SMALL_IMAGE, ascii_only=not speaks_unicode(sys.stdout))

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A table on stdout; columns of numbers are aligned to the right."""
        if not self.json:
            from nnfs_cli.cli.tables import table_text

            with self.bars.aside():
                write_drawn(table_text(headers, rows, sys.stdout), sys.stdout)

    def counter(self, description: str) -> Counter:
        """A callable ``(done, total)`` that draws a bar on a terminal, and nothing elsewhere."""
        return Counter(self, description)

    def detach_stdout(self) -> None:
        """Discard what follows: the reader of stdout has closed it (``| head -1``)."""
        detach(sys.stdout)


class Counter:
    """A bar for work that counts itself; safe to call from anywhere below."""

    def __init__(self, console: Console, description: str) -> None:
        self.bars, self.description, self.drawn = console.bars, description, console.draws_bars
        self.bar: Bar | None = None

    def __call__(self, done: int, total: int) -> None:
        """Draw that ``done`` of ``total`` is done; the bar goes away when all is."""
        if not self.drawn:
            return
        if self.bar is None:
            self.bar = self.bars.start(total)
        if self.bar.is_due or done >= total:
            self.bar.move(done, self.description)
        if done >= total:
            self.bars.close()
            self.bar = None
