"""``nnfs check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import (
    ConfigFile,
    DataDir,
    Overrides,
    Plugins,
    RunsDir,
    data_source,
    runs_folder,
)

if TYPE_CHECKING:
    from nnfs_cli.experiment.check import Check
    from nnfs_cli.runs.start import Request


def check(
    console: Console,
    config: ConfigFile,
    overrides: Overrides = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Find every error of CONFIG; show its layers, memory, and how long an epoch will take.

    Of a sweep file, every error of all its trials. Leaves nothing behind and never downloads.

    Examples: nnfs check configs/mnist.yaml; nnfs check configs/mnist.yaml optimizer.lr=1e-2
    """
    from dataclasses import replace

    from nnfs_cli.cli.sweep import is_sweep_file
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.experiment.check import check as check_built
    from nnfs_cli.runs.start import Request, initialize, prepare
    from nnfs_cli.runs.trial import seconds_of_epoch

    load_plugins(plugin or [])
    source = replace(data_source(data_dir, console), offline=True)
    request = Request(config, overrides or [], runs=runs_folder(runs_dir), source=source)
    if is_sweep_file(config):
        _check_sweep(console, request)
        return
    built, notes = prepare(request)
    found = check_built(built, [*notes, *initialize(request, built)])
    found = replace(found, seconds_per_epoch=seconds_of_epoch(request, found.seconds_per_epoch))
    for note in found.notes:
        console.notice(note)
    _tell(console, found)
    console.answer(f"{config} is in order")
    _document(console, config, found)


def _document(console: Console, config: Path, found: Check) -> None:
    console.document(
        config=str(config),
        data=found.data,
        layers=[
            {
                "path": row.path,
                "type": row.type,
                "output_shape": row.output_shape,
                "parameters": row.parameters,
                "flops": row.flops,
            }
            for row in found.layers
        ],
        parameters=found.parameters,
        memory_bytes=found.memory,
        seconds_per_epoch=found.seconds_per_epoch,
        loss=found.loss,
        classes=list(found.classes),
        targets=list(found.names) or None,
        class_weights=found.class_weights or None,
        notes=found.notes,
    )


def _check_sweep(console: Console, request: Request) -> None:
    from nnfs_cli.cli.sweep import asked_by, planned

    asked = asked_by(str(request.config), [*request.overrides], {})
    plan = planned(console, request, asked, 1, [])
    console.answer(f"{request.config} is in order: {plan.total:,} trials")
    console.document(config=str(request.config), trials=plan.total, notes=plan.notices)


def _tell(console: Console, found: Check) -> None:
    from nnfs_cli.compute.arrays import shape_text
    from nnfs_cli.formatting import some

    rows = [
        (row.path, row.type, shape_text(row.output_shape), row.parameters, row.flops)
        for row in found.layers
    ]
    console.table(["layer", "type", "output", "parameters", "FLOPs"], rows)
    console.answer(
        f"data        {found.data}: {shape_text(found.input_shape)} inputs, {found.sizes}"
    )
    if found.classes:
        console.answer(f"classes     {len(found.classes):,}, in this order: {some(found.classes)}")
    if found.names:
        console.answer(f"targets     {len(found.names):,}, in this order: {some(found.names)}")
    if found.class_weights:
        weights = ", ".join(f"{name}: {w:g}" for name, w in found.class_weights.items())
        console.answer(f"weights     {weights}")
    console.answer(f"parameters  {found.parameters:,}")
    console.answer(f"memory      about {found.memory / 2**20:,.0f} MiB")
    console.answer(f"first loss  {found.loss:.4f} {found.expected_loss}".rstrip())
    console.answer(
        f"time        about {found.seconds_per_epoch:.3g} s an epoch, "
        f"{found.seconds_per_epoch * found.epochs:.3g} s in all"
    )
