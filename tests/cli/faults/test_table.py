"""Every kind of fault, in rows: the real command in a process of its own.

By default that is a fork, which saves half a second for each; with ``-m slow`` one that is started,
for every fourth row, or with more effort for all.

Documented exit code, one line a problem, no traceback, little time and memory, and runs/ as it was.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..conftest import ROOT, Result
from . import checkpoints, configs, data, images, machine
from .disk import Disk
from .effort import EFFORT
from .fault import Fault, Kind
from .forked import Done, forked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc of Linux")

FAULTS = [*configs.FAULTS, *checkpoints.FAULTS, *data.FAULTS, *images.FAULTS, *machine.FAULTS]
ELSEWHERE = {
    Kind.POWER: "test_the_name_follows_the_content",
    Kind.CLOCK: "test_latest_is_the_last_created_though_the_clock_is_set_back",
}
"""What no command line can show, and the test that does."""
SECONDS = {"forked": 1.0, "started": 3.0}
"""Of the processor; to start takes 0.5 of them."""
MEMORY = 500 << 20
"""Bytes of address space where a process is started: a training of toy.yaml takes 150 MiB."""


def everything(path: Path) -> dict[str, object]:
    """Every file and link at or below a path; locks do not count."""
    if not path.is_dir():
        return {"": path.read_bytes()}
    found = {p: os.readlink(p) if p.is_symlink() else p.is_file() and p.read_bytes()
             for p in sorted(path.rglob("*")) if p.name != ".lock"}  # fmt: skip
    return {str(p): content for p, content in found.items()}


def started(fault: Fault, stdout: int | None) -> Done:
    """The command as its user starts it."""
    command = [sys.executable, "-m", "nnfs_cli", *fault.command]
    process = subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | {**fault.env},
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        text=True,
    )
    resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out, err = process.communicate(timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Done(Result(process.returncode, out or "", err), seconds)


@contextmanager
def stdout_of(kind: str | None) -> Iterator[int | None]:
    """A stdout that is full, or whose reader has gone."""
    if kind is None:
        yield None
        return
    if kind == "full":
        write = os.open("/dev/full", os.O_WRONLY)
    else:
        read, write = os.pipe()
        os.close(read)
    yield write
    os.close(write)


FIRST = list({fault.kind: fault for fault in reversed(FAULTS)}.values())
"""One fault of each kind, for the default suite."""


def named(fault: Fault) -> str:
    return f"{fault.kind.name.lower()} {fault.name}"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=named(fault), marks=() if fault in FIRST else pytest.mark.slow)
        for fault in FAULTS
    ],
)
def test_fault(fault: Fault, template: Path, folder: Path) -> None:
    expect(fault, "started" if fault.env else "forked", template, folder)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS if EFFORT > 1 else FAULTS[::4], ids=named)
def test_fault_of_a_started_process(fault: Fault, template: Path, folder: Path) -> None:
    expect(fault, "forked" if fault.disk else "started", template, folder)


def expect(fault: Fault, way: str, template: Path, folder: Path) -> None:
    """Arrange the fault, run the command, and look at what came of it."""
    shutil.copytree(template, folder, symlinks=True, dirs_exist_ok=True)
    kept = fault.arrange()
    before = everything(Path("runs"))
    with stdout_of(fault.stdout) as stdout:
        if way == "started":
            done = started(fault, stdout)
        else:
            disk = Disk(*fault.disk) if fault.disk else Disk()
            done = forked(*fault.command, prepare=disk.install, stdout=stdout)
    del kept
    result, errors = done.result, " ".join(done.result.errors)
    assert result.code == fault.code, result
    assert "Traceback" not in result.err
    assert (result.out + result.err).isascii() or not fault.env
    assert "\r" not in result.out + result.err
    assert len(result.errors) == (fault.problems if fault.code else 0), result.err
    assert fault.words in (errors if fault.code else result.out + result.err), result
    assert done.seconds < SECONDS[way]
    if not fault.works:
        assert everything(Path("runs")) == before
    fault.then()


def test_every_kind_has_a_row() -> None:
    assert {fault.kind for fault in FAULTS} | {*ELSEWHERE} == {*Kind}
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert all(f"def {name}(" in tests for name in ELSEWHERE.values())
