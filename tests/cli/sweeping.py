"""What the tests of sweeps ask of a folder, and of a sweep that goes on."""

from __future__ import annotations

import csv
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from .conftest import Result

Start = Callable[..., "subprocess.Popen[str]"]


def the_sweep() -> Path:
    """The folder of the only sweep."""
    (found,) = Path("sweeps").iterdir()
    return found


def rows(*left_out: str, sweep: Path | None = None) -> list[dict[str, str]]:
    """Its trials.csv, or that of another sweep, without some columns."""
    with ((sweep or the_sweep()) / "trials.csv").open() as file:
        return [{k: v for k, v in row.items() if k not in left_out} for row in csv.DictReader(file)]


def run_folders() -> list[Path]:
    return [path for path in Path("runs").glob("2*") if path.is_dir()]


def trained() -> int:
    """Runs that have a row of metrics."""
    return sum((run / "metrics.csv").is_file() for run in run_folders())


def wait_until(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(process: subprocess.Popen[str]) -> Result:
    out, err = process.communicate(timeout=300)
    return Result(process.returncode, out, err)
