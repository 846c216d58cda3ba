"""The command line: the typer app, the options every command has, errors and exit codes."""

from __future__ import annotations

import functools
import inspect
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from errno import EMFILE, ENFILE, ENOMEM
from pathlib import Path
from typing import Annotated, Any

import typer

import nnfs_cli.cli.interrupts as interrupts
from nnfs_cli import __version__
from nnfs_cli.cli.check import check
from nnfs_cli.cli.compare import compare
from nnfs_cli.cli.console import Console
from nnfs_cli.cli.data import get, info, list_, show_samples
from nnfs_cli.cli.diagnose import diagnose
from nnfs_cli.cli.evaluate import eval_
from nnfs_cli.cli.explain import explain
from nnfs_cli.cli.gradcheck import gradcheck
from nnfs_cli.cli.init import init
from nnfs_cli.cli.inspect import inspect_
from nnfs_cli.cli.lr_find import lr_find
from nnfs_cli.cli.plot import plot
from nnfs_cli.cli.predict import predict
from nnfs_cli.cli.report import report
from nnfs_cli.cli.reproduce import reproduce
from nnfs_cli.cli.resume import resume
from nnfs_cli.cli.runs import list_runs, rm, runs, show, tag
from nnfs_cli.cli.schema import schema
from nnfs_cli.cli.sweep import sweep
from nnfs_cli.cli.trace import trace
from nnfs_cli.cli.train import train
from nnfs_cli.cli.watch import watch
from nnfs_cli.compute.resources import require_address_space
from nnfs_cli.config.plugins import blamed
from nnfs_cli.errors import ConfigError, NnfsError
from nnfs_cli.home import from_home

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Set to 1 unless the user says otherwise: on small matrices BLAS's own threads cost time."""

COMPLETION = {"--install-completion", "--show-completion"}
INTERRUPTED = 130
"""The exit code after Ctrl-C."""

CommandFunction = Callable[..., Any]

JSON = Annotated[bool, typer.Option("--json", help="Answer with one JSON document on stdout.")]
QUIET = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
VERBOSE = Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")]
DEBUG = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
COMMON = {"json": JSON, "quiet": QUIET, "verbose": VERBOSE, "debug": DEBUG}

app = typer.Typer(
    name="nnfs",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def with_common_options(command: CommandFunction) -> CommandFunction:
    """The command with ``--json``, ``-q``, ``-v`` and ``--debug``, which its Console obeys."""
    signature = inspect.signature(command, eval_str=True)

    @functools.wraps(command)
    def run(context: typer.Context, **options: Any) -> None:
        common = {name: options.pop(name) for name in COMMON}
        console = context.ensure_object(Console)
        console.obey(_name_of(context), **common)
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


def _name_of(context: typer.Context) -> str:
    """``runs show`` for ``nnfs runs show``."""
    return context.command_path.removeprefix(context.find_root().command_path).strip()


def add(group: typer.Typer, name: str, command: CommandFunction) -> None:
    """Register a command under its name."""
    first = inspect.cleandoc(command.__doc__ or "").partition("\n")[0]
    group.command(name, short_help=first)(with_common_options(command))


COMMANDS: dict[str, CommandFunction] = {
    "train": train,
    "sweep": sweep,
    "resume": resume,
    "reproduce": reproduce,
    "eval": eval_,
    "predict": predict,
    "check": check,
    "init": init,
    "compare": compare,
    "report": report,
    "plot": plot,
    "watch": watch,
    "trace": trace,
    "inspect": inspect_,
    "diagnose": diagnose,
    "lr-find": lr_find,
    "explain": explain,
    "gradcheck": gradcheck,
    "schema": schema,
}
for _name, _command in COMMANDS.items():
    add(app, _name, _command)

_runs = typer.Typer(help="List, show, tag and remove runs.", rich_markup_mode=None)
_runs.callback(invoke_without_command=True)(with_common_options(runs))
add(_runs, "list", list_runs)
add(_runs, "show", show)
add(_runs, "tag", tag)
add(_runs, "rm", rm)
app.add_typer(_runs, name="runs")

_data = typer.Typer(help="List, fetch and look at data sets.", rich_markup_mode=None)
add(_data, "list", list_)
add(_data, "get", get)
add(_data, "info", info)
add(_data, "show", show_samples)
app.add_typer(_data, name="data", no_args_is_help=True)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"nnfs {__version__}")
        raise typer.Exit


@app.callback()
def nnfs(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    """Train neural networks written from scratch in NumPy, from a YAML file."""


def main() -> None:
    """Run the command line and exit with the documented code (see :mod:`nnfs_cli.errors`)."""
    for variable in BLAS_THREADS:
        os.environ.setdefault(variable, "1")
    try:
        with interrupts.working():
            code = run(sys.argv[1:], program_name())
    except KeyboardInterrupt:  # while the first was being answered
        interrupts.leave(signal.SIGINT)
    except Exception:
        console = Console()
        console.remark(traceback.format_exc().rstrip(), lines=True)
        console.failure("this is a bug in nnfs; please report it with the lines above")
        code = 1
    sys.exit(code)


def program_name() -> str:
    """What the command was called by: ``nnfs``, ``nnfs-cli`` or ``python -m nnfs_cli``."""
    name = os.path.basename(sys.argv[0])
    return "python -m nnfs_cli" if name == "__main__.py" else name.removesuffix(".exe") or "nnfs"


def run(arguments: list[str], name: str = "nnfs") -> int:
    """The exit code of a command line of the program called ``name``."""
    console = Console("nnfs", json="--json" in arguments, debug="--debug" in arguments)
    if " " in name and {*arguments[:1]} & COMPLETION:
        hint = f"call the command by its own: nnfs {arguments[0]}"
        return _fail(console, 2, f"shells complete what has one name, not `{name}`", hint)
    try:
        return _code_of(console, arguments, name)
    except KeyboardInterrupt as error:
        return _fail(console, interrupts.exit_code(error), "interrupted", "")


def _code_of(console: Console, arguments: list[str], name: str) -> int:
    try:
        complete = "_NNFS_COMPLETE" if " " in name else None
        code = app(
            arguments, standalone_mode=False, obj=console, prog_name=name, complete_var=complete
        )
        sys.stdout.flush()
        return _told(console, int(code or 0))
    except SystemExit as end:  # typer's own: completion, and 1 if its help goes into a closed pipe
        return 0 if isinstance(end.__context__, BrokenPipeError) else int(end.code or 0)
    except BrokenPipeError:
        console.detach_stdout()
        return 0
    except typer.Abort:
        return _fail(console, interrupts.exit_code(), "aborted", "")
    except ConfigError as error:
        with interrupts.telling():
            _traceback(console)
            console.problems(error)
        return error.code
    except NnfsError as error:
        scarce = _scarce(error)
        if scarce:
            message, hint = f"{error.message} ({scarce})", "raise the limit (ulimit)"
            return _fail(console, 5, message, hint, error.facts)
        return _fail(console, error.code, error.message, error.hint, error.facts)
    except MemoryError:
        return _fail(console, 5, "out of memory", "lower train.batch_size or the layers' sizes")
    except OSError as error:
        where = error.filename or "the system"
        return _fail(console, 5, f"{where}: {error.strerror or error}", "")
    except Exception as error:
        if interrupts.seen() is not None:  # and other code made another exception of it
            return _fail(console, interrupts.exit_code(), "interrupted", "")
        return _usage_or_bug(console, error)


def _told(console: Console, code: int) -> int:
    """The code of a command that ended by itself, after what typer did not say of it."""
    if code == INTERRUPTED:  # typer caught Ctrl-C
        return _fail(console, interrupts.exit_code(), "interrupted", "")
    if code == 1:
        return _fail(console, 5, "this shell has no completion", "bash, zsh and fish have")
    return code


def _usage_or_bug(console: Console, error: Exception) -> int:
    """Typer's usage errors carry a message, a plugin's fault its line; the rest is a bug."""
    format_message = getattr(error, "format_message", None)
    if format_message is None:
        place = blamed(error)
        if place is None and isinstance(error, ImportError):
            return _fail(console, 5, f"cannot load a module: {error}", "install nnfs-cli again")
        if "home directory" in str(error):  # of Path.home()
            return _fail(console, 5, "no home folder is known here", "set HOME")
        if place is None:
            raise error
        return _fail(console, 2, f"plugin {place} fails: {type(error).__name__}: {error}", "")
    context = getattr(error, "ctx", None)
    if context:
        console.command = _name_of(context) or console.command
    if type(error).__name__ == "NoArgsIsHelpError":
        console.remark(str(format_message()) + "\n", lines=True)
        return _fail(console, 2, "no command is given", "choose one of those above")
    hint = f"see `{context.command_path} --help`" if context else ""
    return _fail(console, 2, str(format_message()).rstrip("."), hint)


def _scarce(error: BaseException | None) -> str:
    """What the machine lacked where that lies behind an error that blames something else."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (EMFILE, ENFILE, ENOMEM):
            return str(error.strerror).lower()
        error = error.__cause__ or error.__context__
    return ""


def _fail(
    console: Console, code: int, message: str, hint: str, facts: Mapping[str, object] | None = None
) -> int:
    with interrupts.telling():
        _traceback(console)
        console.error(code, message, hint, facts or {})
    return code


def _traceback(console: Console) -> None:
    if console.debug:
        console.remark(traceback.format_exc().rstrip(), lines=True)
