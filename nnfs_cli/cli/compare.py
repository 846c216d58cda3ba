"""``nnfs compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.named_runs import RunNames, collecting_later, runs_named
from nnfs_cli.cli.options import DataDir, Plugins, RunsDir, data_source

if TYPE_CHECKING:
    from nnfs_cli.data.source import Source
    from nnfs_cli.reports.comparing.groups import Comparison


def compare(
    console: Console,
    runs: RunNames,
    metric: Annotated[
        str | None,
        typer.Option(help="Decides which is best [default: the monitored value]."),
    ] = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Answer with CSV: every figure of every group.")
    ] = False,
    as_markdown: Annotated[
        bool, typer.Option("--md", help="Answer with a table in Markdown.")
    ] = False,
    runs_dir: RunsDir = None,
    data_dir: DataDir = None,
    plugin: Plugins = None,
) -> None:
    """Compare runs: the keys that differ, the figures, and whether a difference is noise.

    Runs that differ in seed or fold alone are a group, with mean, standard deviation and a 95 %
    interval; groups are compared by Welch's t-test (of many, with Holm's correction), those of
    --folds fold by fold, by a t-test that allows for what folds share. Two single runs are compared
    on the samples that both were tested on: by McNemar's test (classes) or a paired bootstrap
    (values), from what `nnfs eval` has written, or else with their checkpoints.

    Examples: nnfs compare latest latest~1; nnfs compare sweeps/20261126-101500-mnist; nnfs compare
    '2026*-mnist-*' --metric test_accuracy --md
    """
    from nnfs_cli.config.plugins import load_plugins
    from nnfs_cli.errors import UsageError
    from nnfs_cli.reports.comparing.groups import compared

    if as_csv and as_markdown:
        raise UsageError("--csv and --md exclude each other", "give one of them")
    load_plugins(plugin or [])
    source = data_source(data_dir, console)
    form = "csv" if as_csv else "md" if as_markdown else ""
    with collecting_later():
        _tell(console, compared(runs_named(runs, runs_dir), metric), source, form)


def _tell(console: Console, found: Comparison, source: Source, form: str) -> None:
    """The table, or what the ``form`` asks for, and what the tests say."""
    from nnfs_cli.cli.comparison_tables import csv_of, markdown_of, to_json
    from nnfs_cli.reports.comparing.verdict import verdict

    told = verdict(found)
    for note in found.notes:
        console.notice(note)
    sentences = [told.text]
    tested = None if form else paired(console, found, source, sentences)
    if form:
        console.text((csv_of if form == "csv" else markdown_of)(found).rstrip("\n"))
    else:
        _show(console, found)
    for sentence in sentences:
        (console.progress if form else console.answer)(sentence)
    if console.json:  # of thousands of runs it is large
        differences = {number: each.to_json() for number, each in told.differences.items()}
        extra = {"ahead_of": differences, "paired": tested, "verdict": sentences}
        console.document(**to_json(found, extra))


def _show(console: Console, found: Comparison) -> None:
    from nnfs_cli.cli.comparison_tables import table_of

    (headers, rows), left = table_of(found, console.columns)
    console.table(headers, rows)
    if left:
        console.notice(f"{left} more keys differ: a wider terminal, --csv or --json has them")


def paired(
    console: Console, found: Comparison, source: Source, sentences: list[str]
) -> dict[str, Any] | None:
    """The test of two single runs on the same samples; what prevents it is said."""
    from nnfs_cli.errors import NnfsError

    several = len(found.groups) > 1
    named = [
        (f"#{group.number}" if several else member.repeat, member)
        for group in found.groups
        for member in group.members
    ]
    if len(named) != 2:
        return None
    from nnfs_cli.reports.comparing.judged import paired_test  # loads all that trains
    from nnfs_cli.reports.comparing.verdict import paired_text

    (one, first), (other, second) = named
    try:
        test, split = paired_test(first, second, source)
    except NnfsError as error:
        hint = f"; {error.hint}" if error.hint else ""
        console.notice(f"the two are not compared sample by sample: {error.message}{hint}")
        return None
    sentences.append(paired_text(test, split, (one, other)))
    return test.to_json() | {"split": split}
