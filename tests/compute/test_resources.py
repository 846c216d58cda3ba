from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnfs_cli.compute import resources as available
from nnfs_cli.errors import MachineError
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.model import Model


def test_what_fits_is_let_through_and_what_does_not_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(available, "available_bytes", lambda: 3 * 2**30)
    available.require_memory(3 * 2**30, "it", "help")
    with pytest.raises(MachineError, match=r"^it needs about 3\.1 GiB, and 3\.0 GiB .* free; help"):
        available.require_memory(3 * 2**30 + 2**27, "it", "help")


def test_the_systems_word_is_plausible() -> None:
    there = available.available_bytes()
    assert there is None or 2**24 < there < 2**50


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS counts on Linux alone")
def test_a_limit_of_the_process_counts() -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**33, 2**33));"
        "from nnfs_cli.compute.resources import available_bytes as free;"
        "print(2**33 - 2**30 < free() < 2**33 - 2**20 or free() < 2**32)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"


GIB = 2**30
V1 = "5:cpu,cpuacct:/docker/ab\n4:memory:/docker/ab\n"
MACHINES = {
    "no container": ({}, 8 * GIB, 4),
    "version 2, without limits": (
        {"memory.max": "max", "memory.current": "5", "cpu.max": "max 100000"}, 8 * GIB, 4
    ),
    "version 2": (
        {"memory.max": f"{3 * GIB}", "memory.current": f"{GIB}", "cpu.max": "150000 100000"},
        2 * GIB, 2,
    ),
    "files that were read": (
        {"memory.max": f"{3 * GIB}", "memory.current": f"{2 * GIB}",
         "memory.stat": f"anon 7\ninactive_file {GIB}"}, 2 * GIB, 4,
    ),
    "half a processor": ({"cpu.max": "50000 100000"}, 8 * GIB, 1),
    "more than the machine has": (
        {"memory.max": f"{99 * GIB}", "memory.current": "0", "cpu.max": "900000 100000"}, 8 * GIB, 4
    ),
    "nothing left": ({"memory.max": f"{GIB}", "memory.current": f"{2 * GIB}"}, 0, 4),
    "a group above the own": (
        {"self": "0::/a/b\n", "a/memory.max": f"{4 * GIB}", "a/memory.current": f"{GIB}",
         "a/b/memory.max": "max", "a/b/memory.current": "7", "a/b/cpu.max": "100000 100000"},
        3 * GIB, 1,
    ),
    "a path of the host's": (
        {"self": "0::/kubepods/x\n", "memory.max": f"{GIB}", "memory.current": "0"}, GIB, 4
    ),
    "version 1": (
        {"self": V1, "memory/docker/ab/memory.limit_in_bytes": f"{2 * GIB}",
         "memory/docker/ab/memory.usage_in_bytes": f"{GIB // 2}",
         "cpu,cpuacct/docker/ab/cpu.cfs_quota_us": "210000",
         "cpu,cpuacct/docker/ab/cpu.cfs_period_us": "100000"},
        3 * GIB // 2, 3,
    ),
    "version 1, without limits, in a container": (
        {"self": V1, "memory/memory.limit_in_bytes": "9223372036854771712",
         "memory/memory.usage_in_bytes": "5", "cpu/cpu.cfs_quota_us": "-1",
         "cpu/cpu.cfs_period_us": "100000"},
        8 * GIB, 4,
    ),
    "nonsense": (
        {"self": "what\n::::\n", "memory.max": "-", "memory.current": "", "cpu.max": "0 0"},
        8 * GIB, 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MACHINES)
def test_limits_of_containers(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files as the kernel writes them, in the place of /sys and /proc."""
    files, memory, processors = MACHINES[name]
    for file, text in files.items():
        place = tmp_path / ("proc/self/cgroup" if file == "self" else f"cgroup/{file}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text + "\n")
    (tmp_path / "proc").mkdir(exist_ok=True)
    (tmp_path / "proc/meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {8 * GIB // 1024} kB\n")
    monkeypatch.setattr(available, "PROC", tmp_path / "proc")
    monkeypatch.setattr(available, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3}, raising=False)
    monkeypatch.setattr(available, "_quotas", available._quotas.__wrapped__)
    assert available.available_bytes() == memory
    assert available.processors() == processors


def test_a_network_too_large_for_any_machine_is_refused_before_it_is_allocated() -> None:
    with pytest.raises(MachineError, match=r"1,000,003,000,000 parameters .* fewer units"):
        Model([Dense(1_000_000), Dense(1_000_000)], (1,))


@pytest.mark.parametrize("text", [None, "", "MemAvailable: many kB\\n", "MemAvailable:\\n"])
def test_where_the_system_does_not_tell_what_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    """All of the machine's memory counts then; nothing is known where that is not told either."""
    if text is not None:
        (tmp_path / "meminfo").write_text(text)
    monkeypatch.setattr(available, "PROC", tmp_path)
    monkeypatch.setattr(available, "_address_space", lambda: None)
    monkeypatch.setattr(available, "_group_bytes", list)
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert available.available_bytes() == 4_096_000
    for error in (ValueError, OSError, AttributeError):

        def refuse(name: str, error: type[Exception] = error) -> int:
            raise error(name)

        monkeypatch.setattr(os, "sysconf", refuse)
        assert available.available_bytes() is None


def test_a_machine_that_does_not_count_its_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("nnfs_cli.compute.resources._quotas", lambda: [])
    for count, expected in ((None, 1), (7, 7)):
        monkeypatch.setattr("os.cpu_count", lambda count=count: count)
        assert available.processors() == expected
