"""The contract of a logger: another program's view of a training, such as TensorBoard's.

A logger is one class in one file, of nnfs in ``loggers/`` or of a plugin::

    from nnfs_cli.runs.logger import Logger, logger

    @logger("print")
    class Print(Logger):
        def begin(self, run, config, epoch):
            print("training", run.id)

        def epoch(self, epoch, figures):
            print(epoch, figures)

        def end(self, status, test):
            print(status, test)

``nnfs train CONFIG --log print --plugin my_logger.py`` uses it.
"""

from __future__ import annotations

import io
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from copy import deepcopy
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, TypeVar

from nnfs_cli.components.component import nearest
from nnfs_cli.errors import MachineError, UsageError
from nnfs_cli.runs.run import Run
from nnfs_cli.training.loop import Epoch

OWN = ("mlflow", "tensorboard")
"""Those of nnfs: each is a file in ``loggers/``."""
LOGGERS: dict[str, type[Logger]] = {}
"""Every logger that is loaded, by its word."""
FAULTS = (Exception, SystemExit, GeneratorExit)
"""What a logger may raise and the training goes on; Ctrl-C is none of it."""


class Logger(ABC):
    """Tells another program of one training. What it raises ends the logging, not the training."""

    word: ClassVar[str]
    """What ``--log`` calls it."""
    needs: ClassVar[str] = ""
    """The module that must be installed, with the extra that is called like the logger."""

    def __init__(self, where: str = "") -> None:
        """``where`` is what stands behind ``=`` in ``--log tensorboard=DIR``; empty if nothing."""
        self.where = where

    @abstractmethod
    def begin(self, run: Run, config: Mapping[str, Any], epoch: int) -> None:
        """The training of a run begins behind so many epochs: above 0 it goes on."""

    @abstractmethod
    def epoch(self, epoch: int, figures: Mapping[str, float]) -> None:
        """An epoch is done: its learning rate, losses and metrics, as in metrics.csv."""

    @abstractmethod
    def end(self, status: str, test: Mapping[str, float]) -> None:
        """The training ends as run.json says, with the figures of the test if it finished."""


L = TypeVar("L", bound=type[Logger])


def logger(word: str) -> Callable[[L], L]:
    """Register a logger under its word."""

    def register(cls: L) -> L:
        if not (isinstance(cls, type) and issubclass(cls, Logger)):
            raise TypeError(f"{cls.__name__} is registered as a logger but is not one")
        cls.word = word
        LOGGERS[word] = cls
        return cls

    return register


def logger_of(asked: str) -> Logger:
    """The logger that ``--log NAME`` or ``--log NAME=WHERE`` asks for.

    Raises UsageError if there is none or it cannot be made, MachineError if what it needs is not
    installed.
    """
    word, _, where = asked.partition("=")
    if word in OWN and word not in LOGGERS:
        import_module(f"nnfs_cli.runs.loggers.{word}")
    if word not in LOGGERS:
        known = sorted({*OWN, *LOGGERS})
        raise UsageError(f"there is no logger {word!r}", nearest(word, known) or ", ".join(known))
    kind = LOGGERS[word]
    if kind.needs and find_spec(kind.needs) is None:
        raise MachineError(
            f"--log {word} needs {kind.needs}",
            f"install the extra: pip install 'nnfs-cli[{word}]'",
        )
    try:
        return kind(where)
    except FAULTS as error:
        raise UsageError(f"the logger {word} cannot be made: {_in_a_line(error)}") from error


def require_loggers(asked: Iterable[str]) -> None:
    """Raise what :func:`logger_of` does, before anything is trained."""
    for each in asked:
        logger_of(each)


class Loggers:
    """The loggers of one training, none of which can stop it.

    They begin with the first epoch that is done: what they start must not be forked. Each is given
    copies, so that it changes neither the record nor what others are told. Each method returns what
    is to be said of those that failed, which are then left out.
    """

    def __init__(self, asked: Iterable[str], run: Run, config: Mapping[str, Any]) -> None:
        self._waiting = [logger_of(each) for each in asked]
        self._told: list[Logger] = []
        self._run, self._config = run, config

    def epoch(self, epoch: Epoch) -> list[str]:
        """Tell of an epoch."""
        if not (self._waiting or self._told):
            return []
        new, self._waiting = self._waiting, []
        config, done = self._config, epoch.epoch - 1
        failed = self._tell(new, lambda one: one.begin(self._run, deepcopy(config), done))
        self._told += [each for each in new if each not in failed]
        figures = {"lr": epoch.lr} | epoch.record
        broken = self._tell(self._told, lambda one: one.epoch(epoch.epoch, figures.copy()))
        return [*failed.values(), *broken.values()]

    def end(self, status: str, test: Mapping[str, float] | None = None) -> list[str]:
        """Tell how the training ended."""
        told, self._told, self._waiting = self._told, [], []
        return [*self._tell(told, lambda one: one.end(status, dict(test or {}))).values()]

    def _tell(self, loggers: list[Logger], say: Callable[[Logger], None]) -> dict[Logger, str]:
        """Say something to each; those that failed, with a line about it, are left out."""
        failed: dict[Logger, str] = {}
        for each in loggers:
            try:
                with redirect_stdout(io.StringIO()), warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # stdout is the answer's alone
                    say(each)
            except FAULTS as error:
                why = _in_a_line(error)
                failed[each] = f"logging to {each.word} failed, and goes on without: {why}"
        self._told = [each for each in self._told if each not in failed]
        return failed


def _in_a_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
