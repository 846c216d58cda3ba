"""``nnfs sweep``: what is trained, told and kept; signals, kills and company in the slow ones."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from nnfs_cli.runs.signals import WATCHED
from nnfs_cli.sweeps.row import Row
from nnfs_cli.sweeps.sweep_folder import SweepFolder

from .conftest import XOR, Nnfs, record, state
from .sweeping import Start, ended, rows, run_folders, the_sweep, trained, wait_until

posix = pytest.mark.skipif(sys.platform != "linux", reason="signals, forks and /proc of Linux")
LONG = ("train.epochs=100000", "train.report_every=100000")


def statuses() -> list[str]:
    return [record(run)["status"] for run in run_folders()]


def test_every_trial_is_an_ordinary_run(nnfs: Nnfs, toy: Path) -> None:
    told = nnfs("sweep", toy, "optimizer.lr=1e-2,1e-3", "seed=0..1", "train.epochs=1", "-j", "2")
    assert told.code == 0, told.err
    assert [(row["number"], row["optimizer.lr"], row["seed"]) for row in rows()] == [
        ("1", "1e-2", "0"), ("2", "1e-2", "1"), ("3", "1e-3", "0"), ("4", "1e-3", "1"),
    ]  # fmt: skip
    for row in rows():
        run = record(Path(row["run"]))
        assert row["status"] == run["status"] == "finished"
        assert (float(row["value"]), row["monitor"]) == (run["best"]["value"], "val_loss")
        assert float(row["test_accuracy"]) == run["test"]["accuracy"]
        assert f"optimizer.lr={row['optimizer.lr']}" in run["overrides"]
    best = min(rows(), key=lambda row: float(row["value"]))
    assert told.out.rstrip().endswith(best["run"])
    alone = ["train", toy, "train.epochs=1", "optimizer.lr=1e-3", "seed=1", "--workers", "1"]
    assert nnfs(*alone, "--run-dir", "alone").code == 0
    assert state(Path("alone")) == state(Path(rows()[3]["run"])), "not the bytes of a run alone"
    again = nnfs(*alone, "--skip-done")
    assert f"skipped: run {Path(rows()[3]['run']).name}" in again.out


def test_trials_on_other_data_are_not_ranked_without_a_word(nnfs: Nnfs, toy: Path) -> None:
    told = nnfs("sweep", toy, "data.noise=0,0.5", "train.epochs=1", "seed=0..1")
    assert told.err.count("data.noise changed the data") == 1
    for same in ("data.normalize=none,standard", "optimizer.lr=1e-2,1e-3"):
        told = nnfs("sweep", toy, same, "train.epochs=1")
        assert told.code == 0, told.err
        assert "changed the data" not in told.err


def test_the_same_line_trains_only_what_is_missing(nnfs: Nnfs, xor: Path) -> None:
    assert nnfs("train", xor, "seed=1").code == 0
    assert nnfs("sweep", xor, "seed=0..2").code == 0
    assert len(run_folders()) == 3
    before = rows()
    shutil.rmtree(before[2]["run"])
    (the_sweep() / "trials.csv").unlink()
    again = nnfs("sweep", xor, "seed=0..2")
    assert again.code == 0
    assert again.err.count(", found") == 2
    assert [row["run"] for row in rows()[:2]] == [row["run"] for row in before[:2]]
    assert rows()[2]["value"] == before[2]["value"]
    for words in (["--resume"], ["--resume", the_sweep()], ["--resume", the_sweep().name[:8]]):
        assert nnfs("sweep", *words).err.count(", found") == 3
    assert len(run_folders()) == 3


def test_its_table_is_not_written_once_a_trial(
    nnfs: Nnfs, xor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, write = list[int](), SweepFolder.write_rows

    def counted(folder: SweepFolder, keys: Sequence[str], found: Sequence[Row]) -> None:
        written.append(len(found))
        write(folder, keys, found)

    monkeypatch.setattr(SweepFolder, "write_rows", counted)
    monkeypatch.setattr("nnfs_cli.sweeps.sweep.WRITE_EVERY", 1e9)
    assert nnfs("sweep", xor, "seed=0..3", "train.epochs=1").code == 0
    assert written == [0, 4]
    assert len(rows()) == 4
    monkeypatch.setattr("nnfs_cli.sweeps.sweep.WRITE_EVERY", 0.0)
    assert nnfs("sweep", xor, "seed=0..6", "train.epochs=1", "-j", "1").code == 0
    assert written[2:] == [4, 5, 6, 7, 7]


def test_a_sweep_goes_on_from_anywhere_in_its_own_folder_of_runs(
    nnfs: Nnfs, xor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nnfs("sweep", xor, "seed=0,1", "--runs-dir", "my work/runs").code == 0
    (sweep,) = Path("my work/sweeps").resolve().iterdir()
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    for words in ([], ["--runs-dir", "other"]):
        assert nnfs("sweep", "--resume", sweep, *words).err.count(", found") == 2
    commands = nnfs("sweep", "--resume", sweep, "--print-commands").out.splitlines()
    assert nnfs(*shlex.split(commands[0])[1:-1]).out.startswith("skipped:")
    assert os.listdir() == []


def test_a_diverged_trial_is_told_and_not_repeated(nnfs: Nnfs, toy: Path) -> None:
    line = ("sweep", toy, "optimizer={type: sgd}", "optimizer.lr=0.01,1e6", "seed=0,1")
    first = nnfs(*line, "-q")
    assert first.code == 4
    assert len(first.errors) == 2
    assert "trial 3 of 4 (optimizer.lr=1e6 seed=0): diverged: the loss is" in first.err
    assert [row["status"] for row in rows()] == ["finished"] * 2 + ["diverged"] * 2
    again = nnfs(*line, "-q", "--json")
    assert (again.code, len(run_folders()), len(again.errors)) == (4, 4, 2)
    document = again.document
    assert (document["finished"], len(document["trials"])) == (2, 4)
    assert document["best"]["values"]["optimizer.lr"] == "0.01"


PLUGIN = """\
from nnfs_cli import Metric, metric
@metric("fragile")
class Fragile(Metric):
    \"\"\"Fails if it is told to.\"\"\"
    bad: bool = False
    def reset(self, classes): pass
    def update(self, predictions, targets):
        if self.bad:
            raise ValueError("too\\nfragile")
    def result(self): return 1.0
"""


def test_a_failed_trial_is_told_and_the_others_go_on(nnfs: Nnfs, xor: Path) -> None:
    Path("p.py").write_text(PLUGIN)
    line = ("sweep", xor, "metrics=[{type: fragile}]", "--plugin", "p.py", "-q", "-j", 1)
    told = nnfs(*line, "metrics.0.bad=true,false")
    assert "trial 1 of 2 (metrics.0.bad=true): plugin p.py:9 fails" in told.refused(2)
    assert [row["status"] for row in rows()] == ["failed", "finished"]
    assert "too fragile" in rows()[0]["message"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["optimizer.lrr=1,2"], 2),
        (["optimizer.lr=-1,0.1"], 2),
        (["layers.1.units=2,3", "seed=4..0"], 2),
        (["train.workers=1,2"], 2),
        (["name=a,b"], 2),
        (["seed=0,1", "init_from=latest"], 3),
        (["seed=0,1", "data={type: csv, path: absent.csv, target: a}"], 3),
        (["seed=0,1", "--runs-dir", "xor.yaml/x"], 5),
    ],
)
def test_faults_are_found_before_the_first_trial(
    nnfs: Nnfs, xor: Path, words: list[str], code: int
) -> None:
    nnfs("sweep", xor, *words).refused(code)
    assert sorted(os.listdir()) == ["xor.yaml"]


def test_usage(nnfs: Nnfs, xor: Path) -> None:
    assert "no config is named" in nnfs("sweep").refused(2)
    assert "there is no sweep" in nnfs("sweep", "--resume").refused(3)
    assert nnfs("sweep", xor, "seed=0,1").code == 0
    assert "'2099' is no sweep" in nnfs("sweep", "--resume", "2099").refused(3)
    for words in (["seed=3"], ["--random", "2"]):
        told = nnfs("sweep", "--resume", the_sweep(), *words).refused(2)
        assert "goes on as it began" in told
    xor.write_text(XOR + "seed: 4\n")
    assert "xor.yaml was changed" in nnfs("sweep", "--resume").refused(2)


def test_a_draw_goes_on_to_more_trials(nnfs: Nnfs, xor: Path) -> None:
    """As if all had been asked for at once; the sweep's file says so from then on."""
    draw = ("sweep", xor, "optimizer.lr=log(1e-3,1)", "-q", "--random")
    assert nnfs(*draw, 2).code == 0
    first = [row["optimizer.lr"] for row in rows()]
    assert nnfs("sweep", "--resume", "--random", 4, "-q").code == 0
    four = [row["optimizer.lr"] for row in rows()]
    assert four[:2] == first
    assert len(run_folders()) == 4
    assert "the sweep has 4 trials" in nnfs("sweep", "--resume", "--random", 3).refused(2)
    assert "goes on as it began" in nnfs("sweep", "--resume", "--trials", 9).refused(2)
    assert nnfs("sweep", "--resume").err.count(", found") == 4
    shutil.rmtree(the_sweep())
    assert nnfs(*draw, 4).code == 0
    assert [row["optimizer.lr"] for row in rows()] == four


def test_a_sweep_of_one_config(nnfs: Nnfs, xor: Path) -> None:
    assert nnfs("sweep", xor).code == 0
    assert len(rows()) == len(run_folders()) == 1


def test_init_from_latest_is_the_run_that_was_latest(nnfs: Nnfs, xor: Path) -> None:
    assert nnfs("train", xor).code == 0
    first = Path("runs/latest").resolve()
    assert nnfs("sweep", xor, "init_from=latest", "seed=5,6,7", "-j", "1").code == 0
    for row in rows():
        config = (Path(row["run"]) / "config.yaml").read_text()
        assert f"init_from: ../{first.name}" in config


def test_commands_to_be_run_by_others(nnfs: Nnfs, xor: Path) -> None:
    odd = "name='a b, $x'"
    told = nnfs("sweep", xor, odd, "seed=0,1", "--print-commands")
    lines = told.out.splitlines()
    assert (told.code, len(lines)) == (0, 2)
    assert not Path("runs").exists()
    for line in lines:
        command, *words = shlex.split(line)
        assert command == "nnfs"
        assert nnfs(*words).code == 0
    assert nnfs("sweep", xor, odd, "seed=0,1").err.count(", found") == 2
    document = nnfs("sweep", xor, "seed=0,1", "--print-commands", "--json").document
    assert document["commands"][1][:4] == ["nnfs", "train", str(xor), "seed=1"]


def test_a_sweep_file(nnfs: Nnfs, xor: Path) -> None:
    Path("s.yaml").write_text("config: xor.yaml\nchanges: ['seed=0,1', train.epochs=1]\n")
    assert nnfs("sweep", "s.yaml", "optimizer.lr=0.1,0.2").code == 0
    assert len(rows()) == 4
    Path("s.yaml").write_text("config: xor.yaml\nchange: ['seed=0,1']\n")
    assert "s.yaml:2:1: unknown key 'change'; did you mean 'changes'?" in nnfs(
        "sweep", "s.yaml"
    ).refused(2)


def test_a_sweep_file_is_checked(nnfs: Nnfs, xor: Path) -> None:
    Path("s.yaml").write_text("config: xor.yaml\nchanges: ['seed=0,1', 'layers.0.units=2..4']\n")
    assert nnfs("check", "s.yaml").out == "s.yaml is in order: 6 trials\n"
    assert nnfs("check", "s.yaml", "--json").document["trials"] == 6
    assert "layers.0.unit" in nnfs("check", "s.yaml", "layers.0.unit=1,2").refused(2)
    Path("s.yaml").write_text("config: absent.yaml\n")
    assert "absent.yaml: no such file" in nnfs("check", "s.yaml").refused(2)
    assert sorted(os.listdir()) == ["s.yaml", "xor.yaml"]


def test_random_trials(nnfs: Nnfs, xor: Path) -> None:
    words = ("optimizer.lr=log(1e-3,1)", "layers.0.units=int(2,9)", "-q")
    line = ("sweep", xor, *words, "--random", "3", "--random-seed", "5")
    assert nnfs(*line).code == 0
    first = rows()
    assert len({row["optimizer.lr"] for row in first}) == 3
    assert nnfs("sweep", "--resume", "-q").code == 0
    assert nnfs(*line).code == 0
    assert rows() == first
    assert len(run_folders()) == 3
    assert "add --random N" in nnfs("sweep", xor, *words).refused(2)
    assert "no range to draw trials from" in nnfs("sweep", xor, "--random", "3").refused(2)


def test_engine_of_commands(nnfs: Nnfs, toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be forked each trial is a command."""
    root = str(Path(__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", root)
    monkeypatch.setattr("nnfs_cli.compute.process_team.can_fork", lambda: False)
    told = nnfs("sweep", toy, "optimizer={type: sgd}", "optimizer.lr=0.01,1e6", "-q")
    assert told.code == 4, told.err
    assert [row["status"] for row in rows()] == ["finished", "diverged"]
    assert len(told.errors) == 1


def test_seeds(nnfs: Nnfs, toy: Path) -> None:
    told = nnfs("train", toy, "--seeds", "3", "--seed", "7", "-q", "--json")
    assert told.code == 0, told.err
    found = [record(run) for run in run_folders()]
    assert sorted(run["seed"] for run in found) == [7, 8, 9]
    (group,) = told.document["groups"]
    values = {
        "val_loss": [run["best"]["value"] for run in found],
        "test_accuracy": [run["test"]["accuracy"] for run in found],
    }
    for name, each in values.items():
        mean, std = statistics.mean(each), statistics.stdev(each)
        figure = group["figures"][name]
        assert (figure["mean"], figure["std"]) == pytest.approx((mean, std))
        assert figure["high"] - mean == pytest.approx(4.3027 * std / 3**0.5, rel=1e-4)
        assert figure["count"] == 3
    shown = nnfs("train", toy, "--seeds", "3", "--seed", "7", "-q").out
    assert "95 % interval" in shown
    assert len(run_folders()) == 3


def test_seeds_make_several_runs(nnfs: Nnfs, toy: Path) -> None:
    for option in (["--run-dir", "x"], ["--dry-run"], ["--print-run-dir"]):
        assert option[0] in nnfs("train", toy, "--seeds", "2", *option).refused(2)
    assert "name has 2 values" in nnfs("train", toy, "--seeds", "2", "name=a,b").refused(2)
    assert not Path("runs").exists()


def test_groups_of_seeds(nnfs: Nnfs, toy: Path) -> None:
    """A sweep with seeds tells of each combination of the other keys, and of no failed trial."""
    line = ("sweep", toy, "seed=0..1", "optimizer={type: sgd}", "optimizer.lr=0.1,0.01,1e6")
    told = nnfs(*line, "train.epochs=1", "-q", "--json")
    groups = {
        group["values"]["optimizer.lr"]: group["figures"] for group in told.document["groups"]
    }
    finished = [row for row in rows() if row["status"] == "finished"]
    assert {*groups} == {row["optimizer.lr"] for row in finished}
    for rate, figures in groups.items():
        own = [float(row["test_loss"]) for row in finished if row["optimizer.lr"] == rate]
        assert figures["test_loss"]["mean"] == pytest.approx(statistics.mean(own))


def children(pid: int) -> list[int]:
    return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


@posix
@pytest.mark.slow
@pytest.mark.parametrize("number", WATCHED)
def test_a_signal_lets_all_trials_save(start: Start, xor: Path, number: int) -> None:
    process = start("sweep", xor, "seed=0..3", *LONG, "--jobs", "2")
    wait_until(lambda: trained() == 2, process)
    own = children(process.pid)
    process.send_signal(number)
    told = ended(process)
    assert told.code == 128 + number, told.err
    assert f"go on with `nnfs sweep --resume {the_sweep()}`" in told.errors[0]
    assert len(told.errors) == 1
    assert not any(Path(f"/proc/{pid}").exists() for pid in own)
    assert statuses() == ["interrupted"] * 2
    assert [row["status"] for row in rows()] == ["interrupted"] * 2


@posix
@pytest.mark.slow
def test_ctrl_c_three_times(start: Start, nnfs: Nnfs, xor: Path) -> None:
    """The second ends the trials at once; their last checkpoints are used."""
    process = start("sweep", xor, "seed=0,1", *LONG, "--jobs", "2")
    wait_until(lambda: trained() == 2, process)
    own = children(process.pid)
    for pid in own:
        os.kill(pid, signal.SIGSTOP)
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    told = ended(process)
    assert (told.code, len(told.errors)) == (130, 1)
    assert not any(Path(f"/proc/{pid}").exists() for pid in own)
    assert all((run / "checkpoints/last.npz").is_file() for run in run_folders())


@posix
@pytest.mark.slow
def test_an_interrupted_sweep_goes_on(start: Start, nnfs_process: Nnfs, xor: Path) -> None:
    words = ("sweep", xor, "seed=0..2", "train.epochs=3000", "train.report_every=3000")
    process = start(*words, "--jobs", "2")
    wait_until(lambda: trained() == 2, process)
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 130
    assert nnfs_process("sweep", "--resume", "-q").code == 0
    assert statuses() == ["finished"] * 3
    assert (
        nnfs_process("train", xor, "seed=0", *words[3:], "--workers", 1, "--run-dir", "alone").code
        == 0
    )
    assert state(Path("alone")) == state(Path(rows()[0]["run"]))


@posix
@pytest.mark.slow
def test_a_killed_trial_is_tried_again(start: Start, xor: Path) -> None:
    line = ("sweep", xor, "seed=0,1", "train.epochs=4000", "train.report_every=4000")
    process = start(*line, "--jobs", "1", prefix=("taskset", "-c", "0"))
    wait_until(lambda: trained() == 1, process)
    os.kill(children(process.pid)[0], signal.SIGKILL)
    told = ended(process)
    assert told.code == 0, told.err
    assert "trial 1: its process was killed by signal 9" in told.err
    assert "it is tried again" in told.err
    assert statuses() == ["finished"] * 2


@posix
@pytest.mark.slow
def test_a_trial_that_is_always_killed_fails(start: Start, xor: Path) -> None:
    process = start("sweep", xor, "seed=0", *LONG, "--jobs", "1")
    killed: list[int] = []

    def others() -> list[int]:
        return [child for child in children(process.pid) if child not in killed]

    wait_until(trained, process)  # git is asked before the first trial
    for _ in range(3):
        wait_until(others, process)
        killed += others()
        os.kill(killed[-1], signal.SIGKILL)
    told = ended(process)
    assert (told.code, len(killed)) == (5, 3)
    assert told.err.count("it is tried again") == 2
    assert rows()[0]["status"] == "failed"


@posix
@pytest.mark.slow
def test_trials_end_with_a_sweep_that_is_killed(start: Start, nnfs: Nnfs, xor: Path) -> None:
    process = start("sweep", xor, "seed=0..3", *LONG, "--jobs", "2")
    wait_until(lambda: trained() == 2, process)
    own = children(process.pid)
    process.kill()
    process.communicate()
    end = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in own) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in own)
    assert statuses() == ["interrupted"] * 2


@posix
@pytest.mark.slow
def test_two_sweeps_of_the_same_grid_train_each_once(start: Start, xor: Path) -> None:
    line = ("sweep", xor, "seed=0..7", "train.epochs=300", "train.report_every=300", "--json")
    both = [start(*line, "--jobs", "2") for _ in range(2)]
    for told in map(ended, both):
        assert told.code == 0, told.err
        assert len(json.loads(told.out)["trials"]) == 8
    assert statuses() == ["finished"] * 8
    assert sum(len(rows(sweep=sweep)) for sweep in Path("sweeps").iterdir()) in (8, 16)


@posix
@pytest.mark.slow
def test_what_others_do_to_its_files(start: Start, xor: Path) -> None:
    process = start("sweep", xor, "seed=0..5", "train.epochs=500", "--jobs", "1")
    wait_until(lambda: len(run_folders()) > 2, process)
    (the_sweep() / "trials.csv").unlink()
    told = ended(process)
    assert told.code == 0, told.err
    assert len(rows()) == 6


@posix
@pytest.mark.slow
def test_many_trials(start: Start, xor: Path) -> None:
    told = ended(start("sweep", xor, "seed=0..79", "-q", "--json"))
    assert told.code == 0, told.err
    assert len(rows()) == 80
    assert statuses() == ["finished"] * 80


@posix
@pytest.mark.slow
def test_a_terminal_has_a_live_table(toy: Path) -> None:
    """Best first, with what runs and what remains; failures stay above it."""
    import pty

    pid, terminal = pty.fork()
    words = ["sweep", str(toy), "optimizer=sgd", "optimizer.lr=1e6,0.01", "train.epochs=2000"]
    if pid == 0:
        os.environ |= {"PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm"}
        command = [sys.executable, "-m", "nnfs_cli", *words, "seed=0..2", "-j", "2"]
        os.execv(sys.executable, [*command, "train.report_every=2000"])
    shown = b""
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 1 << 16):
            shown += piece
    _, status = os.waitpid(pid, 0)
    text = shown.decode()
    assert os.waitstatus_to_exitcode(status) == 4, text
    assert re.search(r"\d+ ended, 2 running, \d to come, about .* left \(until \d\d:\d\d\)", text)
    assert re.search(r"trial \d  epoch \d+/2000  optimizer.lr=", text)
    assert text.count("error: trial") == 3 or text.count("\x1b[1;31merror:") == 3
    assert "+----" not in text, "the live table speaks ASCII on a terminal with Unicode"
    assert text.rfind("\x1b[?25l") < text.rfind("\x1b[?25h"), "the cursor is hidden"


@posix
@pytest.mark.slow
def test_a_sweep_is_worked_on_by_one_process(start: Start, nnfs: Nnfs, xor: Path) -> None:
    process = start("sweep", xor, "seed=0,1", *LONG, "--jobs", "1")
    wait_until(trained, process)
    assert "is at work in another process" in nnfs("sweep", "--resume").refused(7)
    process.send_signal(signal.SIGTERM)
    assert ended(process).code == 143


@posix
@pytest.mark.slow
def test_a_full_disk(nnfs: Nnfs, xor: Path) -> None:
    """All trials end in good order, and what was trained is found when there is room."""
    limit = "ulimit -f 1"  # files of 512 or 1,024 bytes: trials.csv grows beyond, then fails
    line = f"{limit}; exec {shlex.quote(sys.executable)} -m nnfs_cli sweep xor.yaml seed=0..3 -q"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        ["sh", "-c", line], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 5, done
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: no room to write")
    assert line.endswith(f"then go on with `nnfs sweep --resume {the_sweep()}`")
    assert nnfs("sweep", "--resume", "-q").code == 0
    assert statuses() == ["finished"] * 4


@pytest.mark.slow
def test_a_sweep_goes_on_from_the_run_that_was_latest(nnfs: Nnfs, xor: Path) -> None:
    assert nnfs("train", xor).code == 0
    words = ("sweep", xor, "init_from=latest", "seed=5,6")
    assert nnfs(*words).code == 0
    told = nnfs("sweep", "--resume")
    assert told.code == 0
    assert told.err.count(", found") == 2
    assert len(run_folders()) == 3
    assert nnfs(*words).err.count(", found") == 0  # another run is the latest
    assert len([*Path("sweeps").iterdir()]) == 2


def test_which_run_a_sweep_begins_from(nnfs: Nnfs, xor: Path) -> None:
    line = nnfs("sweep", xor, "init_from=latest,null").refused(2)
    assert "init_from=latest is another run as soon as a trial has begun" in line
    Path("s.yaml").write_text("config: xor.yaml\ninit_from: absent\n")
    assert "absent" in nnfs("sweep", "s.yaml").refused(3)
    assert nnfs("sweep", "s.yaml", "init_from=null", "train.epochs=1", "-q").code == 0
