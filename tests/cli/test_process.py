"""The process itself: its names, its standard streams, signals from its first moment on."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nnfs_cli.cli.commands import COMMANDS
from nnfs_cli.runs.signals import WATCHED

from .conftest import ROOT, Nnfs, latest, record
from .faults.effort import EFFORT

Start = Callable[..., "subprocess.Popen[str]"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and shells of POSIX")

READY = """\
import os, sys
import nnfs_cli.__main__
os.write({pipe}, b".")
os.close({pipe})
nnfs_cli.__main__.main()
"""
SLOW_DATA = """\
import time
from pathlib import Path
from nnfs_cli import Dataset, dataset
@dataset("endless")
class Endless(Dataset):
    \"\"\"Never there.\"\"\"
    def load(self, source):
        Path("reading").touch()
        time.sleep(60)
"""
LOST = """\
import ctypes, operator, os, time
from functools import partial
from nnfs_cli import Dataset, dataset
@dataset("endless")
class Endless(Dataset):
    \"\"\"Never there: a signal comes, and before Python can handle it, all waits.\"\"\"
    def load(self, source):
        come = partial(ctypes.CDLL(None).kill, os.getpid(), {number})
        list(map(operator.call, (come, partial({wait}))))
"""
WAITS = ("time.sleep, 60", "os.read, os.pipe()[0], 1", "open, 'fifo'")
STREAMS = (">&-", "2>&-", "<&-", ">&- 2>&- <&-")


def shell(line: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        ["sh", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


NNFS = f"{shlex.quote(sys.executable)} -m nnfs_cli"


@pytest.mark.slow
@pytest.mark.parametrize("closed", STREAMS)
def test_a_training_learns_with_closed_streams(closed: str, toy: Path) -> None:
    done = shell(f"{NNFS} train toy.yaml {closed}")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert record(latest())["status"] == "finished"
    assert ("2/3 " in done.stderr) == ("2>" not in closed)
    written = [path for path in Path(latest()).rglob("*") if path.is_file()]
    assert not any(b"2/3 " in path.read_bytes() for path in written), "it went to another file"


@pytest.mark.parametrize("closed", STREAMS)
def test_help_and_errors_with_closed_streams(closed: str) -> None:
    assert shell(f"{NNFS} --help {closed}").returncode == 0
    assert shell(f"{NNFS} bogus {closed}").returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize("closed", STREAMS)
@pytest.mark.parametrize("command", [*COMMANDS, "runs", "data list"])
def test_every_command_with_closed_streams(closed: str, command: str, toy: Path) -> None:
    assert shell(f"{NNFS} train toy.yaml -q").returncode == 0
    takes_a_config = ("train", "sweep", "check", "gradcheck", "trace", "diagnose", "lr-find")
    rest = dict.fromkeys(takes_a_config, "toy.yaml") | {
        "predict": "-",
        "compare": "latest",
        "report": "latest",
    }
    done = shell(f"{NNFS} {command} {rest.get(command, '')} {closed}")
    assert done.returncode == (3 if command == "predict" else 0), done.stderr
    assert "Traceback" not in done.stderr


def start_ready(arguments: list[str]) -> subprocess.Popen[str]:
    """A command whose own first line has run: what is before is Python's start."""
    read, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", READY.format(pipe=write), *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=[write],
    )
    os.close(write)
    assert os.read(read, 1) == b"."
    os.close(read)
    return process


def interrupted_after(seconds: float, arguments: list[str]) -> None:
    process = start_ready(arguments)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode in (130, 0 if seconds else 130), err
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert err.count("error: ") == (process.returncode == 130), err


@pytest.mark.parametrize(
    "number", [*range(3), *(pytest.param(n, marks=pytest.mark.slow) for n in range(3, 10))]
)
def test_ctrl_c_at_any_moment(number: int, toy: Path) -> None:
    interrupted_after(0.06 * number, ["train", "toy.yaml"])


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["train", "toy.yaml"], ["--help"], ["check", "toy.yaml"]])
def test_ctrl_c_in_steps(arguments: list[str], toy: Path) -> None:
    steps = 40 * EFFORT
    for number in range(steps):
        interrupted_after(0.5 * number / steps, arguments)


def test_one_ctrl_c_after_another_is_one_line(toy: Path) -> None:
    process = start_ready(["train", "toy.yaml", "--epochs", "100000"])
    time.sleep(0.4)
    for _ in range(100):
        process.send_signal(signal.SIGINT)
        time.sleep(0.005)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.count("error: ") == 1


@pytest.mark.parametrize(
    "number",
    [*WATCHED[:2], *(pytest.param(number, marks=pytest.mark.slow) for number in WATCHED[2:])],
)
def test_stopped_while_data_are_read(start: Start, toy: Path, number: int) -> None:
    Path("slow.py").write_text(SLOW_DATA)
    process = start("train", toy, "data={type: endless}", "--plugin", "slow.py")
    while not Path("reading").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (128 + number, "error: interrupted\n")


@pytest.mark.parametrize("wait", WAITS)
def test_a_signal_just_before_a_wait(start: Start, toy: Path, wait: str) -> None:
    """It is not left lying until the wait is over: which instruction it meets is chance."""
    os.mkfifo("fifo")
    number = WATCHED[WAITS.index(wait)]
    Path("lost.py").write_text(LOST.format(number=int(number), wait=wait))
    process = start("train", toy, "data={type: endless}", "--plugin", "lost.py")
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (128 + number, "error: interrupted\n")


def test_what_is_ignored_at_the_start_stays_ignored(toy: Path) -> None:
    Path("slow.py").write_text(SLOW_DATA.replace("60", "1"))
    train = f"{NNFS} train toy.yaml 'data={{type: endless}}' --plugin slow.py"
    wait = "while [ ! -e reading ]; do sleep 0.01; done; kill -HUP $!; sleep 0.2"
    assert shell(f"trap '' HUP; {train} & {wait}; kill -0 $! && kill $!").returncode == 0


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
def test_the_first_process_of_a_container(toy: Path) -> None:
    """``docker stop``: SIGTERM does nothing by default to the first process."""
    Path("slow.py").write_text(SLOW_DATA)
    command = f"train {toy} data={{type:\\ endless}} --plugin slow.py"
    if subprocess.run(["unshare", "-pf", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no rights for a process namespace")
    process = subprocess.Popen(
        ["unshare", "-pf", "--kill-child", "sh", "-c", f"exec {NNFS} {command}"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not Path("reading").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGTERM)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (143, "error: interrupted\n")


@pytest.mark.parametrize("name", ["nnfs", "nnfs-cli"])
def test_commands_call_themselves_as_they_are_called(name: str, folder: Path) -> None:
    script = folder / name
    script.write_text(f"#!{sys.executable}\nfrom nnfs_cli.__main__ import main\nmain()\n")
    script.chmod(0o755)
    assert shell(f"{script} train --help").stdout.startswith(f"Usage: {name} train [OPTIONS]")
    assert shell(f"{script} runs bogus").stderr.endswith(f"see `{name} runs --help`\n")


def test_the_module_calls_itself_as_it_is_called(nnfs: Nnfs) -> None:
    assert shell(f"{NNFS} eval -h").stdout.startswith("Usage: python -m nnfs_cli eval [OPTIONS]")
    assert shell(f"{NNFS} runs show a b --json").stdout.startswith('{"schema": 1, "command": "run')


def test_both_names_are_installed() -> None:
    import tomllib

    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert scripts == dict.fromkeys(("nnfs", "nnfs-cli"), "nnfs_cli.__main__:main")
