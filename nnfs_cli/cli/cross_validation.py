"""A cross-validation that has finished: what each fold's network predicts is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnfs_cli.cli.console import Console

if TYPE_CHECKING:
    from nnfs_cli.sweeps.sweep import Sweep


def keep_predictions(console: Console, sweep: Sweep) -> dict[str, Any]:
    """Write what each fold's network predicts of the samples that it was not trained on."""
    from nnfs_cli.reports.out_of_fold import write_out_of_fold

    rows = sorted(sweep.rows.values(), key=lambda row: row.trial.number)
    runs = {row.trial.values[0]: row.end.run for row in rows}
    source = rows[0].trial.request.source
    path = sweep.folder.path / "out_of_fold.csv"
    count = write_out_of_fold(path, runs, source)
    console.answer(f"{count:,} samples, each predicted by the run without it: {path}", whole=True)
    return {"out_of_fold": str(path)}
