"""A signal that comes just before the main thread waits interrupts the wait."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ..cli.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

BEGIN = """\
import ctypes, os, resource, signal, sys, time
from functools import partial
from operator import call
from nnfs_cli.runs.wakeups import wake_for_signals

come = partial(ctypes.CDLL(None).kill, os.getpid(), signal.SIGTERM)
class Met(Exception):
    pass

def meet(*_):
    raise Met

signal.signal(signal.SIGTERM, meet)
"""
HANDLED_AT_ONCE = """
wake_for_signals()
for _ in range(2):
    began = time.monotonic()
    try:
        list(map(call, (come, partial(time.sleep, 5))))
        sys.exit("not handled")
    except Met:
        assert time.monotonic() - began < 4
"""
NO_PIPE_LEFT = """
resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
wake_for_signals()
try:
    come()
    sys.exit("not handled")
except Met:
    pass
"""
A_FORKED_PROCESS_WRITES_NOTHING = """
wake_for_signals()
if pid := os.fork():
    assert os.waitpid(pid, 0)[1] == 0
    sys.exit()
os.closerange(3, 50)
files = [os.open(f"{number}", os.O_RDWR | os.O_CREAT) for number in range(3, 50)]
try:
    os.kill(os.getpid(), signal.SIGTERM)
    sys.exit("not handled")
except Met:
    pass
assert not any(os.fstat(file).st_size for file in files)
"""


@pytest.mark.parametrize(
    "program", [HANDLED_AT_ONCE, NO_PIPE_LEFT, A_FORKED_PROCESS_WRITES_NOTHING]
)
def test_in_a_process(program: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", BEGIN + program],
        env={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
