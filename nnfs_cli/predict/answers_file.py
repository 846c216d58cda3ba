"""Answers as a file: a table, JSON, an array, or the two columns that a competition takes."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nnfs_cli.atomic import (
    require_folder_for_file,
    require_place_for_file,
    write_text_atomically,
)
from nnfs_cli.compute.array_file import write_array_atomically
from nnfs_cli.compute.arrays import Array
from nnfs_cli.csv_text import new_column, write_csv_atomically
from nnfs_cli.errors import UsageError
from nnfs_cli.predict.inputs import STDIN, Failure
from nnfs_cli.predict.predict import Prediction

Answers = Sequence[Prediction | Failure]
FORMS = ("", ".csv", ".txt", ".json", ".npy")
MAX_HEADER = 1 << 20
"""Characters of the first line of a table of answers."""
JSON_HEAD = '{"schema": 1, "command": "predict"'
ROW_OF_MANY = re.compile(r"(:\d+|\[\d+\])$")
"""How the name of a table's row or an array's sample ends."""


@dataclass(frozen=True)
class AnswersFile:
    """Where answers go, and in which form: JSON for .json, an array for .npy, else a table.

    A table's own column of names, ``id_name``, stands behind the first. ``proba`` adds the
    probability of every one of ``labels``, classes or several labels a sample; ``submission`` are
    the names of the two columns of a competition's table.
    """

    path: Path
    labels: Sequence[str]
    proba: bool = False
    submission: tuple[str, str] | None = None
    id_name: str | None = None
    """What the column is called that names a table's rows, if the training had one."""

    def __post_init__(self) -> None:
        if str(self.path) == STDIN:
            raise UsageError("--output writes a file", "stdout has the answers: --json")
        if self.submission and self.form in (".json", ".npy"):
            raise UsageError("--submission writes a table", "name a file such as answers.csv")
        if self.submission and self.proba:
            raise UsageError("--submission has two columns", "leave --proba out")
        if self.proba and not self.labels:
            raise UsageError(
                "the network predicts values, which have no probabilities", "leave --proba out"
            )

    @property
    def form(self) -> str:
        """How the file's name ends: .json, .npy, or that of a table."""
        return self.path.suffix.lower()

    @property
    def needs_all(self) -> bool:
        """Whether it has the probabilities of all classes."""
        return self.proba or self.form == ".npy"

    def require_probabilities(self, given: bool) -> None:
        """Raise UsageError if it needs probabilities of classes and they are not ``given``."""
        if self.needs_all and not given:
            raise UsageError(
                "the network gives no probabilities, since its loss makes none",
                "write a table without --proba, or train with cross_entropy",
            )

    def require_free(self, inputs: Sequence[str]) -> None:
        """See that answers may be written here, in one of the forms. Raises UsageError.

        They may replace answers that such a command wrote, and nothing else: no input, no config,
        no device, nothing of a run.
        """
        path = self.path
        require_place_for_file(path)
        if os.path.isdir(path):
            raise UsageError(f"--output {path} is a folder", "name a file such as answers.csv")
        real = os.path.realpath(path)
        if any(os.path.realpath(name) == real for name in inputs if name != STDIN):
            raise UsageError(f"--output {path} is what is to be answered", "choose another file")
        if any((parent / "run.json").is_file() for parent in Path(real).parents[:3]):
            raise UsageError(f"--output {path} is in the folder of a run", "choose another folder")
        if os.path.lexists(path) and not self._is_ours():
            raise UsageError(
                f"--output {path} exists and is not a table of answers", "choose another file"
            )
        if self.form not in FORMS:
            raise UsageError(
                f"--output {self.path}: {self.path.suffix} files are not written",
                "name a file that ends in .csv, .json or .npy",
            )
        require_folder_for_file(path)

    def _is_ours(self) -> bool:
        """Whether a file begins as this would begin it; an empty one may be replaced too."""
        if not os.path.isfile(self.path):
            return False
        try:
            with self.path.open(encoding="utf-8", newline="") as file:
                first = file.readline(MAX_HEADER)
        except (OSError, ValueError):
            return False
        if self.form in (".json", ".npy") or not first:
            return not first or first.startswith(JSON_HEAD)
        cells = next(csv.reader([first]), [])
        if self.submission:
            return cells == [*self.submission]
        return cells[0] == "file" and cells[-1] == "error"

    def write(self, answers: Answers) -> None:
        """Write all answers in their order, atomically. Raises UsageError and MachineError."""
        self.require_probabilities(
            all(a.probabilities is not None for a in _given(answers) if a.top)
        )
        path = Path(os.path.realpath(self.path))  # a link stays one
        if self.form == ".json":
            write_text_atomically(path, self._json(answers))
        elif self.form == ".npy":
            write_array_atomically(path, _array(answers))
        else:
            rows = self._submitted(answers) if self.submission else self._table(answers)
            write_csv_atomically(path, rows)

    def _json(self, answers: Answers) -> str:
        entries = []
        for answer in answers:
            if isinstance(answer, Failure):
                own = {} if answer.id is None else {"id": answer.id}
                entries.append({"file": answer.name} | own | {"error": str(answer.error)})
                continue
            each = dict(zip(self.labels, _all_of(answer), strict=False))
            entries.append(answer.to_json() | ({"probabilities": each} if self.proba else {}))
        return f'{JSON_HEAD}, "predictions": {json.dumps(entries, ensure_ascii=False)}}}\n'

    def _table(self, answers: Answers) -> Iterator[list[Any]]:
        """file, label, probability, then label_2, probability_2 and so on, or values; ``error``.

        With ``proba`` also ``p_`` and each class's name. ``error`` says why a row has no answer:
        the file could not be read, or no digit was found in it.
        """
        given = _given(answers)
        tops = max((len(answer.top) for answer in given), default=1)
        columns = _value_columns(given) or _label_columns(tops)
        classes = [f"p_{label}" for label in self.labels] if self.proba else []
        header = ["file", *columns, *classes, "error"]
        own = [] if self.id_name is None else [new_column(self.id_name, header)]
        yield ["file", *own, *header[1:]]
        for answer in answers:
            cells: list[Any] = []
            if isinstance(answer, Prediction):
                cells = _answered(answer)
                cells += _all_of(answer) if self.proba else []
            cells = cells or [""] * (len(columns) + len(classes))
            said = answer.reason if isinstance(answer, Prediction) else str(answer.error)
            yield [answer.name, *([answer.id or ""] if own else []), *cells, said]

    def _submitted(self, answers: Answers) -> list[list[Any]]:
        """An id and the answer: rows without one are numbered from 1, files have their names."""
        assert self.submission is not None
        rows: list[list[Any]] = [[*self.submission]]
        for number, answer in enumerate(answers, start=1):
            one = ROW_OF_MANY.search(answer.name)
            name = number if one or answer.name == STDIN else Path(answer.name).stem
            rows.append([name if answer.id is None else answer.id, _single(answer)])
        return rows


def _array(answers: Answers) -> Array:
    """(N, classes) probabilities, or (N, k) values; NaN where there is no answer."""
    given = [(place, a) for place, a in enumerate(answers) if isinstance(a, Prediction)]
    rows = [(place, a.values if a.probabilities is None else a.probabilities) for place, a in given]
    width = max((len(row) for _, row in rows), default=0)
    found = np.full((len(answers), width), np.nan, np.float32)
    for place, row in rows:
        found[place, : len(row)] = row
    return found


def _all_of(answer: Prediction) -> list[float]:
    return [] if answer.probabilities is None else answer.probabilities.tolist()


def _answered(answer: Prediction) -> list[Any]:
    """The cells of an answer: the several labels, the values, or classes with probabilities."""
    if answer.chosen is not None:
        return [answer.labels_text]
    return [*answer.values] or [cell for pair in answer.top for cell in pair]


def _single(answer: Prediction | Failure) -> Any:
    if isinstance(answer, Failure) or answer.reason:
        return ""
    if answer.chosen is not None:
        return answer.labels_text
    if len(answer.values) > 1:
        raise UsageError(
            "--submission takes one answer a row, and the network predicts several values",
            "use --output without it",
        )
    return answer.values[0] if answer.values else answer.label


def _given(answers: Answers) -> list[Prediction]:
    return [answer for answer in answers if isinstance(answer, Prediction)]


def _value_columns(answers: Sequence[Prediction]) -> list[str]:
    """``labels`` where a sample has several, ``value`` or one for each value; none for classes."""
    one = next((answer for answer in answers if answer.values), None)
    if one is None:
        return []
    if one.chosen is not None:
        return ["labels"]
    names = one.names or range(1, len(one.values) + 1)
    return ["value"] if len(one.values) == 1 else [f"value_{name}" for name in names]


def _label_columns(count: int) -> list[str]:
    later = (f"{name}_{i}" for i in range(2, count + 1) for name in ("label", "probability"))
    return ["label", "probability", *later]


def two_names(text: str) -> tuple[str, str]:
    """``id,label`` as two names. Raises UsageError."""
    names = text.split(",")
    if len(names) != 2 or not all(name.strip() for name in names):
        raise UsageError(f"--submission expects two names, received {text!r}", "such as id,label")
    first, second = names[0].strip(), names[1].strip()
    if first == second:
        raise UsageError(f"--submission names both columns {first!r}", "such as id,label")
    return first, second
