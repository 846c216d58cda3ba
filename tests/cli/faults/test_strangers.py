"""A run folder may come from anybody: no command crashes, hangs, or touches what lies outside.

Each trial changes one to three things of a run (strangers.py) and gives it to a command, in a fork
with a limit of time and memory. As many more as NNFS_EFFORT says.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from nnfs_cli.cli.app import run

from .effort import EFFORT
from .forked import forked
from .strangers import COMMANDS, RUN, TREASURE, change, prepare
from .test_table import everything

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc of Linux")
CODES = {0, 2, 3, 4, 5, 6}
SECONDS = 5.0
PARTS = 8


@pytest.fixture(scope="module")
def prototype(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("strangers") / "prototype"
    shutil.copytree(template, folder, symlinks=True)
    assert run(["eval", str(folder / RUN), "-q"]) == 0
    return folder


def trial(prototype: Path, seed: object) -> str:
    """What a command should not have done; empty if all is well."""
    chance = random.Random(str(seed))
    work = Path("work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(prototype, work, symlinks=True)
    before: dict[str, object] = {}
    command = chance.choice(COMMANDS)
    here = Path.cwd()
    os.chdir(work)
    try:
        prepare()
        changes = [change(chance) for _ in range(chance.choice((1, 1, 2, 3)))]
        before = everything(TREASURE)
        done = forked(*command)
        after = everything(TREASURE) if TREASURE.is_dir() else {}
    finally:
        os.chdir(here)
    result, told = done.result, f"seed {seed}: {' '.join(command)} after {'; '.join(changes)}"
    if result.code not in CODES or "Traceback" in result.err:
        return f"{told}: exit {result.code}: {result.err[-400:]}"
    if result.code in (2, 3, 5) and not result.errors:
        return f"{told}: exit {result.code} without a line"
    if done.seconds > SECONDS:
        return f"{told}: {done.seconds:.1f} s"
    if "\x1b" in result.out + result.err:
        return f"{told}: an escape sequence"
    return "" if after == before else f"{told}: touched what lies outside"


def complaints(prototype: Path, seeds: Iterable[object]) -> list[str]:
    return [complaint for seed in seeds if (complaint := trial(prototype, seed))]


@pytest.mark.slow
def test_a_few_run_folders(prototype: Path) -> None:
    assert not complaints(prototype, range(25))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_many_run_folders(prototype: Path, part: int) -> None:
    assert not complaints(prototype, (f"{part}/{n}" for n in range(25 * EFFORT)))
