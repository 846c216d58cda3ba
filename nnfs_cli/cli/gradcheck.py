"""``nnfs gradcheck``."""

from __future__ import annotations

from typing import Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import ConfigFile, DataDir, Overrides, Plugins, data_source


def gradcheck(
    console: Console,
    config: ConfigFile,
    overrides: Overrides = None,
    seed: Annotated[int, typer.Option(help="Decides inputs and checked entries.")] = 0,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Compare every gradient of CONFIG's network with central differences, in float64.

    Exit 6 if one is wrong. Example: nnfs gradcheck configs/mnist.yaml
    """
    from nnfs_cli.config.config import load_config
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.errors import TargetError
    from nnfs_cli.experiment.gradient_check import check_gradients

    load_plugins(plugin or [])
    loaded, document = load_config(config, overrides or [])
    for note in document.notes:
        console.notice(note)
    results = check_gradients(loaded, document, data_source(data_dir, console), seed)
    rows = [(r.name, f"{r.max_error:.1e}", "ok" if r.ok else "WRONG") for r in results]
    console.table(["gradient of the loss by", "largest error", ""], rows)
    console.document(
        gradients=[{"name": r.name, "max_error": r.max_error, "ok": r.ok} for r in results]
    )
    wrong = [r.name for r in results if not r.ok]
    if wrong:
        raise TargetError(f"the gradient is wrong for {', '.join(wrong)}", "see its backward")
