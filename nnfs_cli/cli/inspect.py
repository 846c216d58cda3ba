"""``nnfs inspect``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from nnfs_cli.errors import DataError, UsageError

if TYPE_CHECKING:
    from nnfs_cli.compute.arrays import Array
    from nnfs_cli.experiment.build import Built
    from nnfs_cli.inspection.look import Look
    from nnfs_cli.runs.run import Run
    from nnfs_cli.training.network import Network


def inspect_(
    console: Console,
    run: RunName = "latest",
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="An image, .npy or table [default: a sample]."),
    ] = None,
    sample: Annotated[
        int | None, typer.Option(help="A sample of the split, counted from 0 [default: 0].")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="train, validation or test [default: test].")
    ] = None,
    worst: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Instead: the samples most wrong.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page with images instead.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace any file; answer where no figure was found.")
    ] = False,
    checkpoint: Annotated[
        str | None, typer.Option("--checkpoint", help="best or last [default: best, else last].")
    ] = None,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Show what a run's network does with a sample: layers, what mattered, its like in training.

    Examples: nnfs inspect latest; nnfs inspect latest digit.png --html page.html; nnfs inspect
    latest --worst 20 --html worst.html
    """
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.page_file import require_free

    load_plugins(plugin or [])
    if file is not None and (sample, split, worst) != (None, None, None):
        raise UsageError(
            "--sample, --split and --worst are of the run's own data", "leave them or FILE out"
        )
    if worst is not None and sample is not None:
        raise UsageError("--sample and --worst exclude each other", "give one of them")
    if html is not None:
        require_free(html, force)
    chosen = run_to_use(run, runs_dir, console)
    built, network = _opened(console, chosen, checkpoint, runs_dir, data_dir, file is not None)
    if worst is not None:
        assert built is not None
        _show_worst(console, chosen, built, split or "test", worst, html)
        return
    if file is None:
        assert built is not None
        name, truth, array = _own(built, split or "test", sample or 0)
    else:
        name, truth, array = file, "", _read(console, network, file, force)
    from nnfs_cli.inspection.look import look_at

    training = built.data.train if built else None
    progress = console.counter("comparing")
    _show(console, chosen, look_at(network, array, name, truth, training, progress), network, html)


def _opened(
    console: Console,
    run: Run,
    checkpoint: str | None,
    runs_dir: Path | None,
    data_dir: Path | None,
    network_suffices: bool,
) -> tuple[Built | None, Network]:
    """The run with its data; the network alone where that is not to be had and suffices."""
    from nnfs_cli.runs.load import load_run
    from nnfs_cli.runs.reopen import reopen

    runs = runs_folder(runs_dir)
    name = checkpoint or run.chosen_checkpoint(None).stem
    try:
        built = reopen(run, runs, data_source(data_dir, console), name)
    except DataError as error:
        if not network_suffices:
            raise
        loaded = load_run(run.path, checkpoint, runs)
        console.notice(f"without the nearest training samples: {error.message}")
        return None, loaded.network
    return built, built.network


def _own(built: Built, split: str, sample: int) -> tuple[str, str, Array]:
    """A sample of the run's own data: its name, its target, its raw input."""
    from nnfs_cli.inspection.look import target_text

    samples = built.data.split(split)
    if not 0 <= sample < len(samples):
        raise DataError(
            f"there is no {split} sample {sample}", f"they go from 0 to {len(samples) - 1:,}"
        )
    truth = target_text(built.network, samples.targets[sample])
    return f"{split} sample {sample}", truth, samples.inputs[sample]


def _read(console: Console, network: Network, file: str, force: bool) -> Array:
    """The one sample of a file, as `nnfs predict` reads it."""
    from nnfs_cli.predict.inputs import Failure, read_inputs

    found = list(read_inputs([file], network.preprocessing))
    if len(found) != 1:
        raise DataError(f"{file} has {len(found):,} samples", "give a file of one")
    (one,) = found
    if isinstance(one, Failure):
        raise one.error
    if one.refusal and not force:
        raise DataError(f"{file}: {one.refusal}", "--force looks at it all the same")
    for note in one.notes:
        console.notice(note)
    return one.array


def _show(console: Console, run: Run, look: Look, network: Network, html: Path | None) -> None:
    from nnfs_cli.inspection.look_document import look_document
    from nnfs_cli.inspection.look_page import look_page
    from nnfs_cli.inspection.look_text import layer_rows, look_lines
    from nnfs_cli.page_file import write_page

    if html is not None:
        write_page(html, look_page(look, run.id))
        console.answer(str(html))
    else:
        for line in look_lines(look, network.preprocessing, console.small_image):
            console.answer(line, whole=True)
        console.answer()
        console.table(["layer", "output", "mean", "std", "zeros"], layer_rows(look))
    console.document(run=str(run.path), page=html, **look_document(look))


def _show_worst(
    console: Console, run: Run, built: Built, split: str, count: int, html: Path | None
) -> None:
    from dataclasses import asdict

    from nnfs_cli.inspection.look_page import gallery_page
    from nnfs_cli.inspection.worst import worst
    from nnfs_cli.page_file import write_page

    samples = built.data.split(split)
    mistakes, wrong = worst(built.network, samples, count)
    of_all = f"{wrong:,} of {len(samples):,} {split} samples are answered wrongly"
    if html is not None:
        about = of_all if built.network.task != "values" else ""
        write_page(html, gallery_page(mistakes, samples, run.id, split, about))
        console.answer(str(html))
    else:
        if built.network.task != "values":
            console.answer(of_all)
        rows: list[tuple[Any, ...]] = [
            (m.sample, m.true, m.answer, m.probability, m.error, m.origin) for m in mistakes
        ]
        console.table(["sample", "true", "answer", "probability", "error", "from"], rows)
    console.document(
        run=str(run.path), split=split, page=html, wrong=wrong, worst=[asdict(m) for m in mistakes]
    )
