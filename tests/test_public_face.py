"""The public names: what the package offers, what its stub says, what a type checker makes of it.

``python -m tests.test_public_face`` writes the stub anew.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import nnfs_cli
from nnfs_cli.components.registry import registry
from nnfs_cli.errors import NnfsError

STUB = Path(nnfs_cli.__file__).with_suffix(".pyi")
HEADER = '"""The public names, spelled out for editors and type checkers."""\n'
GOOD = """\
from nnfs_cli import CrossEntropy, Dense, ReLU, SGD, Sequential, train
model = Sequential([Dense(4), ReLU(), Dense(2)])
units: int = Dense(4).units
"""
BAD = {
    "a misspelt name": ("from nnfs_cli import Sequntial\n", "Sequntial"),
    "a misspelt argument": ("from nnfs_cli import Dense\nDense(unts=4)\n", "unts"),
}


def public() -> dict[str, tuple[str, str]]:
    """Every public name, with the module and the name where it is at home."""
    found = {}
    for members in registry().values():
        for cls in members.values():
            if cls.__module__.startswith("nnfs_cli."):
                found.setdefault(cls.__name__, (cls.__module__, cls.__name__))
    return found | {n: (m, n) for n, m in nnfs_cli._HOMES.items()} | nnfs_cli._OTHER_NAMES


def stub() -> str:
    lines = [
        f"from {module} import {own} as {name}" for name, (module, own) in sorted(public().items())
    ]
    return HEADER + "\n" + "\n".join(lines) + "\n\n__version__: str\n"


def test_the_stub_spells_out_every_name() -> None:
    assert STUB.read_text("utf-8") == stub(), "python -m tests.test_public_face"


@pytest.mark.parametrize("name", sorted(public()))
def test_every_name_is_there_and_listed(name: str) -> None:
    module, own = public()[name]
    assert getattr(nnfs_cli, name) is getattr(sys.modules[module], own)
    assert name in dir(nnfs_cli)


def test_both_constants() -> None:
    assert nnfs_cli.ConstantInitializer is nnfs_cli.Constant
    assert nnfs_cli.ConstantSchedule is not nnfs_cli.Constant
    assert nnfs_cli.ConstantSchedule()(7, 10, []) == 1.0


def test_what_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="Sequntial"):
        _ = nnfs_cli.Sequntial
    with pytest.raises(ImportError):
        exec("from nnfs_cli import Sequntial")


def test_an_import_is_light() -> None:
    code = "import sys, nnfs_cli; sys.exit('numpy' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_misuse_is_told_in_our_own_words() -> None:
    with pytest.raises(NnfsError, match="units"):
        nnfs_cli.Dense(0)


@pytest.mark.slow
def test_a_type_checker_knows_the_names(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="type checking wants mypy")
    for number, text in enumerate([GOOD, *(text for text, _ in BAD.values())]):
        (tmp_path / f"case_{number}.py").write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    run = subprocess.run(
        [*command, *map(str, sorted(tmp_path.glob("case_*.py")))],
        capture_output=True,
        text=True,
        check=False,
        cwd=STUB.parents[1],
    )
    complaints = [line for line in run.stdout.splitlines() if "error:" in line]
    assert not [line for line in complaints if "case_0" in line]
    for number, (_, word) in enumerate(BAD.values(), start=1):
        assert any(f"case_{number}" in line and word in line for line in complaints), run.stdout


if __name__ == "__main__":
    STUB.write_text(stub(), "utf-8")
