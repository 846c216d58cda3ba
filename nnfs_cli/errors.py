"""What can go wrong: every expected error is one line saying what is wrong, and what to do.

The exit codes are part of the command line's contract:

====  =========================================================
   0  done
   1  a bug in nnfs (the only case that shows a traceback)
   2  usage or config
   3  bad or missing data, image, checkpoint or run
   4  the training diverged
   5  environment: disk, permission, memory, an extra not installed
   6  a target was not met (``--fail-under``, ``gradcheck``)
   7  the run is locked by another process
 128 + n  interrupted by signal n (Ctrl-C: 130) after saving
====  =========================================================
"""

from __future__ import annotations

from dataclasses import dataclass

Location = tuple[str | int, ...]


class NnfsError(Exception):
    """An expected error: what is wrong (``message``), what to do (``hint``), the exit code."""

    code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.facts: dict[str, object] = {}
        """What programs are told beside the message: the run it is about, and how far that is."""

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


@dataclass(frozen=True)
class Problem:
    """One fault of a config: ``where`` is ``file:line:column`` or the override's text."""

    message: str
    hint: str = ""
    where: str = ""

    def __str__(self) -> str:
        text = f"{self.message}; {self.hint}" if self.hint else self.message
        return f"{self.where}: {text}" if self.where else text


class UsageError(NnfsError):
    """The command line asks for something impossible."""

    code = 2


class ConfigError(UsageError):
    """A config with one fault or several, all reported at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class ShapeError(UsageError):
    """A layer cannot take the shape it is given; containers prepend where the layer stands.

    ``location`` is the path in the config, such as ``("layers", 2)``.
    """

    def __init__(self, message: str, hint: str = "", location: Location = ()) -> None:
        super().__init__(message, hint)
        self.location = location


class DataError(NnfsError):
    """Data, an image, a checkpoint or a run is missing or damaged."""

    code = 3


class DivergedError(NnfsError):
    """The loss or the weights are no longer finite."""

    code = 4


class MachineError(NnfsError):
    """The environment refuses: disk full, no permission, no memory, an extra not installed."""

    code = 5


class NotWritableError(MachineError):
    """A file or folder may only be read: another user's, or on a read-only disk."""


class TargetError(NnfsError):
    """A result missed the target the user set."""

    code = 6


class LockedError(NnfsError):
    """Another process is working on the run."""

    code = 7


class InterruptedRun(NnfsError):
    """A signal stopped the training after everything was saved; ``signum`` says which."""

    def __init__(self, signum: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = 128 + signum
