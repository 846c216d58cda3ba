"""``nnfs explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from nnfs_cli.cli.completion import explained_words
from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import Plugins


def explain(
    console: Console,
    word: Annotated[
        str | None,
        typer.Argument(
            metavar="WORD",
            help="A component, a key of the config, an idea, or a finding.",
            autocompletion=explained_words,
        ),
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Say what WORD means: formula, keys, defaults, limits, paper; without WORD, list all words.

    Examples: nnfs explain adam; nnfs explain train.batch_size; nnfs explain backpropagation
    """
    from dataclasses import asdict

    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.config.reference import Entry, explain, known_words, listing
    from nnfs_cli.inspection.diagnose import CODES, page_of

    load_plugins(plugin or [])
    if word is None:
        found = listing() | {"finding": [*CODES]}
        for name, words in found.items():
            console.answer(f"{name}: {', '.join(words)}")
        console.document(words=found)
        return
    entries = [Entry(f"finding {word}", page_of(word), [])] if word in CODES else []
    if not entries or word in known_words():
        entries += explain(word)
    for entry in entries:
        console.answer(entry.title)
        if entry.text:
            console.answer()
            console.prose(entry.text)
        if entry.keys:
            rows = [(k.name, k.expects, k.default, k.description) for k in entry.keys]
            headers = ["key", "expects", "default", "meaning"]
            if len(entry.keys) > 1 and entry.keys[0].owners:
                headers[0] = "of"
                rows = [
                    (", ".join(k.owners), *row[1:]) for k, row in zip(entry.keys, rows, strict=True)
                ]
            console.table(headers, rows)
    console.document(entries=[asdict(entry) for entry in entries])
