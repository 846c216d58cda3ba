"""``nnfs reproduce``."""

from __future__ import annotations

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    DataDir,
    Plugins,
    RunName,
    RunsDir,
    data_source,
    run_to_use,
    runs_folder,
)


def reproduce(
    console: Console,
    run: RunName = "latest",
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Train a run again from its own record and say whether it is identical, bit for bit.

    Exit 6 if it is not, with the step where it first differs and what is different here. Nothing
    is written. Example: nnfs reproduce runs/latest
    """
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.errors import TargetError
    from nnfs_cli.runs.reproduce import reproduce

    load_plugins(plugin or [])
    found = run_to_use(run, runs_dir, console)
    source, counter = data_source(data_dir, console), console.counter("training again")
    result = reproduce(found, runs_folder(runs_dir), source, counter)
    console.document(
        **found.outcome() | {"epochs": result.epochs},
        identical=not result.difference,
        steps=result.steps,
        difference=result.difference,
        facts=result.facts,
        not_compared=result.not_compared,
    )
    if result.difference:
        facts = ", ".join(result.facts) or "no recorded fact does: has nnfs itself changed since?"
        error = TargetError(
            f"not identical from {result.difference}", f"what differs here: {facts}"
        )
        error.facts = found.outcome()
        raise error
    console.answer(f"identical: {result.steps:,} steps, {result.epochs:,} epochs, bit for bit")
    console.answer(f"not compared: {', '.join(result.not_compared)}")
    for fact in result.facts:
        console.notice(f"{fact}, and it does not matter")
