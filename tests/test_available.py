from __future__ import annotations

import subprocess
import sys

import pytest

from nnfs_cli import available
from nnfs_cli.errors import MachineError
from nnfs_cli.layers.dense import Dense
from nnfs_cli.model import Model


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
        "from nnfs_cli.available import available_bytes; print(available_bytes() <= 2**33)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"


def test_a_network_too_large_for_any_machine_is_refused_before_it_is_allocated() -> None:
    with pytest.raises(MachineError, match=r"1,000,003,000,000 parameters .* fewer units"):
        Model([Dense(1_000_000), Dense(1_000_000)], (1,))
