"""What two runs make of the same samples: from the predictions that they keep, or anew."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError
from nnfs_cli.nn.metric import decided, predicted_classes
from nnfs_cli.reports.comparing.groups import Member
from nnfs_cli.reports.comparing.paired import Bootstrap, McNemar, bootstrap, mcnemar
from nnfs_cli.reports.evaluation import own_data
from nnfs_cli.runs.load import load_run
from nnfs_cli.runs.strict_json import parse
from nnfs_cli.training.network import Network

MAX_BYTES = 256 << 20
"""Of predictions.csv: a million samples of ten classes take less."""
MAX_METRICS = 1 << 20
INDEX, TRUE, PREDICTED = "index", "true", "predicted"


@dataclass(frozen=True, eq=False)
class Judged:
    """Of each sample: whether the answer is right, or the squared error of the values."""

    right: Array | None = None
    squares: Array | None = None
    samples: Samples | None = None
    """The samples themselves, where they were looked at."""


def paired_test(first: Member, second: Member, source: Source) -> tuple[McNemar | Bootstrap, str]:
    """How surely one run is better than another on the samples that both were tested on.

    Also the split: the test, or the validation samples where there is none. Raises DataError with
    what prevents it.
    """
    both = (first, second)
    split = "test" if all(m.record.data.samples.get("test") for m in both) else "validation"
    if not all(member.record.data.samples.get(split) for member in both):
        raise DataError("they have no test samples in common")
    same_data = first.record.data.hash == second.record.data.hash
    one, other = (_judged(member, split, source, same_data) for member in both)
    if not same_data:
        _require_same(one.samples, other.samples, split)
    seen = [each.samples for each in (one, other) if each.samples is not None]
    weights = seen[0].weights if seen else None
    if one.right is not None and other.right is not None:
        return mcnemar(one.right, other.right, weights is not None), split
    if one.squares is not None and other.squares is not None:
        return bootstrap(one.squares, other.squares, weights), split
    raise DataError("they do not answer the same question")


def _require_same(one: Samples | None, other: Samples | None, split: str) -> None:
    assert one is not None
    assert other is not None
    pairs = ((one.inputs, other.inputs), (one.targets, other.targets))
    if not all(np.array_equal(a, b) for a, b in pairs):
        raise DataError(f"their {split} samples are not the same")
    weights, others = (1.0 if each.weights is None else each.weights for each in (one, other))
    if not np.all(weights == others):
        raise DataError(f"their {split} samples do not weigh the same")


def _judged(member: Member, split: str, source: Source, may_be_stored: bool) -> Judged:
    stored = _stored(member, split) if may_be_stored else None
    return stored or _anew(member, split, source)


def _anew(member: Member, split: str, source: Source) -> Judged:
    loaded = load_run(member.run.path)
    samples = own_data(loaded, source).split(split)
    return judged(loaded.network, loaded.network.predict(samples.inputs), samples)


def judged(network: Network, answers: Array, samples: Samples) -> Judged:
    """What a network's answers are worth."""
    truth = samples.targets
    if network.classes is not None:
        return Judged(right=predicted_classes(answers) == truth, samples=samples)
    if network.task == "labels":
        given = decided(answers, network.preprocessing.thresholds)
        return Judged(right=(given == (truth > 0.5)).all(axis=1), samples=samples)
    return Judged(squares=_squares(truth, answers), samples=samples)


def _squares(truth: Array, answers: Array) -> Array:
    found: Array = np.square(answers.astype(np.float64) - truth).mean(axis=1)
    return found


def _stored(member: Member, split: str) -> Judged | None:
    """From predictions.csv, if it is of the very checkpoint whose figures run.json has."""
    record = member.record
    figures = record.test or {} if split == "test" else {"loss": record.metrics.get("val_loss")}
    try:
        path = member.run.file(f"eval/{split}/metrics.json", MAX_METRICS)
        facts = parse(path.read_bytes(), 10_000, 1_000)
        if figures.get("loss") is None or facts["metrics"]["loss"] != figures["loss"]:
            return None
        if facts.get("weighted", _may_have_weights(member)):  # which the table does not have
            return None
        path = member.run.file(f"eval/{split}/predictions.csv", MAX_BYTES)
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            found = _from_rows(next(rows, []), rows)
        return found if facts["samples"] == record.data.samples[split] == _count(found) else None
    except (OSError, DataError, ValueError, TypeError, LookupError, csv.Error):
        return None  # then it is done anew


def _may_have_weights(member: Member) -> bool:
    """Whether samples may have weights, of an evaluation that does not say it as older ones."""
    data = {key: member.values.get(f"data.{key}") for key in ("type", "sample_weight")}
    return data["type"] == "npz" or data["sample_weight"] is not None


def _count(found: Judged) -> int:
    each = found.squares if found.right is None else found.right
    return 0 if each is None else len(each)


def _from_rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Judged:
    if list(header[:3]) == [INDEX, TRUE, PREDICTED]:
        return Judged(right=np.array([row[1] == row[2] for row in rows], bool))
    first = next(at for at, name in enumerate(header) if name.startswith(f"{PREDICTED}_"))
    count = first - 1
    numbers = np.array([row[1 : 1 + 2 * count] for row in rows], np.float64)
    return Judged(squares=_squares(numbers[:, :count], numbers[:, count:]))
