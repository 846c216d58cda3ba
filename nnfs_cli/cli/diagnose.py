"""``nnfs diagnose``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    ConfigOrRun,
    DataDir,
    Overrides,
    Plugins,
    RunsDir,
    experiment_of,
    is_config,
    runs_folder,
)

if TYPE_CHECKING:
    from nnfs_cli.inspection.diagnose import Diagnosis


def diagnose(
    console: Console,
    target: ConfigOrRun,
    overrides: Overrides = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Exit 6 if this is found; repeatable, any: whatever."),
    ] = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Say what is wrong, with numbers, and which override mends it. Writes nothing.

    Of a CONFIG it trains a little, at most 30 seconds; a RUN is judged by its own records.
    Examples: nnfs diagnose configs/moons.yaml optimizer.lr=1e-6; nnfs diagnose latest --fail-on
    overfitting
    """
    from nnfs_cli.errors import TargetError
    from nnfs_cli.inspection.diagnose import diagnose_config, diagnose_run, require_code

    unwanted = [code if code == "any" else require_code(code) for code in fail_on or ()]
    built = experiment_of(console, target, overrides, None, runs_dir, data_dir, plugin)
    if is_config(target):
        console.progress("training a little, at most 30 seconds; nothing is written")
        found = diagnose_config(built)
    else:
        found = diagnose_run(runs_folder(runs_dir).find(target), built)
    if found.note:
        console.notice(found.note)
    _tell(console, found)
    console.document(
        target=target,
        data=built.data.name,
        epochs=found.epochs,
        seconds=round(found.seconds, 3),
        findings=[finding.to_json() for finding in found.findings],
    )
    failed = [f.code for f in found.findings if f.code in unwanted or "any" in unwanted]
    if failed:
        raise TargetError(f"found {', '.join(failed)}", "see the remedies above")


def _tell(console: Console, found: Diagnosis) -> None:
    for finding in found.findings:
        console.answer(f"{finding.code}: {finding.text}")
        if finding.remedy:
            console.answer(f"    remedy  {finding.pasted}", whole=True)
        if finding.advice:
            console.answer(f"    note    {finding.advice}")
    if not found.findings:
        console.answer(f"nothing found, of {found.epochs:,} epochs looked at")
