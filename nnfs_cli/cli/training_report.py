"""How a training's end is told: a summary for people, a document for programs."""

from __future__ import annotations

from contextlib import suppress

from nnfs_cli.cli.console import Console
from nnfs_cli.errors import DataError
from nnfs_cli.formatting import figure
from nnfs_cli.runs.events import Finished, Skipped


def report_training(console: Console, end: Finished | Skipped, print_run_dir: bool = False) -> None:
    """Say how a training ended and what to type next."""
    record = end.record if isinstance(end, Finished) else end.run.read()
    facts = record.to_json()
    console.document(
        **end.run.outcome(record),
        id=end.run.id,
        skipped=isinstance(end, Skipped),
        data=facts["data"],
        seconds=record.seconds,
        best=facts["best"],
        metrics=record.metrics,
        test=record.test,
    )
    if print_run_dir:
        if isinstance(end, Skipped):  # a training has told it when it began
            console.path(end.run.path)
        return
    if isinstance(end, Skipped):
        console.answer(end.reason)
        return
    data, best = record.data, record.best
    if record.test:
        figures = ", ".join(f"{name} {figure(name, v)}" for name, v in record.test.items())
        console.answer(f"test   {figures}  ({data.name}, {data.samples.get('test', 0):,} samples)")
    if best:
        console.answer(
            f"best   epoch {best.epoch} of {record.epochs}, {best.monitor} "
            f"{best.value:.4f}, after {record.seconds:.1f} s"
        )
    console.answer(f"run    {end.run.path}", whole=True)
    _tell_finding(console, end)
    following = [f"nnfs eval {end.run.path}"] if record.test else []
    following.append(f"nnfs predict FILE --run {end.run.path}")
    for number, command in enumerate(following):
        console.answer(f"{'' if number else 'next':7}{command}", whole=True)


def _tell_finding(console: Console, end: Finished) -> None:
    """The worst that a diagnosis finds in what the run has recorded anyway, in a quiet line."""
    if console.quiet:
        return
    from nnfs_cli.inspection.diagnose import worst_finding

    with suppress(DataError):  # a file of the run was replaced while it trained
        finding = worst_finding(end.run, end.built)
        if finding is not None:
            console.progress(
                f"found  {finding.code}: {finding.text} (nnfs diagnose {end.run.path})"
            )
