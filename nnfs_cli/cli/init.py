"""``nnfs init``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from nnfs_cli.cli.completion import recipe_names
from nnfs_cli.cli.console import Console


def init(
    console: Console,
    preset: Annotated[
        str | None,
        typer.Argument(
            metavar="PRESET",
            help="A recipe's name, a CSV file or an image folder.",
            autocompletion=recipe_names,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write it [default: PRESET.yaml]."),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="The column to predict, for a CSV [default: the last].")
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column to leave out, for a CSV; repeatable."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a commented config to start from; without PRESET, list the recipes.

    Examples: nnfs init mnist; nnfs init houses.csv --target price; nnfs init images/
    """
    from nnfs_cli.config.presets import presets, starting_config, write_config
    from nnfs_cli.config.recipes import TEXTBOOKS

    if preset is None:
        found, textbooks = presets(), presets(TEXTBOOKS)
        console.table(["preset", "what"], list(found.items()))
        console.table(["from a textbook", "what"], list(textbooks.items()))
        ways = "`nnfs init PRESET`, `nnfs init TABLE.csv` or `nnfs init FOLDER`"
        console.answer(f"write one with {ways}")
        console.document(
            presets=[{"name": n, "summary": s} for n, s in found.items()],
            textbooks=[{"name": n, "summary": s} for n, s in textbooks.items()],
        )
        return
    start = starting_config(preset, target, ignore or [])
    path = output or Path(f"{start.name}.yaml")
    write_config(path, start.text, force)
    if start.notice:
        console.notice(start.notice)
    for line in start.taken:
        console.answer(line)
    console.answer(f"wrote {path}; train it with `nnfs train {shlex.quote(str(path))}`")
    console.document(path=str(path), taken=list(start.taken), notice=start.notice)
