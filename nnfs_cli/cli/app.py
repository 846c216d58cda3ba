"""The command line from its start to its exit code, and how errors are told."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Mapping
from errno import EMFILE, ENFILE, ENOMEM

import typer

import nnfs_cli.cli.interrupts as interrupts
from nnfs_cli.cli.commands import command_line, name_of
from nnfs_cli.cli.console import Console
from nnfs_cli.config.plugins import blamed
from nnfs_cli.errors import ConfigError, NnfsError
from nnfs_cli.runs.signals import interrupted

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Set to 1 unless the user says otherwise: on small matrices BLAS's own threads cost time."""

COMPLETION = {"--install-completion", "--show-completion"}
INTERRUPTED = 130
"""The exit code after Ctrl-C."""


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
        code = command_line(*arguments[:1])(
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
        if interrupts.seen() is not None or interrupted(error):
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
        console.command = name_of(context) or console.command
    if type(error).__name__ == "NoArgsIsHelpError":
        console.remark(str(format_message()) + "\n", lines=True)
        return _fail(console, 2, "no command is given", "choose one of those above")
    hint = f"see `{context.command_path} --help`" if context else ""
    message, key = str(format_message()).rstrip("."), _key_of(error)
    if key:
        message, hint = message.partition(" (")[0], f"it is a key of the config: {key}=VALUE"
    return _fail(console, 2, message, hint)


def _key_of(error: Exception) -> str:
    """The key of the config that an option which a command does not have would be."""
    from nnfs_cli.components.other_words import key_of

    option, context = getattr(error, "option_name", None), getattr(error, "ctx", None)
    command = getattr(context, "command", None)
    if not option or not any(
        "KEY=" in str(each.metavar) for each in getattr(command, "params", ())
    ):
        return ""
    return key_of(str(option))


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
