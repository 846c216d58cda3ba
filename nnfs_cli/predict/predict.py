"""Prediction: what a finished run says about new samples, as labels, probabilities or values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.tables.several_labels import chosen
from nnfs_cli.errors import DataError
from nnfs_cli.nn.metric import class_probabilities, decided, likeliest_classes
from nnfs_cli.predict.centering import NO_FIGURE
from nnfs_cli.predict.inputs import Failure, Input
from nnfs_cli.runs.load import LoadedRun
from nnfs_cli.training.network import Network

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
    probabilities: Array | None = None
    """Of every class, in the order of the classes, if they are asked for and the network gives
    some."""
    id: str | None = None
    """What a table's own column calls the sample."""
    chosen: list[tuple[str, float]] | None = None
    """Of several labels a sample those that it has, the likeliest first."""
    others: list[tuple[str, float]] = field(default_factory=list)
    """The likeliest labels that it has not."""
    names: Sequence[str] = ()
    """What ``values`` are called, if they have names."""

    @property
    def label(self) -> str | None:
        """The likeliest class."""
        return self.top[0][0] if self.top else None

    @property
    def probability(self) -> float | None:
        """The probability of that class."""
        return self.top[0][1] if self.top else None

    @property
    def labels_text(self) -> str:
        """The labels that a sample has, of several, in one text."""
        answered = {name for name, _ in self.chosen or ()}
        return chosen(self.names, np.array([name in answered for name in self.names]))

    def to_json(self) -> dict[str, Any]:
        """The entry of the JSON document; its keys stay."""
        entry: dict[str, Any] = {"file": self.name}
        if self.id is not None:
            entry["id"] = self.id
        if self.reason:
            entry |= {"label": None, "probability": None, "top": [], "reason": self.reason}
        elif self.top:
            top = [{"label": label, "probability": p} for label, p in self.top]
            entry |= top[0] | {"top": top}
        elif len(self.values) == 1 and self.chosen is None:
            entry["value"] = self.values[0]
        else:
            entry |= self._named_values()
        return entry | {"notes": self.notes}

    def _named_values(self) -> dict[str, Any]:
        """Several values by name, or of several labels those answered and all probabilities."""
        by_name = dict(zip(self.names, self.values, strict=False))
        if self.chosen is None:
            return {"values": self.values} | ({"named": by_name} if by_name else {})
        return {"labels": [name for name, _ in self.chosen], "probabilities": by_name}


def predict_all(
    loaded: LoadedRun,
    inputs: Iterable[Input | Failure],
    top: int = 3,
    force: bool = False,
    proba: bool = False,
) -> Iterator[Prediction | Failure]:
    """Answer the inputs in their order, a batch at a time; failures are handed on.

    Images without a figure, or with several, get a reason instead; with ``force`` an answer.
    ``proba`` keeps the probabilities of all classes, beside those of the ``top`` ones.
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
                yield Prediction(item.name, [], [], item.notes, image, reason, id=item.id)
                continue
            noted = replace(item, notes=[*item.notes, reason]) if reason else item
            yield _answer(network, noted, next(outputs).reshape(-1), top, proba)


def _in_words(refusal: str, labels: Sequence[str]) -> str:
    """Why there is no answer, in the terms of what the network knows."""
    digits = all(len(label) == 1 and label.isdecimal() for label in labels)
    return refusal.replace(NO_FIGURE, "no digit found") if digits else refusal


def _answer(
    network: Network, item: Input, outputs: Array, top: int, proba: bool
) -> Prediction | Failure:
    if not np.isfinite(outputs).all():
        return Failure(
            item.name,
            DataError(
                f"the network's answer to {item.name} is not a finite number",
                "check that its values are in the range of the training data",
            ),
            item.id,
        )
    image = _image(item.array, network.preprocessing)
    labels = network.labels
    if not labels:
        given = Prediction(item.name, [], outputs.tolist(), item.notes, image, id=item.id)
        return _values(network, given, top)
    best, outputs = likeliest_classes(outputs, top), class_probabilities(outputs[np.newaxis])[0]
    certain = network.gives_probabilities
    answers = [(labels[i], float(outputs[i]) if certain else None) for i in best]
    probabilities = outputs.copy() if certain and proba else None
    return Prediction(item.name, answers, [], item.notes, image, "", probabilities, item.id)


def _values(network: Network, given: Prediction, top: int) -> Prediction:
    """Values with their names; of several labels the ``top`` that the sample has not, too."""
    known = network.preprocessing
    if known.thresholds is None:
        return replace(given, names=known.names)
    pairs = sorted(zip(known.names, given.values, strict=True), key=lambda pair: -pair[1])
    yes = {*np.flatnonzero(decided(np.array(given.values, np.float32), known.thresholds)).tolist()}
    answered = {known.names[place] for place in yes}
    return replace(
        given,
        chosen=[pair for pair in pairs if pair[0] in answered],
        others=[pair for pair in pairs if pair[0] not in answered][:top],
        names=known.names,
        probabilities=np.array(given.values),
    )


def _image(sample: Array, preprocessing: Preprocessing) -> Array | None:
    """The sample between 0 and 1, if it has the shape of an image."""
    if sample.ndim != 3:
        return None
    if preprocessing.white is not None:
        return np.clip(sample / np.float32(preprocessing.white), 0, 1)
    return np.clip(sample / np.float32(max(float(sample.max()), 1.0)), 0, 1)
