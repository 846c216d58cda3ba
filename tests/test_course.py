"""docs/course: each chapter's commands run, and print what the chapter shows.

A block of a chapter marked `text` that begins with `$ ` is a transcript: commands, each with
what it prints. A line `...` stands for any lines left out; all others must be there, in order
and without gaps. Only these may differ: run ids, times, memory, spacing, the rounding errors that
gradcheck finds in order, and a figure's last digit (by one).

`python -m tests.test_course [CHAPTER ...]` writes what the commands print now into the chapters; a
command with nothing below it gets the whole of it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

COURSE = Path(__file__).resolve().parent.parent / "docs" / "course"
CHAPTERS = sorted(COURSE.glob("[0-9]*.md"), key=lambda path: int(path.name.partition("-")[0]))
LIGHT = CHAPTERS[:1]
TRANSCRIPT = re.compile(r"(?<=^```text\n)\$ .*?(?=^```)", re.MULTILINE | re.DOTALL)
FILE = re.compile(
    r"(?<=^```)(yaml|python)\n(\W+([a-z_]+\.(?:yaml|py)).*?)(?=^```)", re.MULTILINE | re.DOTALL
)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
FIGURE = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+e[+-]?\d+")
VARYING = (
    (re.compile(r"\d{8}-\d{6}(?:-[a-z_]+-[0-9a-f]{4})?(?:-\d+)?"), "RUN"),
    (re.compile(r"\d+(?:\.\d+)? (?:ms|s)\b"), "TIME"),
    (re.compile(r"\d[\d,]*(?:\.\d+)? MiB"), "MEMORY"),
    (re.compile(r"\d\.\de-\d\d(?= +ok)"), "ROUNDING"),
    (re.compile("─+"), "─"),
)


def without_what_varies(line: str) -> str:
    for pattern, word in VARYING:
        line = pattern.sub(word, line)
    return " ".join(line.split())


def wording(line: str) -> str:
    """The line with a sign in place of each decimal figure; whole numbers stay."""
    return FIGURE.sub("#", without_what_varies(line))


def figures(line: str) -> list[Decimal]:
    return [Decimal(text) for text in FIGURE.findall(without_what_varies(line))]


def unsigned(text: str) -> set[str]:
    return {figure.lstrip("-") for figure in FIGURE.findall(text)}


def near(shown: Decimal, printed: Decimal) -> bool:
    """At most one unit of the last shown digit apart."""
    return abs(shown - printed) <= Decimal(1).scaleb(int(shown.as_tuple().exponent))


def left_out(line: str) -> bool:
    return line.strip() == "..."


def counterpart(shown: list[str], printed: list[str]) -> list[str]:
    """The printed line in the place of each shown one, or AssertionError where there is none."""
    pattern = "".join(
        r"((?:.*\n)*?)" if left_out(line) else re.escape(wording(line)) + "\n" for line in shown
    )
    match = re.fullmatch(pattern, "".join(wording(line) + "\n" for line in printed))
    assert match, "\n".join(["shown:", *shown, "printed:", *printed[:40]])
    gaps, lines, result = iter(match.groups()), iter(printed), list[str]()
    for line in shown:
        if left_out(line):
            result.append(line)
            deque(islice(lines, next(gaps).count("\n")), maxlen=0)
        else:
            result.append(next(lines))
    return result


def agree(shown: str, printed: str) -> bool:
    pairs = zip(figures(shown), figures(printed), strict=True)
    return all(near(*pair) for pair in pairs)


def compare(shown: list[str], printed: list[str]) -> None:
    for line, real in zip(shown, counterpart(shown, printed), strict=True):
        assert agree(line, real), f"shown:   {line}\nprinted: {real}"


def run(command: str, folder: Path) -> list[str]:
    path = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]
    own = {"PATH": path, "COLUMNS": "100", "PYTHONUNBUFFERED": "1", "NNFS_RUNS": "runs"}
    if [*folder.glob(time.strftime("runs/%Y%m%d-%H%M%S*"))]:
        time.sleep(1 - time.time() % 1)  # ids of runs of one second cannot be shown as short
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    assert "Traceback" not in done.stdout
    return [line.rstrip() for line in done.stdout.strip("\n").splitlines()]


def reader(folder: Path) -> Path:
    """The course as a reader has it."""
    return Path(shutil.copytree(COURSE, folder / "course", ignore=shutil.ignore_patterns("runs")))


@pytest.mark.parametrize(
    "chapter",
    [pytest.param(c, marks=[] if c in LIGHT else [pytest.mark.slow], id=c.stem) for c in CHAPTERS],
)
def test_a_chapters_commands_print_what_it_shows(chapter: Path, tmp_path: Path) -> None:
    folder = reader(tmp_path)
    transcripts = TRANSCRIPT.findall(chapter.read_text("utf-8"))
    assert transcripts
    for transcript in transcripts:
        for command, shown in COMMAND.findall(transcript):
            compare(shown.rstrip("\n").splitlines(), run(command, folder))


def test_the_course_shows_its_files_as_they_are() -> None:
    for chapter in CHAPTERS:
        for _, shown, name in FILE.findall(chapter.read_text("utf-8")):
            assert (COURSE / name).read_text("utf-8") == shown, f"{chapter.name}: {name}"


def test_the_figures_of_the_text_are_those_of_the_transcripts() -> None:
    """Those of five digits and more, here or in a former chapter; what is rounded has fewer."""
    printed: set[str] = set()
    for chapter in CHAPTERS:
        text = chapter.read_text("utf-8")
        printed |= unsigned("".join(TRANSCRIPT.findall(text)))
        told = unsigned(TRANSCRIPT.sub("", text))
        long = {figure for figure in told if len(figure.replace(".", "").lstrip("0")) >= 5}
        assert long <= printed, chapter.name


def test_the_contents_name_every_chapter_in_order() -> None:
    contents = (COURSE / "README.md").read_text("utf-8")
    named = re.findall(r"\]\((\d\S+\.md)\)", contents)
    assert named == [chapter.name for chapter in CHAPTERS]


def test_each_chapter_asks_a_question_that_the_next_answers() -> None:
    texts = [chapter.read_text("utf-8") for chapter in CHAPTERS]
    assert all("\n## Question\n" in text for text in texts)
    assert all("\n## Answer" in text for text in texts[1:])


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["loss 0.25"], ["loss 0.27"]),  # another figure
        (["epoch 3"], ["epoch 4"]),  # another whole number
        (["a", "c"], ["a", "b", "c"]),  # a gap that is not shown
        (["a"], ["a", "b"]),  # an end that is not shown
        (["...", "a"], ["a", "b"]),
        (["a", "...", "c"], ["c", "a"]),  # another order
        ([], ["a"]),
    ],
)
def test_what_differs_is_found(shown: list[str], printed: list[str]) -> None:
    with pytest.raises(AssertionError):
        compare(shown, printed)


def test_what_may_differ_is_let_pass() -> None:
    shown = ["run 20261125-193110-line-3cbb", "...", "loss  0.25*  1.5 s"]
    compare(shown, ["run 20270101-000000-line-0000-2", "x", "loss 0.26*   2.75 s"])


def renewed(chapter: str, folder: Path) -> str:
    """The chapter with what its commands print now."""

    def one(match: re.Match[str]) -> str:
        command, shown = match.groups()
        printed = run(command, folder)
        lines = shown.rstrip("\n").splitlines()
        if lines:
            pairs = zip(lines, counterpart(lines, printed), strict=True)
            printed = [line if agree(line, real) else real for line, real in pairs]
        return "".join(f"{line}\n" for line in [f"$ {command}", *printed])

    def file(match: re.Match[str]) -> str:
        return f"{match[1]}\n{(COURSE / match[3]).read_text('utf-8')}"

    chapter = FILE.sub(file, chapter)
    return TRANSCRIPT.sub(lambda block: COMMAND.sub(one, block.group()), chapter)


if __name__ == "__main__":
    for path in [COURSE / name for name in sys.argv[1:]] or CHAPTERS:
        with tempfile.TemporaryDirectory() as place:
            path.write_text(renewed(path.read_text("utf-8"), reader(Path(place))), "utf-8")
