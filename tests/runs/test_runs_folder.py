"""All runs: unique names, `latest`, and what people call a run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from nnfs_cli import __version__
from nnfs_cli.errors import DataError, LockedError, MachineError, UsageError
from nnfs_cli.runs import runs_folder
from nnfs_cli.runs.earlier import earlier_run, earlier_runs
from nnfs_cli.runs.record import FINISHED, RUNNING
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import LATEST, RunsFolder, slug

RECORD: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "golden/format_1/run.json").read_text()
)
"""What a run says of itself."""
CREATOR = """\
import json
import sys
from datetime import datetime
from pathlib import Path
from nnfs_cli.runs import runs_folder
from nnfs_cli.runs.earlier import earlier_run, earlier_runs

class Frozen(datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 11, 21, 14, 15, 3)

runs_folder.datetime = Frozen
folder = runs_folder.RunsFolder(Path(sys.argv[1]))
for _ in range(25):
    run = folder.create("same", "7f3a")
    run.write(json.loads(sys.argv[2]) | {"status": "running", "number": folder.next_number()})
    folder.point_latest_at(run)
    print(run.id, folder.latest().id)
"""


@pytest.fixture
def folder(tmp_path: Path) -> RunsFolder:
    return RunsFolder(tmp_path / "runs")


def started(folder: RunsFolder, name: str = "x", **record: Any) -> Run:
    run = folder.create(name, "7f3a0000")
    number = folder.next_number()
    run.write(RECORD | {"best": None, "status": RUNNING, "number": number} | record)
    folder.point_latest_at(run)
    run.unlock()
    return run


def refusal(folder: RunsFolder, name: str) -> str:
    with pytest.raises(DataError) as caught:
        folder.find(name)
    assert caught.value.code == 3
    return str(caught.value)


def resolutions(folder: RunsFolder, processes: list[subprocess.Popen[str]]) -> Iterator[str]:
    """What ``latest`` names while others move it, from its first moment on."""
    while any(process.poll() is None for process in processes):
        if os.path.lexists(folder.path / LATEST):
            yield folder.latest().id


@pytest.mark.slow
def test_many_runs_in_the_same_second(folder: RunsFolder) -> None:
    command = [sys.executable, "-W", "error", "-c", CREATOR, str(folder.path), json.dumps(RECORD)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    resolved = list(resolutions(folder, processes))
    lines = [line for process in processes for line in process.communicate()[0].splitlines()]
    assert [process.returncode for process in processes] == [0] * 4
    ids = [line.split()[0] for line in lines]
    stem = "20261121-141503-same-7f3a"
    expected = [stem, *(f"{stem}-{n}" for n in range(2, 101))]
    assert sorted(ids) == sorted(expected)
    assert all(line.split()[1] in expected for line in lines)  # latest always named a run
    assert folder.latest().id in expected
    assert resolved
    assert set(resolved) <= {*expected}
    assert sorted(entry.name for entry in folder.path.iterdir()) == sorted([*expected, LATEST])


def test_a_new_run_is_empty_and_locked(folder: RunsFolder) -> None:
    run = folder.create("Mein Netz", "7f3a9999")
    assert run.id[15:] == "-Mein-Netz-7f3a"
    assert {entry.name for entry in run.path.iterdir()} == {".lock", "checkpoints"}
    with pytest.raises(LockedError):
        Run(run.path).lock()


def test_latest_is_the_last_created_though_the_clock_is_set_back(
    folder: RunsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(runs_folder.datetime):
        year_now = 2026

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls(cls.year_now, 1, 1)

    monkeypatch.setattr(runs_folder, "datetime", Clock)
    runs = []
    for year in (2026, 2027, 2020):
        monkeypatch.setattr(Clock, "year_now", year)
        runs.append(started(folder))
    assert [run.id for run in folder.all()] == [run.id for run in runs]
    for n, run in enumerate(reversed(runs)):
        assert folder.find(f"latest~{n}").id == run.id
    assert folder.find("latest").id == runs[-1].id
    assert "there is no latest~3" in refusal(folder, "latest~3")


def test_latest_is_a_relative_link_that_survives_moving(folder: RunsFolder, tmp_path: Path) -> None:
    run = started(folder)
    assert os.readlink(folder.path / LATEST) == run.id
    folder.path.rename(tmp_path / "elsewhere")
    assert RunsFolder(tmp_path / "elsewhere").latest().id == run.id


def test_latest_is_a_text_file_where_links_fail(
    folder: RunsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("no links here")

    first = started(folder)
    monkeypatch.setattr(os, "symlink", refuse)
    second = started(folder)
    assert (folder.path / LATEST).read_text() == second.id + "\n"
    for name in ("latest", str(folder.path / LATEST)):
        assert folder.find(name).path.samefile(second.path)
    monkeypatch.undo()
    folder.point_latest_at(first)
    assert folder.latest().path.samefile(first.path)


def test_an_interrupt_leaves_nothing_half_done(
    folder: RunsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    run = started(folder)
    before = sorted(folder.path.iterdir())
    monkeypatch.setattr(Run, "lock", interrupt)
    with pytest.raises(KeyboardInterrupt):
        folder.create("y", "7f3a0000")
    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        folder.point_latest_at(run)
    assert sorted(folder.path.iterdir()) == before


def test_all_that_a_run_is_called(folder: RunsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    started(folder, "other")
    run = started(folder, "mnist")
    elsewhere = folder.path.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "link").symlink_to(run.path)
    monkeypatch.chdir(folder.path.parent)
    for name in (
        run.id,
        run.id[:-1],
        "latest",
        "latest~0",
        f"runs/{run.id}",
        f"./runs/{run.id}/",
        str(run.path),
        "runs/latest",
        "./runs/latest",
        str(folder.path / "latest"),
        "elsewhere/link",
        f"runs/../runs/{run.id}",
    ):
        assert folder.find(name).path.samefile(run.path), name
    monkeypatch.chdir(run.path)
    assert folder.find(".").path.samefile(run.path)


def test_an_ambiguous_start(folder: RunsFolder) -> None:
    one, other = started(folder), started(folder)
    assert refusal(folder, one.id[:4]) == (
        f"'{one.id[:4]}' names 2 runs: {one.id}, {other.id}; write more of the id"
    )
    assert folder.find(one.id).id == one.id  # though the other's id starts with it


@pytest.mark.parametrize(
    "name", ["", "nope", "x" * 300, "a\nb", "runs", "..", "/", "*", "latest~x", "latest~-1"]
)
def test_a_run_that_is_none(folder: RunsFolder, name: str) -> None:
    run = started(folder)
    message = refusal(folder, name)
    assert "\n" not in message.replace("a\nb", "")
    assert run.id in message or "is not a run" in message


def test_files_that_are_no_run(folder: RunsFolder, tmp_path: Path) -> None:
    started(folder)
    for content in (b"", b"\xff\xfe", b"a: 1\nb: 2\n", b"x" * 100_000, b"\0"):
        path = tmp_path / "config.yaml"
        path.write_bytes(content)
        assert str(path) in refusal(folder, str(path))


def test_no_run_yet(folder: RunsFolder) -> None:
    for name in ("latest", "20", str(folder.path / LATEST)):
        assert "`nnfs train`" in refusal(folder, name)
    assert "there is no finished run" in refusal(folder, "best")
    assert folder.all() == []


def test_a_latest_that_leads_nowhere(folder: RunsFolder) -> None:
    run = started(folder)
    pointer = folder.path / LATEST
    pointer.unlink()
    pointer.symlink_to("gone")
    gone = folder.path / "gone"
    assert f"{pointer} leads to {gone}, which is not a run" in refusal(folder, LATEST)
    assert folder.next_number() == run.read().number + 1
    pointer.unlink()
    pointer.mkdir()
    assert f"{pointer} is neither a link nor a text" in refusal(folder, LATEST)


def test_latest_copied_as_a_folder_is_no_run_and_is_healed(folder: RunsFolder) -> None:
    """What zip, Drive and Windows make of a link to a folder."""
    first, newest = started(folder), started(folder)
    pointer = folder.path / LATEST
    pointer.unlink()
    newest.update(id=newest.id)
    shutil.copytree(newest.path, pointer)
    assert [run.id for run in folder.all()] == [first.id, newest.id]
    assert folder.latest().path == newest.path, "the run itself, not its copy"
    third = folder.create("toy", "abcd")
    assert "was a folder" in folder.point_latest_at(third)
    assert os.readlink(pointer) == third.id
    copies = [path for path in folder.path.iterdir() if "copy" in path.name]
    assert [(path / "run.json").is_file() for path in copies] == [True], "nothing is lost"
    assert newest.id in [run.id for run in folder.all()]
    assert len(folder.all()) == 2


def test_without_latest_it_is_the_newest(folder: RunsFolder) -> None:
    started(folder)
    newest = started(folder)
    (folder.path / LATEST).unlink()
    assert folder.latest().id == newest.id


def test_numbers_never_repeat(folder: RunsFolder) -> None:
    """Though ``latest`` was not moved yet, or moved back."""
    numbers = [folder.next_number()]
    for _ in range(3):
        run = started(folder)
        numbers.append(folder.next_number())
    folder.point_latest_at(folder.all()[0])
    assert run.read().number < folder.next_number()
    assert len(set(numbers)) == 4


def test_one_process_makes_runs_at_a_time(
    folder: RunsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnfs_cli.runs.runs_folder.REGISTERING_SECONDS", 0.05)
    with folder.registering(), pytest.raises(LockedError), RunsFolder(folder.path).registering():
        pass
    with folder.registering():
        pass


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"number": "x"}'])
def test_a_broken_record_hides_no_other_run(folder: RunsFolder, broken: str) -> None:
    first, second = started(folder), started(folder)
    (second.path / "run.json").write_text(broken)
    assert [run.id for run in folder.all()] == [first.id]
    assert folder.next_number() == 2


def test_best(folder: RunsFolder) -> None:
    def finished(name: str, value: float, monitor: str, higher: bool) -> Run:
        best = {"epoch": 1, "monitor": monitor, "value": value, "higher_is_better": higher}
        return started(folder, name, status=FINISHED, best=best)

    started(folder, "interrupted")
    finished("loss", 0.0, "val_loss", False)
    low = finished("low", 0.8, "val_accuracy", True)
    high = finished("high", 0.9, "val_accuracy", True)
    started(folder, "nothing", status=FINISHED)
    assert folder.find("best").id == high.id
    folder.path.joinpath(high.id, "run.json").write_text("{}")
    assert folder.find("best").id == low.id
    finished("worse", 0.1, "val_loss", False)
    assert folder.find("best").id[16:].startswith("loss")


def test_exactly_this_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    run = RunsFolder.create_at(path)
    with pytest.raises(LockedError):
        RunsFolder.create_at(path)
    run.unlock()
    with pytest.raises(UsageError, match="is not empty; choose another --run-dir"):
        RunsFolder.create_at(path)


def test_a_refused_folder_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(UsageError):
        RunsFolder.create_at(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]
    for create in (
        lambda: RunsFolder.create_at(tmp_path / "thesis.txt"),
        lambda: RunsFolder(tmp_path / "thesis.txt").create("x", "y"),
    ):
        with pytest.raises(MachineError) as caught:
            create()
        assert caught.value.code == 5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../x", "x"),
        ("-rf", "rf"),
        ("a\nb", "a-b"),
        ("Übung 3: Köln", "Ubung-3-Koln"),
        ("日本", "run"),
        ("", "run"),
        ("...", "run"),
        ("a/b\\c", "a-b-c"),
        ("x" * 300, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
        ("CON\0", "CON"),
    ],
)
def test_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_the_folder_that_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNFS_RUNS", raising=False)
    assert RunsFolder.chosen(None).path == Path("runs")
    monkeypatch.setenv("NNFS_RUNS", "there")
    assert RunsFolder.chosen(None).path == Path("there")
    assert RunsFolder.chosen(Path("here")).path == Path("here")


def test_a_file_is_no_run_though_it_lies_where_one_might(folder: RunsFolder) -> None:
    started(folder)
    path = folder.path.parent / "notes"
    for name in (str(path), str(path / "latest")):
        assert "is a file, not the folder" not in refusal(folder, name)
    path.write_text("mine")
    assert (
        refusal(folder, str(path)) == f"{path} is a file, not the folder of a run; name the folder"
    )


def test_a_second_copy_of_latest_takes_the_next_free_name(folder: RunsFolder) -> None:
    pointer = folder.path / LATEST
    for number in (1, 2):
        run = started(folder)
        pointer.unlink()
        pointer.mkdir()
        (pointer / str(number)).touch()
        assert f".latest-copy-{number} now" in folder.point_latest_at(run)
    copies = sorted(folder.path.glob(".latest-copy-*/*"))
    assert [(path.parent.name, path.name) for path in copies] == [
        (".latest-copy-1", "1"), (".latest-copy-2", "2"),
    ]  # fmt: skip


def test_a_copy_of_latest_that_cannot_be_moved(
    folder: RunsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    run = started(folder)
    (folder.path / LATEST).unlink()
    (folder.path / LATEST).mkdir()
    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(MachineError, match="latest: Permission denied"):
        folder.point_latest_at(run)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a\nb", b"a" * 256])
def test_a_latest_of_text_that_names_no_run(folder: RunsFolder, content: bytes) -> None:
    started(folder)
    (folder.path / LATEST).unlink()
    (folder.path / LATEST).write_bytes(content)
    assert "latest does not name a run; name the run itself" in refusal(folder, LATEST)


def test_runs_that_cannot_be_listed_or_made(
    folder: RunsFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started(folder)

    def refuse(path: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        with pytest.raises(DataError, match=r"cannot read .*runs: Permission denied"):
            folder.all()
    (tmp_path / "file").touch()
    with pytest.raises(MachineError, match="file"), RunsFolder(tmp_path / "file").registering():
        pytest.fail("no folder was made")


def test_no_free_name(folder: RunsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Path.mkdir

    def taken(path: Path, *rest: Any, **options: Any) -> None:
        if path.parent == folder.path:
            raise FileExistsError(17, "File exists")
        make(path, *rest, **options)

    monkeypatch.setattr(Path, "mkdir", taken)
    with pytest.raises(MachineError, match=r"cannot find a free name for .*-x-7f3a; clean up the"):
        folder.create("x", "7f3a0000")


@pytest.mark.parametrize("error", [MachineError("no lock"), OSError(28, "full")])
def test_a_run_that_cannot_be_prepared_leaves_nothing(
    folder: RunsFolder, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run: Run) -> None:
        raise error

    monkeypatch.setattr(Run, "lock", refuse)
    with pytest.raises(MachineError, match=r"no lock|full"):
        folder.create("x", "7f3a0000")
    assert [*folder.path.iterdir()] == []


def test_known_runs_are_not_read_again(folder: RunsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep makes each of a thousand runs without reading those before it."""
    fingerprints = [f"{n:064x}" for n in range(6)]
    runs = [started(folder, fingerprint=each, status=FINISHED) for each in fingerprints]
    for run in runs:
        (run.path / "checkpoints/last.npz").touch()
    read: list[str] = []
    content = runs_folder._content_of

    def counted(run: Run) -> bytes:
        read.append(run.id)
        return content(run)

    monkeypatch.setattr(runs_folder, "_content_of", counted)
    ours = {"environment": RECORD["environment"] | {"nnfs": __version__}}
    for run in runs:
        run.update(**ours)
    assert {*earlier_runs(folder)} == {*fingerprints}
    read.clear()
    assert folder.next_number() == 7
    assert read == []
    found = earlier_run(fingerprints[3], folder, None)
    assert found is not None
    assert (found.id, read) == (runs[3].id, [runs[3].id])
    new = started(folder, fingerprint="f" * 64, number=9)
    assert folder.next_number() == 10
    assert earlier_run(fingerprints[0], folder, None).id == runs[0].id  # type: ignore[union-attr]
    shutil.rmtree(runs[2].path)
    assert earlier_run(fingerprints[2], folder, None) is None
    assert new.id in read
