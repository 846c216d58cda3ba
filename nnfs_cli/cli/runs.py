"""``nnfs runs``: list, show, tag, rm."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.completion import run_names
from nnfs_cli.cli.console import Console
from nnfs_cli.cli.named_runs import RunNames, collecting_later, runs_named
from nnfs_cli.cli.options import Note, RunName, RunsDir, Tags, runs_folder

if TYPE_CHECKING:
    from nnfs_cli.runs.runs_folder import RunsFolder
    from nnfs_cli.runs.runs_table import Table

Sort = Annotated[
    str | None, typer.Option("--sort", help="A metric or column, such as val_accuracy.")
]
Columns = Annotated[
    str | None,
    typer.Option("--columns", metavar="A,B,...", help="Show these, such as run,val_loss,changes."),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONDITION",
        help="Only those with 'optimizer.lr>1e-3', status=finished, tags=NAME; repeatable.",
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=1, help="Only so many.")]


def runs(
    console: Console,
    context: typer.Context,
    sort: Sort = None,
    limit: Limit = None,
    columns: Columns = None,
    where: Where = None,
    runs_dir: RunsDir = None,
) -> None:
    """List, show, tag and remove runs.

    Examples: nnfs runs; nnfs runs --sort val_accuracy; nnfs runs --where status=finished --where
    'optimizer.lr>1e-3' --columns run,optimizer.lr,val_loss; nnfs runs show latest
    """
    if context.invoked_subcommand is None:
        list_runs(console, sort, limit, columns, where, runs_dir)


def list_runs(
    console: Console,
    sort: Sort = None,
    limit: Limit = None,
    columns: Columns = None,
    where: Where = None,
    runs_dir: RunsDir = None,
) -> None:
    """List the runs, newest last, or best last if sorted by a metric.

    A terminal shows the columns that fit and short ids; a pipe, or --columns, all of them. Columns
    and conditions may name keys of the config.
    """
    from nnfs_cli.errors import UsageError
    from nnfs_cli.runs.conditions import condition
    from nnfs_cli.runs.runs_table import tabulate

    conditions = [condition(text) for text in where or ()]
    folder = runs_folder(runs_dir)
    named = None if columns is None else [name.strip() for name in columns.split(",")]
    if named is not None and "" in named:
        raise UsageError(f"--columns names none in {columns!r}", "write it as run,val_loss,changes")
    with collecting_later():
        _tell(
            console,
            tabulate(folder, sort, limit, named, console.columns, conditions),
            folder,
            bool(conditions),
        )


def _tell(console: Console, table: Table, folder: RunsFolder, chosen: bool) -> None:
    """The table, what must be known beside it, and the whole for programs."""
    if table.rows:
        console.table(table.headers, table.rows)
    elif chosen:
        console.answer(f"no run in {folder.path} is so")
    elif not table.refused:
        console.answer(f"no runs in {folder.path} yet; start one with `nnfs train`")
    for reason in [*table.notes, *(reason for _, reason in table.refused)]:
        console.notice(reason)
    if console.json:
        refused = [{"path": path, "reason": reason} for path, reason in table.refused]
        console.document(runs=table.records, refused=refused)


def show(console: Console, run: RunName = "latest", runs_dir: RunsDir = None) -> None:
    """Show one run: its record, its best epoch, its config."""
    from nnfs_cli.runs.annotations import read_annotations
    from nnfs_cli.runs.runs_table import facts

    found = runs_folder(runs_dir).find(run)
    record, annotations = found.read(), read_annotations(found)
    status, history = found.status(record), found.read_metrics()
    console.table(["", found.id], facts(record, status, annotations))
    console.text(found.config_text().rstrip())
    console.document(
        run=str(found.path),
        record=record.to_json() | {"status": status},
        history=history,
        **annotations.model_dump(),
    )


def tag(
    console: Console,
    runs: RunNames,
    tags: Tags = None,
    untag: Annotated[
        list[str] | None, typer.Option("--untag", metavar="NAME", help="Take a tag away.")
    ] = None,
    note: Note = None,
    runs_dir: RunsDir = None,
) -> None:
    """Write tags and a note on runs; no training, fingerprint or repetition knows of them.

    Examples: nnfs runs tag latest --tag baseline --note "before the fix"; nnfs runs tag '2026*'
    --untag old; nnfs runs --where tags=baseline
    """
    from nnfs_cli.runs.annotations import annotate, require_annotations

    require_annotations(tags or (), note)
    found = {
        run.path: annotate(run, tags or (), note, untag or ()) for run in runs_named(runs, runs_dir)
    }
    for path, each in found.items():
        console.answer(f"{path}  {' '.join(each.tags)}{'  ' if each.note else ''}{each.note}")
    console.document(runs=[{"run": path, **each.model_dump()} for path, each in found.items()])


def rm(
    console: Console,
    run: Annotated[
        list[str],
        typer.Argument(metavar="RUN", help="Ids, or their starts.", autocompletion=run_names),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    runs_dir: RunsDir = None,
) -> None:
    """Remove runs for ever, after asking: folders in the folder of runs itself, never by links."""
    from nnfs_cli.runs.runs_table import remove

    folder = runs_folder(runs_dir)
    found = list(dict.fromkeys(folder.removable(name) for name in run))
    names = ", ".join(map(str, found))
    if not yes and not _confirmed(console, f"remove {names} for ever?"):
        console.answer("nothing was removed")
        console.document(removed=[])
        return
    for each in found:
        remove(folder, each)
    console.answer(f"removed {names}")
    console.document(removed=[path.name for path in found])


def _confirmed(console: Console, question: str) -> bool:
    """Whether the user answers yes; the question is on stderr. Raises UsageError if none comes."""
    from nnfs_cli.errors import UsageError

    answer = ""
    print(console.shown(question), end=" [y/N]: ", file=sys.stderr, flush=True)
    try:
        answer = sys.stdin.readline()
    except UnicodeDecodeError:
        answer = "no"
    finally:
        if not (answer and sys.stdin.isatty()):
            print(file=sys.stderr)  # no key has ended the line
    if not answer:
        raise UsageError("nothing is removed without an answer", "answer y, or add --yes")
    return answer.strip().lower() in ("y", "yes")
