"""A team of processes trains what one process trains, and never outlives it."""

from __future__ import annotations

import copy
import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.context import ForkContext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute import process_team as workers_module
from nnfs_cli.compute.arrays import Array, shared_zeros
from nnfs_cli.compute.process_team import BOARD_BYTES, Workers, can_fork, require_processes
from nnfs_cli.compute.team import Team
from nnfs_cli.config.config import Config, validate
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.data.batches import Batches
from nnfs_cli.data.from_arrays import data_from_arrays
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DivergedError, MachineError, UsageError
from nnfs_cli.experiment.build import build
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.model import Model
from nnfs_cli.runs.signals import WATCHED, Signals
from nnfs_cli.training.loop import Epoch, Step, Training
from nnfs_cli.training.workers import fitting_workers, team_of

pytestmark = pytest.mark.skipif(not can_fork(), reason="only Linux forks workers")

LAYERS: list[Any] = [
    "flatten",
    {"type": "dense", "units": 12},
    "batch_norm",
    "tanh",
    {"type": "dense", "units": 10},
]


def training(workers: int, **changes: Any) -> Training:
    keys: dict[str, Any] = {
        "data": {"type": "digits", "limit": 203},
        "layers": LAYERS,
        "loss": {"type": "cross_entropy", "class_weights": [1, 2, 1, 1, 3, 1, 1, 0.5, 1, 1]},
        "optimizer": {"type": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 0.01},
        "schedule": {"type": "plateau", "patience": 1, "gamma": 0.5},
        "metrics": ["accuracy"],
        "train": {"epochs": 3, "batch_size": 32, "clip_norm": 0.5},
    }
    config: Config = validate(Document(keys | changes))
    config.train.workers = workers
    return build(config, Source()).training


def trained(workers: int, **changes: Any) -> tuple[Training, list[Step | Epoch]]:
    ours = training(workers, **changes)
    return ours, list(ours)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_workers_learn_what_one_learns(size: int) -> None:
    """With batch statistics, class weights, clipping, decay, plateau and an uneven last batch."""
    (one, alone), (team, together) = trained(1), trained(size)
    for ours, theirs in zip(together, alone, strict=True):
        assert type(ours) is type(theirs)
        if isinstance(ours, Epoch) and isinstance(theirs, Epoch):
            assert ours.record == pytest.approx(theirs.record, rel=2e-3)
        elif isinstance(ours, Step) and isinstance(theirs, Step):
            assert ours.loss == pytest.approx(theirs.loss, rel=1e-3)
            assert (ours.lr, ours.samples) == (theirs.lr, theirs.samples)
    np.testing.assert_allclose(team.model.flat.values, one.model.flat.values, atol=2e-4)
    for path, buffer in team.model.named_buffers().items():
        expected = one.model.named_buffers()[path].value
        np.testing.assert_allclose(buffer.value, expected, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("size", [2, 3])
def test_the_same_number_of_workers_gives_the_same_bytes(size: int) -> None:
    layers = [*LAYERS[:-1], {"type": "dropout", "rate": 0.3}, LAYERS[-1]]
    (one, first), (other, second) = trained(size, layers=layers), trained(size, layers=layers)
    assert one.model.flat.values.tobytes() == other.model.flat.values.tobytes()
    assert first == second


def test_every_worker_has_a_sample_of_every_batch() -> None:
    changes = {"data": {"type": "digits", "limit": 29}, "train": {"epochs": 2, "batch_size": 4}}
    (one, _), (team, _) = trained(1, **changes), trained(2, **changes)
    np.testing.assert_allclose(team.model.flat.values, one.model.flat.values, atol=2e-4)
    with pytest.raises(UsageError, match="3 workers cannot share a batch of 2, the smallest"):
        trained(3, **changes)


def test_every_worker_tells_a_divergence() -> None:
    changes = {"optimizer": {"type": "sgd", "lr": 1e6}, "train": {"epochs": 9, "batch_size": 32}}
    with pytest.raises(DivergedError, match="diverged"):
        trained(2, layers=["flatten", LAYERS[-1]], loss="mse", **changes)


def in_team(size: int, task: Callable[[Workers], Array]) -> list[Array]:
    """What the task returns in every worker."""
    team, results = Workers(size), shared_zeros((size, 40_000), np.float64)

    def work() -> None:
        result = task(team)
        results[team.rank, : result.size] = result
        team.barrier()

    with team.at_work(work):
        work()
        return list(results)


def test_sums_are_over_all_workers_in_the_order_of_ranks() -> None:
    numbers = np.array([1e8, 1.0, -1e8], np.float32)  # 1 is lost in any other order

    def task(team: Workers) -> Array:
        total = team.all_reduce(numbers[team.rank : team.rank + 1])
        return np.array([float(total[0]), team.all_reduce(0.5 + team.rank)])

    first = (numbers[0] + numbers[1]) + numbers[2]
    for result in in_team(3, task):
        assert result[:2].tolist() == [first, 4.5]


def test_sums_larger_than_a_board_and_many_of_them() -> None:
    size = BOARD_BYTES // 8 * 2 + 7
    values = np.random.default_rng(0).integers(0, 1000, (2, size)).astype(np.float64)

    def task(team: Workers) -> Array:
        total = values[team.rank]
        for _ in range(50):
            total = team.all_reduce(total) / 2.0
        return total

    for result in in_team(2, task):
        np.testing.assert_array_equal(result[:size], values.sum(axis=0) / 2.0)


def test_every_worker_knows_the_global_count() -> None:
    team = Workers(3)
    for team.rank in range(3):
        for samples in (3, 7, 128):
            team.start_batch(samples)
            own = len(range(samples)[team.shard(samples)])
            assert team.global_count(own * 10.0) == samples * 10.0
    assert Team().global_count(5.0) == 5.0


def test_every_worker_has_a_shard() -> None:
    for size in (1, 2, 3, 7):
        shards = []
        for rank in range(size):
            team = Workers(size)
            team.rank = rank
            shards += list(range(11))[team.shard(11)]
        assert shards == list(range(11))


def test_the_error_of_a_worker_is_told() -> None:
    def task(team: Workers) -> Array:
        if team.rank == 2:
            raise KeyError("something of a plugin's")
        return np.array([team.all_reduce(1.0)])

    with pytest.raises(MachineError, match=r"worker 2 of 3 failed: KeyError: .*plugin's"):
        in_team(3, task)


def test_a_killed_worker_is_noticed() -> None:
    def task(team: Workers) -> Array:
        if team.rank:
            os.kill(os.getpid(), signal.SIGKILL)
        return np.array([team.all_reduce(1.0)])

    with pytest.raises(MachineError, match="worker 1 of 2 failed: it ended with -9"):
        in_team(2, task)


def test_every_worker_waits_for_a_slow_one() -> None:
    def task(team: Workers) -> Array:
        if team.rank == 1:
            time.sleep(1.2)
        return np.array([team.all_reduce(1.0 + team.rank)])

    assert [result[0] for result in in_team(3, task)] == [6.0] * 3


def test_a_worker_that_fails_behind_a_slow_one_is_told() -> None:
    def task(team: Workers) -> Array:
        if team.rank == 1:
            time.sleep(1.2)
        if team.rank == 3:
            raise KeyError("of a plugin's")
        return np.array([team.all_reduce(1.0)])

    with pytest.raises(MachineError, match="worker 3 of 4 failed: KeyError"):
        in_team(4, task)


def test_a_stopped_worker_goes_on_where_the_training_is_asked_to_end() -> None:
    def task(team: Workers) -> Array:
        if team.rank == 1:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif team.rank == 0:
            threading.Timer(0.3, team.hurry).start()
        return np.array([team.all_reduce(1.0)])

    began = time.monotonic()
    assert [result[0] for result in in_team(3, task)] == [3.0] * 3
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("number", WATCHED)
def test_signals_to_a_worker_do_not_end_it(number: int) -> None:
    """A processor time limit is its own and so passed on; all others reach rank 0 anyway."""

    def task(team: Workers) -> Array:
        if team.rank:
            os.kill(os.getpid(), number)
            time.sleep(0.05)
        return np.array([team.all_reduce(1.0)])

    with Signals() as signals:
        assert [result[0] for result in in_team(2, task)] == [2.0] * 2
    assert signals.caught == (number if number == signal.SIGXCPU else None)


@pytest.mark.parametrize("stop_after", [1, 7, 8])
def test_a_team_works_again_as_if_it_were_the_first_time(stop_after: int) -> None:
    """A worker that was stopped in a step left gates open for the next time."""
    whole, _ = trained(3)
    twice = training(3)
    for number, _ in enumerate(iter(twice), start=1):
        if number == stop_after:
            break
    twice.progress = copy.deepcopy(twice.snapshot())
    for _ in twice:
        pass
    assert twice.snapshot() == whole.snapshot()
    assert twice.model.flat.values.tobytes() == whole.model.flat.values.tobytes()


def test_no_worker_is_left_where_the_caller_stops_iterating() -> None:
    ours = training(3)
    steps = iter(ours)
    next(steps)
    team = ours.team
    assert isinstance(team, Workers)
    processes = list(team._others)
    assert all(process.is_alive() for process in processes)
    steps.close()  # type: ignore[attr-defined]
    assert not any(process.is_alive() for process in processes)
    outputs = ours.model.forward(ours.batches.inputs[:4], True)
    assert outputs.shape == (4, 10)  # batch_norm does not wait for workers that are gone


def test_a_worker_out_of_memory_is_the_same_as_the_first_out_of_memory() -> None:
    def task(team: Workers) -> Array:
        if team.rank:
            raise MemoryError("16 EiB")
        return np.array([team.all_reduce(1.0)])

    with pytest.raises(MemoryError):
        in_team(2, task)


WAITING = """
import sys, time
from tests.compute.test_process_team import training
steps = iter(training(2))
next(steps)
print(*[process.pid for process in steps.gi_frame.f_locals["self"].team._others])
sys.stdout.flush()
time.sleep(60)
"""
BUSY = """
import sys, time
from nnfs_cli.compute.process_team import Workers
def work():
    while True:
        pass
team = Workers(2)
with team.at_work(work):
    print(team._others[0].pid)
    sys.stdout.flush()
    time.sleep(60)
"""


@pytest.mark.parametrize("orphans", [WAITING, BUSY], ids=["waiting", "busy"])
def test_workers_end_with_the_process_that_forked_them(orphans: str) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", orphans]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout
        worker = int(process.stdout.readline())
        process.kill()
        process.wait()
    for _ in range(300):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        if f"/proc/{worker}/stat" and " Z " in Path(f"/proc/{worker}/stat").read_text():
            return
        time.sleep(0.01)
    pytest.fail("the worker lives on")


def test_the_number_of_workers_is_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = Model([Dense(10)], (64,)), Model([Dense(512)], (784,))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    assert (fitting_workers(small, 64), fitting_workers(large, 64)) == (1, 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert fitting_workers(large, 64) == 1


def test_elsewhere_there_is_one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module.sys, "platform", "darwin")
    assert fitting_workers(Model([Dense(512)], (784,)), 512) == 1
    with pytest.raises(MachineError, match="needs Linux"):
        training(2)


def no_semaphores(context: object, value: int) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def no_fork() -> int:
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def choose(size: int | None) -> tuple[int, str]:
    """The size of a team for work that suits two workers, and why it is not two."""
    model = Model([Dense(512)], (784,))
    data = data_from_arrays(np.zeros((640, 784)), np.arange(640) % 2)
    batches = Batches(data.train, data.preprocessing, data.train.targets, 64)
    try:
        team = team_of(size, model, batches)
    except MachineError as error:
        return error.code, str(error)
    return team.size, team.alone_because


@pytest.mark.parametrize("lacking", ["semaphores", "processes", "leave to have children"])
def test_where_workers_cannot_be_had_there_is_one_unless_more_were_asked_for(
    lacking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert (choose(None), choose(2)) == ((2, ""), (2, ""))
    if lacking == "semaphores":
        monkeypatch.setattr(ForkContext, "Semaphore", no_semaphores)
        why = "processes cannot share semaphores here"
    elif lacking == "processes":
        monkeypatch.setattr(os, "fork", no_fork)
        why = "no other process can be started (Resource temporarily unavailable)"
    else:
        with multiprocessing.get_context("fork").Pool(1) as pool:
            found, asked = pool.map(choose, [None, 2])
        assert found == (1, "a daemonic process may start no other processes")
        assert asked == (5, f"{found[1]}; set train.workers=1")
        return
    size, reason = choose(None)
    assert (size, reason.startswith(why)) == (1, True)
    code, error = choose(2)
    assert (code, error) == (5, f"{reason}; set train.workers=1")


def test_workers_keep_nothing_open_that_is_not_theirs(tmp_path: Path) -> None:
    """A pipe of the caller's, whose other end would wait for them too, or a file."""
    with (tmp_path / "file").open("w") as file:

        def task(team: Workers) -> Array:
            links = [os.path.realpath(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")]
            return np.array([file.name in links, len(links)], dtype=float)

        rank_0, *others = in_team(3, task)
    assert rank_0[0]
    for result in others:
        assert not result[0]
        assert result[1] <= 5


def test_asking_for_processes_leaves_none() -> None:
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    before = children.read_text().split()
    require_processes()
    assert {*children.read_text().split()} <= {*before}
