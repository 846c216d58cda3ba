"""``nnfs data``: list, get, info, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import ConfigFile, DataDir, Overrides, Plugins, ThemeName, data_source


def list_(console: Console, data_dir: DataDir = None) -> None:
    """List the data sets, and whether they are on this machine."""
    from dataclasses import asdict

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
    from nnfs_cli.cli.reporting import report_inspection
    from nnfs_cli.config.config import load_config
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.data.inspection import inspect
    from nnfs_cli.data.prepare import prepare

    load_plugins(plugin or [])
    loaded, document = load_config(config, overrides or [])
    data = prepare(loaded.data, data_source(data_dir, console))
    for note in filter(None, [*document.notes, data.notice]):
        console.notice(note)
    report_inspection(console, inspect(data))


def show_samples(
    console: Console,
    config: ConfigFile,
    overrides: Overrides = None,
    samples: Annotated[
        int | None,
        typer.Option(
            min=1, max=1000, help="How many [default: 40, or 8 where data.augment is; 1500 points]."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The PNG file [default: CONFIG's name-samples.png]."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace any existing file.")] = False,
    theme: ThemeName = "light",
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Draw training images of CONFIG with their labels into a PNG file, augmented if they are.

    An augmented sample has a row: itself, then seven versions of it. Samples of one or two
    features are drawn as points (with the extra `plot`). Examples: nnfs data show
    configs/mnist.yaml 'data.augment=[rotate, elastic]'; nnfs data show configs/moons.yaml
    """
    from nnfs_cli.config.config import load_config
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.experiment.build import build_data
    from nnfs_cli.reports.plots.data_points import are_points, draw_points
    from nnfs_cli.reports.plots.theme import THEMES
    from nnfs_cli.reports.sample_sheet import draw_sheet, write_sheet

    load_plugins(plugin or [])
    loaded, document = load_config(config, overrides or [])
    data = build_data(loaded, data_source(data_dir, console), document)
    for note in filter(None, [*document.notes, data.notice]):
        console.notice(note)
    if are_points(data):
        sheet, count = draw_points(data, loaded.seed, samples, THEMES[theme])
    else:
        sheet, count = draw_sheet(data, loaded.seed, samples, theme)
    path = output or Path(f"{config.stem}-samples.png")
    write_sheet(path, sheet, force)
    console.answer(str(path))
    console.document(
        path=str(path), data=data.name, samples=count, augmented=bool(loaded.data.augment)
    )
