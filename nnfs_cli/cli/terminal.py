"""What a stream can show, and lines written to it: all that a user sees passes through here."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from contextlib import suppress
from typing import TextIO

from nnfs_cli.errors import MachineError
from nnfs_cli.escaping import escaped

BOLD, RED, GREEN = "1", "1;31", "32"
"""Codes of styles that can be read on light and on dark terminals."""


def write_line(
    text: str, stream: TextIO, lines: bool = False, style: str = "", whole: bool = False
) -> None:
    """Write text, escaped; with ``lines`` it may have several. The first word has the style.

    A terminal gets a long line in pieces divided between words, unless it is to stay ``whole``
    because it may be copied.
    """
    shown = encodable(escaped(text, lines), stream)
    if stream.isatty() and not (lines or whole):
        shown = wrapped(shown, columns(stream) or 80)
    if style:
        word, blank, rest = shown.partition(" ")
        shown = paint(word, style, stream) + blank + rest
    write_drawn(shown, stream)


def wrapped(line: str, width: int) -> str:
    """A line in pieces of at most ``width``, divided between words; a longer word stays whole.

    What follows a label and two blanks, ``test   loss 0.1``, continues below its beginning.
    """
    if len(line) <= width:
        return line
    label = re.match(r"(\S+|) {2,}(?=\S)", line)
    indent = len(label[0]) if label and len(label[0]) <= width // 3 else 2
    return textwrap.fill(
        line,
        width,
        subsequent_indent=" " * indent,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )


def width_of(text: str) -> int:
    """The columns that a terminal takes for it: two for a Chinese character, none for an accent."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """As much of its beginning as so many columns hold."""
    if width_of(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, width).rstrip()


def reflowed(text: str, width: int) -> str:
    """Paragraphs divided anew into lines of at most ``width``; indented ones stay as they are."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        paragraph
        if re.search(r"^\s", paragraph, re.MULTILINE)
        else textwrap.fill(paragraph, width, break_long_words=False, break_on_hyphens=False)
        for paragraph in paragraphs
    )


def write_drawn(text: str, stream: TextIO) -> None:
    """Write what was escaped already; work does not stop because the stream is closed.

    Raises MachineError if stdout, the answer, cannot be written.
    """
    try:
        stream.write(text + "\n")
        stream.flush()
    except OSError as error:
        detach(stream)
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise MachineError(f"cannot write to stdout: {error.strerror}") from error


def write_exact(text: str, stream: TextIO) -> None:
    """Write a path for scripts with the bytes it has; escaped where a terminal shows it."""
    binary = getattr(stream, "buffer", None)
    if binary is None or stream.isatty():
        write_line(text, stream, whole=True)
        return
    stream.flush()
    try:
        binary.write(os.fsencode(text) + b"\n")
        binary.flush()
    except OSError as error:
        detach(stream)
        if not isinstance(error, BrokenPipeError):
            raise MachineError(f"cannot write to stdout: {error.strerror}") from error


def encodable(text: str, stream: TextIO) -> str:
    """The text, with what the stream's encoding lacks spelled out; none lacks ASCII."""
    if text.isascii():
        return text
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def detach(stream: TextIO) -> None:
    """Discard what a stream still buffers and all that is written later."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def paint(text: str, style: str, stream: TextIO) -> str:
    """Text in a style, where the stream has styles."""
    return f"\x1b[{style}m{text}\x1b[0m" if has_colour(stream) else text


def speaks_unicode(stream: TextIO) -> bool:
    """Whether the stream's encoding has every character."""
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


def has_colour(stream: TextIO) -> bool:
    """Whether the stream is a terminal with styles that its user has not switched off."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return stream.isatty() and not plain


def columns(stream: TextIO) -> int | None:
    """How wide a line can be: COLUMNS, or the terminal's width; None where there is no limit."""
    if not stream.isatty() and not os.environ.get("COLUMNS", "").isdecimal():
        return None
    if os.environ.get("COLUMNS", "").isdecimal():
        return max(int(os.environ["COLUMNS"]), 1)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns
