"""``nnfs data``: list, get, info."""

from __future__ import annotations

from typing import Annotated

import typer

from nnfs_cli.commands.options import ConfigFile, DataDir, Overrides, Plugins, data_source
from nnfs_cli.console import Console


def list_(console: Console, data_dir: DataDir = None) -> None:
    """List the data sets, and whether they are on this machine."""
    from dataclasses import asdict

    import nnfs_cli.config  # noqa: F401  # registers every data set
    from nnfs_cli.data.catalogue import listing

    entries = listing(data_source(data_dir, console))
    rows = [(e.name, e.summary, e.classes, e.train, e.test, e.availability) for e in entries]
    console.table(["name", "what", "classes", "train", "test", "where"], rows)
    console.document(datasets=[asdict(entry) for entry in entries])


def get(
    console: Console,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A data set, such as mnist.")],
    data_dir: DataDir = None,
) -> None:
    """Fetch a data set beforehand, checked by its hashes."""
    import nnfs_cli.config  # noqa: F401  # registers every data set
    from nnfs_cli.data.catalogue import download

    files = download(name, data_source(data_dir, console))
    for path in files:
        console.answer(str(path))
    if not files:
        console.answer(f"{name} needs no files")
    console.document(name=name, files=[str(path) for path in files])


def info(
    console: Console,
    config: ConfigFile,
    overrides: Overrides = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Look at the data of CONFIG: sizes, classes, balance, ranges, duplicates between splits."""
    from nnfs_cli.config import load_config
    from nnfs_cli.data.inspection import inspect
    from nnfs_cli.data.prepare import prepare
    from nnfs_cli.plugins import load_plugins
    from nnfs_cli.reporting import report_inspection

    load_plugins(plugin or [])
    loaded, _ = load_config(config, overrides or [])
    data = prepare(loaded.data, data_source(data_dir, console))
    if data.notice:
        console.notice(data.notice)
    report_inspection(console, inspect(data))
