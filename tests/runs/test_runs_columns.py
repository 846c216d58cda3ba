"""Each run is one line of a terminal, and its id, however short, names it."""

from __future__ import annotations

import random

import pytest

from nnfs_cli.formatting import cell_text
from nnfs_cli.runs.runs_columns import fitted, shortened

IDS = ["20261125-162432-toy-9a6f", "20261125-162432-toy-9a6f-2", "20261125-162432-a-1111",
       "20261125-162433-toy-9a6f", "mine", "20261126-x", "2026"]  # fmt: skip


def test_a_short_id_is_the_start_of_one_run_alone() -> None:
    generator = random.Random(0)
    for _ in range(200):
        ids = generator.sample(IDS, generator.randint(1, len(IDS)))
        for run, short in shortened(ids).items():
            assert run.startswith(short)
            assert short in ids or sum(other.startswith(short) for other in ids) == 1
            assert len(short) >= min(15, len(run))
    assert shortened(IDS[3:5]) == {IDS[3]: "20261125-162433", "mine": "mine"}


CELLS = {
    "run": IDS[:2],
    "status": ["finished", "interrupted"],
    "data": ["moons", "moons"],
    "epochs": [3, 100],
    "val_loss": [0.9, None],
    "val_accuracy": [0.25, None],
    "test_loss": [0.9, None],
    "test_accuracy": [0.36, None],
    "changes": ["optimizer.lr=0.001 " * 4, ""],
}


@pytest.mark.parametrize("width", range(40, 240))
@pytest.mark.parametrize("sort", [None, "val_loss", "changes"])
def test_what_is_shown_fits(width: int, sort: str | None) -> None:
    shown = fitted(CELLS, shortened(IDS), sort, width)
    widest = [max(len(name), *(len(cell_text(v)) for v in c)) for name, c in shown.items()]
    total = sum(widest) + 3 * (len(widest) - 1) + 4
    assert total <= max(width, 55 if sort != "changes" else 138)
    assert {"run", "status"} <= set(shown)
    assert list(shown) == [name for name in CELLS if name in shown]
    if width > 230:
        assert shown == CELLS


def test_in_which_order_columns_come() -> None:
    seen: list[str] = []
    for width in range(50, 240):
        for name in fitted(CELLS, shortened(IDS), "test_loss", width):
            seen += [name] if name not in seen else []
    assert seen[:3] == ["run", "status", "test_loss"]
    assert seen.index("val_accuracy") < seen.index("val_loss"), "losses give way first"
    assert set(seen) == set(CELLS)
