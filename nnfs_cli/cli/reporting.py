"""How evaluations, predictions and inspections of data are told: to people and to programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isnan
from typing import Any

from nnfs_cli.cli.console import Console
from nnfs_cli.formatting import figure, percent
from nnfs_cli.predict.inputs import Failure
from nnfs_cli.predict.predict import Prediction
from nnfs_cli.reports.evaluation import RunEvaluation
from nnfs_cli.runs.load import LoadedRun

MANY_CLASSES = 30
"""Above it, the worst classes, labels or values and the commonest confusions are told, not all."""
TOLD = 20


def report_evaluation(console: Console, found: RunEvaluation) -> None:
    """Tell what `nnfs eval` measured: the metrics, the classes, and what was taken for what."""
    if found.samples.weights is not None:
        console.answer("figures count each sample by its weight, numbers of samples each as one")
    rows = [(name, figure(name, value)) for name, value in found.metrics.items()]
    console.table(["metric", "value"], rows)
    many = len(found.per_class) > MANY_CLASSES
    if many:
        what = "classes" if found.loaded.labels else "labels"
        console.answer(f"the {TOLD} worst of {len(found.per_class):,} {what}, by f1")
    if found.per_class:
        shown = worst_classes(found) if many else found.per_class
        one = "class" if found.loaded.labels else "label"
        console.table([one, "precision", "recall", "f1", "samples"], shown)
    if len(found.per_value) > MANY_CLASSES:
        console.answer(f"the {TOLD} worst of {len(found.per_value):,} targets, by r2")
    if found.per_value:
        console.table(["target", "mae", "rmse", "r2"], shown_values(found))
    labels = [row[0] for row in found.per_class]
    if found.confusion is not None and many:
        console.answer(f"the {TOLD} commonest confusions")
        pairs = found.confusion.commonest(TOLD)
        named = [(labels[pair.true], labels[pair.predicted], pair.samples) for pair in pairs]
        console.table(["true", "predicted", "samples"], named)
    elif found.confusion is not None:
        console.answer("confusion matrix: a row for each true class, a column for each prediction")
        counts = found.confusion.matrix().tolist()
        matrix = [[label, *row] for label, row in zip(labels, counts, strict=True)]
        console.table(["true", *labels], matrix)


def worst_classes(found: RunEvaluation) -> list[tuple[str, float, float, float, int]]:
    """The classes of the lowest f1, the larger of two alike first; absent ones are last."""
    return sorted(found.per_class, key=lambda row: (isnan(row[3]), row[3], -row[4]))[:TOLD]


def shown_values(found: RunEvaluation) -> list[tuple[str, float, float, float]]:
    """Each of several values with its errors; of many, those of the lowest r2."""
    if len(found.per_value) <= MANY_CLASSES:
        return found.per_value
    return sorted(found.per_value, key=lambda row: (isnan(row[3]), row[3]))[:TOLD]


def report_predictions(
    console: Console, loaded: LoadedRun, answers: Iterable[Prediction | Failure], show: bool
) -> list[Prediction | Failure]:
    """Say which run answers, and tell each answer when it comes, failures on stderr; return all."""
    checkpoint = loaded.checkpoint.stem
    console.progress(f"run {loaded.run.id}, checkpoint {checkpoint}")
    told = []
    for answer in answers:
        told.append(answer)
        if isinstance(answer, Failure):
            console.failure(str(answer.error))
            continue
        console.answer(prediction_line(answer))
        if show and answer.image is not None:
            console.image(answer.image)
    failures = [a for a in told if isinstance(a, Failure)]
    console.document(
        run=str(loaded.run.path),
        checkpoint=checkpoint,
        predictions=[a.to_json() for a in told if isinstance(a, Prediction)],
        errors=[
            {"file": f.name}
            | ({} if f.id is None else {"id": f.id})
            | {"message": f.error.message, "hint": f.error.hint}
            for f in failures
        ],
    )
    return told


def prediction_line(answer: Prediction) -> str:
    """``digit.png  7  99.31 %  (1 0.42 %, 9 0.11 %)  [inverted, centred]``."""
    if answer.reason:
        says = f"{answer.reason} (--force answers all the same)"
    elif answer.chosen is not None:
        yes = [f"{name} {percent(p)}" for name, p in answer.chosen]
        no = [f"{name} {percent(p)}" for name, p in answer.others]
        says = (", ".join(yes) or "no label") + (f"  ({', '.join(no)})" if no else "")
    elif answer.top:
        words = [f"{label} {percent(p)}" if p is not None else label for label, p in answer.top]
        says = words[0] + (f"  ({', '.join(words[1:])})" if words[1:] else "")
    else:
        names = [f"{name} " for name in answer.names] or [""] * len(answer.values)
        says = "  ".join(f"{n}{value:.6g}" for n, value in zip(names, answer.values, strict=True))
    notes = f"  [{'; '.join(answer.notes)}]" if answer.notes else ""
    return f"{answer.name}  {says}{notes}"


def report_inspection(console: Console, found: Mapping[str, Any]) -> None:
    """Tell what `nnfs data info` found."""
    console.document(**found)
    shape = " x ".join(map(str, found["input_shape"]))
    console.answer(f"{found['name']}: {found['kind']} inputs of {shape}, {found['dtype']}")
    splits = found["splits"]
    keys = ("samples", "min", "max", "mean", "deviation")
    rows = [(name, *(split[key] for key in keys)) for name, split in splits.items()]
    console.table(["split", *keys], rows)
    for one, names in (("class", found["classes"]), ("label", found.get("targets", []))):
        counts = [
            (name, *(split["balance"][name] for split in splits.values()))
            for name in names
            if all("balance" in split for split in splits.values())
        ]
        if counts:
            console.table([one, *splits], counts)
    features = found["features"]
    console.answer(
        f"features: {features['count']:,}, of which {features['constant']:,} never change"
    )
    if "each" in features:
        ranges = [(name, *values.values()) for name, values in features["each"].items()]
        console.table(["feature", "min", "max", "mean", "deviation"], ranges)
    repeated = {pair: count for pair, count in found["duplicates"].items() if count}
    console.answer(
        "duplicates: " + (", ".join(f"{n:,} in {pair}" for pair, n in repeated.items()) or "none")
    )
