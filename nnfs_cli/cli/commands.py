"""The commands: which there are, where each is written, and the options that all of them have."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from nnfs_cli import __version__
from nnfs_cli.cli.console import Console
from nnfs_cli.compute.resources import require_address_space
from nnfs_cli.home import from_home

CommandFunction = Callable[..., Any]
Places = dict[str, str]
"""Where commands are, by name: the file in this folder, and the function in it."""

COMMANDS: Places = {
    "train": "train.train",
    "sweep": "sweep.sweep",
    "resume": "resume.resume",
    "reproduce": "reproduce.reproduce",
    "eval": "evaluate.eval_",
    "predict": "predict.predict",
    "check": "check.check",
    "init": "init.init",
    "compare": "compare.compare",
    "report": "report.report",
    "plot": "plot.plot",
    "watch": "watch.watch",
    "trace": "trace.trace",
    "inspect": "inspect.inspect_",
    "diagnose": "diagnose.diagnose",
    "lr-find": "lr_find.lr_find",
    "explain": "explain.explain",
    "gradcheck": "gradcheck.gradcheck",
    "schema": "schema.schema",
}


class Group(NamedTuple):
    """Commands of two words, and what the first word does alone, if it does anything."""

    help: str
    commands: Places
    alone: str = ""


GROUPS = {
    "runs": Group(
        "List, show, tag and remove runs.",
        {
            "list": "runs.list_runs",
            "show": "runs.show",
            "tag": "runs.tag",
            "rm": "runs.rm",
        },
        alone="runs.runs",
    ),
    "data": Group(
        "List, fetch and look at data sets.",
        {
            "list": "data.list_",
            "get": "data.get",
            "info": "data.info",
            "show": "data.show_samples",
        },
    ),
}

JSON = Annotated[bool, typer.Option("--json", help="Answer with one JSON document on stdout.")]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
VERBOSE = Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")]
DEBUG = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
COMMON = {"json": JSON, "quiet": QUIET, "verbose": VERBOSE, "debug": DEBUG}


def command_line(word: str = "") -> typer.Typer:
    """The typer app with the command or the group called ``word`` alone; with all if none is.

    To import and describe all of them takes longer than many a command.
    """
    app = typer.Typer(
        name="nnfs",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(nnfs)
    everything = word not in (*COMMANDS, *GROUPS)
    add(app, {name: at for name, at in COMMANDS.items() if everything or name == word})
    for name, group in GROUPS.items():
        if everything or name == word:
            own = typer.Typer(help=group.help, rich_markup_mode=None)
            if group.alone:
                own.callback(invoke_without_command=True)(with_common_options(found(group.alone)))
            add(own, group.commands)
            app.add_typer(own, name=name, no_args_is_help=not group.alone)
    return app


def add(group: typer.Typer, places: Places) -> None:
    """Register commands under their names."""
    for name, place in places.items():
        command = found(place)
        first = inspect.cleandoc(command.__doc__ or "").partition("\n")[0]
        group.command(name, short_help=first)(with_common_options(command))


def found(place: str) -> CommandFunction:
    """The function at a place, whose file is imported."""
    file, _, name = place.partition(".")
    command: CommandFunction = getattr(import_module(f"nnfs_cli.cli.{file}"), name)
    return command


def with_common_options(command: CommandFunction) -> CommandFunction:
    """The command with ``--json``, ``-q``, ``-v`` and ``--debug``, which its Console obeys."""
    signature = inspect.signature(command, eval_str=True)

    @functools.wraps(command)
    def run(context: typer.Context, **options: Any) -> None:
        common = {name: options.pop(name) for name in COMMON}
        console = context.ensure_object(Console)
        console.obey(name_of(context), **common)
        if "context" in signature.parameters:
            options["context"] = context
        require_address_space()
        command(console=console, **{name: _from_home(value) for name, value in options.items()})

    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [p for p in signature.parameters.values() if p.name not in ("console", "context")]
    own = [parameter.replace(kind=keyword) for parameter in own]
    shared = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        *(
            inspect.Parameter(name, keyword, default=False, annotation=kind)
            for name, kind in COMMON.items()
        ),
    ]
    parameters = [*own, *shared]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _from_home(value: Any) -> Any:
    """Paths with ``~`` written out, which shells leave in ``--runs-dir=~/runs``."""
    if isinstance(value, list):
        return [_from_home(item) for item in value]
    return from_home(value) if isinstance(value, Path) else value


def name_of(context: typer.Context) -> str:
    """``runs show`` for ``nnfs runs show``."""
    return context.command_path.removeprefix(context.find_root().command_path).strip()


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"nnfs {__version__}")
        raise typer.Exit


def nnfs(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    """Train neural networks written from scratch in NumPy, from a YAML file."""
