"""``nnfs explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from nnfs_cli.commands.options import Plugins
from nnfs_cli.console import Console


def explain(
    console: Console,
    word: Annotated[
        str | None, typer.Argument(metavar="[WORD]", help="A component or a key of the config.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Say what WORD means: formula, keys, defaults, limits, paper; without WORD, list all words.

    Examples: nnfs explain adam; nnfs explain train.batch_size
    """
    from dataclasses import asdict

    from nnfs_cli.plugins import load_plugins
    from nnfs_cli.reference import explain
    from nnfs_cli.registry import registry

    load_plugins(plugin or [])
    if word is None:
        families = {name: sorted(members) for name, members in registry().items()}
        for name, words in families.items():
            console.answer(f"{name}: {', '.join(words)}")
        console.document(words=families)
        return
    entries = explain(word)
    for entry in entries:
        console.answer(entry.title)
        if entry.text:
            console.answer(f"\n{entry.text}")
        if entry.keys:
            rows = [(k.name, k.expects, k.default, k.description) for k in entry.keys]
            console.table(["key", "expects", "default", "meaning"], rows)
    console.document(entries=[asdict(entry) for entry in entries])
