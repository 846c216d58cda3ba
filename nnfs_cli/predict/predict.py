"""Prediction: what a finished run says about new samples, as labels, probabilities or values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from nnfs_cli.atomic import write_text_atomically
from nnfs_cli.compute.arrays import Array
from nnfs_cli.csv_text import csv_text
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.nn.activations.softmax import Softmax
from nnfs_cli.nn.loss import Loss
from nnfs_cli.predict.centering import NO_FIGURE
from nnfs_cli.predict.inputs import STDIN, Failure, Input
from nnfs_cli.runs.load import LoadedRun
from nnfs_cli.training.network import Network

MAX_HEADER = 1 << 20
"""Characters of the first line of a table of answers."""
Answer = tuple[str, float | None]
"""A class and its probability, None where the network does not give any."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the network says about one sample.

    ``top`` has the likeliest classes, best first; the first is ``label`` and ``probability``. In
    a regression there is no label, and ``values`` has what was predicted. ``image`` is what
    the network saw, (H, W, C) from 0 to 1, if the samples are images.
    """

    name: str
    top: list[Answer]
    values: list[float]
    notes: list[str]
    image: Array | None = None
    reason: str = ""
    """Why there is no answer at all: no digit was found in the image, or several figures."""

    @property
    def label(self) -> str | None:
        """The likeliest class."""
        return self.top[0][0] if self.top else None

    @property
    def probability(self) -> float | None:
        """The probability of that class."""
        return self.top[0][1] if self.top else None

    def to_json(self) -> dict[str, Any]:
        """The entry of the JSON document; its keys stay."""
        entry: dict[str, Any] = {"file": self.name}
        if self.reason:
            entry |= {"label": None, "probability": None, "top": [], "reason": self.reason}
        elif self.top:
            top = [{"label": label, "probability": p} for label, p in self.top]
            entry |= top[0] | {"top": top}
        elif len(self.values) == 1:
            entry["value"] = self.values[0]
        else:
            entry["values"] = self.values
        return entry | {"notes": self.notes}


def predict_all(
    loaded: LoadedRun, inputs: Iterable[Input | Failure], top: int = 3, force: bool = False
) -> Iterator[Prediction | Failure]:
    """Answer the inputs in their order, a batch at a time; failures are handed on.

    Images without a figure, or with several, get a reason instead; with ``force`` an answer.
    As many are held at once as two threads take for a batch each.
    """
    network = loaded.network
    source, size = iter(inputs), 2 * network.model.inference_batch
    while batch := list(islice(source, size)):
        asked = [i for i in batch if isinstance(i, Input) and (force or not i.refusal)]
        outputs = iter(network.answer(np.stack([i.array for i in asked])) if asked else ())
        for item in batch:
            if isinstance(item, Failure):
                yield item
                continue
            reason = _in_words(item.refusal, network.labels)
            if reason and not force:
                image = _image(item.array, network.preprocessing)
                yield Prediction(item.name, [], [], item.notes, image, reason)
                continue
            noted = replace(item, notes=[*item.notes, reason]) if reason else item
            yield _answer(network, noted, next(outputs).reshape(-1), top)


def _in_words(refusal: str, labels: Sequence[str]) -> str:
    """Why there is no answer, in the terms of what the network knows."""
    digits = all(len(label) == 1 and label.isdecimal() for label in labels)
    return refusal.replace(NO_FIGURE, "no digit found") if digits else refusal


def gives_probabilities(network: Network) -> bool:
    """Whether the outputs for classes are probabilities: those of cross-entropy or a softmax are.

    A loss that computes predictions of its own makes probabilities of them. What a network
    learns by squared error or hinge is a score: its probability is unknown, and said to be None.
    """
    makes_its_own = type(network.loss).predictions is not Loss.predictions
    return makes_its_own or isinstance(network.model.steps[-1], Softmax)


def _answer(network: Network, item: Input, outputs: Array, top: int) -> Prediction | Failure:
    if not np.isfinite(outputs).all():
        return Failure(
            item.name,
            DataError(
                f"the network's answer to {item.name} is not a finite number",
                "check that its values are in the range of the training data",
            ),
        )
    image = _image(item.array, network.preprocessing)
    labels = network.labels
    if not labels:
        return Prediction(item.name, [], outputs.tolist(), item.notes, image)
    if len(labels) == 2 and len(outputs) == 1:
        outputs = np.array([1 - outputs[0], outputs[0]])
        best = [1, 0] if outputs[1] >= 0.5 else [0, 1]
    else:
        best = np.argsort(-outputs, kind="stable").tolist()
    certain = gives_probabilities(network)
    answers = [(labels[i], float(outputs[i]) if certain else None) for i in best[:top]]
    return Prediction(item.name, answers, [], item.notes, image)


def _image(sample: Array, preprocessing: Preprocessing) -> Array | None:
    """The sample between 0 and 1, if it has the shape of an image."""
    if sample.ndim != 3:
        return None
    if preprocessing.white is not None:
        return np.clip(sample / np.float32(preprocessing.white), 0, 1)
    return np.clip(sample / np.float32(max(float(sample.max()), 1.0)), 0, 1)


def require_free(path: Path, inputs: Sequence[str]) -> None:
    """See that a table of answers may be written here. Raises UsageError.

    It may replace a table that such a command wrote, and nothing else: no input, no config, no
    device, nothing of a run.
    """
    if os.path.isdir(path):
        raise UsageError(f"--output {path} is a folder", "name a file such as answers.csv")
    real = os.path.realpath(path)
    if any(os.path.realpath(name) == real for name in inputs if name != STDIN):
        raise UsageError(f"--output {path} is what is to be answered", "choose another file")
    if any((parent / "run.json").is_file() for parent in Path(real).parents[:3]):
        raise UsageError(f"--output {path} is in the folder of a run", "choose another folder")
    if os.path.lexists(path) and not _is_answers(path):
        raise UsageError(
            f"--output {path} exists and is not a table of answers", "choose another file"
        )


def _is_answers(path: Path) -> bool:
    """Whether a file begins as :func:`write_csv` begins one; an empty file may be replaced too."""
    if not os.path.isfile(path):
        return False
    try:
        with path.open(encoding="utf-8", newline="") as file:
            first = file.readline(MAX_HEADER)
    except (OSError, ValueError):
        return False
    cells = first.strip().split(",")
    return not first or (cells[0] == "file" and cells[-1] == "error")


def write_csv(path: Path, answers: Sequence[Prediction | Failure]) -> None:
    """Write a row for each answer, atomically. Raises MachineError.

    Columns: file, label, probability, then label_2, probability_2 and so on if more than one
    class was asked for; file, value (or value_1, value_2, ...) in a regression; at last ``error``,
    which says why a row has no answer: the file could not be read, or no digit was found in it.
    """
    given = [answer for answer in answers if isinstance(answer, Prediction)]
    tops = max((len(answer.top) for answer in given), default=1)
    values = max((len(answer.values) for answer in given), default=0)
    columns = _value_columns(values) if values else _label_columns(tops)
    rows: list[list[Any]] = []
    for answer in answers:
        if isinstance(answer, Failure):
            rows.append([answer.name, *[""] * len(columns), str(answer.error)])
        else:
            cells: list[Any] = answer.values or [cell for pair in answer.top for cell in pair]
            empty = [""] * (len(columns) - len(cells)) if answer.reason else []
            rows.append([answer.name, *cells, *empty, answer.reason])
    write_text_atomically(path, csv_text([["file", *columns, "error"], *rows]))


def _value_columns(count: int) -> list[str]:
    return ["value"] if count == 1 else [f"value_{i}" for i in range(1, count + 1)]


def _label_columns(count: int) -> list[str]:
    later = (f"{name}_{i}" for i in range(2, count + 1) for name in ("label", "probability"))
    return ["label", "probability", *later]
