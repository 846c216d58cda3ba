"""One run as a page: what was trained on what, how good it is, and how to repeat it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nnfs_cli.formatting import duration, figure, is_fraction
from nnfs_cli.nn.metric import class_probabilities, predicted_classes
from nnfs_cli.nn.optimizer import PENALTY
from nnfs_cli.reports.evaluation import RunEvaluation
from nnfs_cli.reports.pages.charts import Axis, Line, axis_of, line_chart
from nnfs_cli.reports.pages.confusion import confusion_html
from nnfs_cli.reports.pages.markup import charts, facts, listing, page, section, table, text
from nnfs_cli.reports.pages.mistakes import Wrong, mistakes_html
from nnfs_cli.reports.plots.conclusions import History, of_figure
from nnfs_cli.reports.plots.curves import WIDE
from nnfs_cli.reports.plots.of_run import left_out, names_of
from nnfs_cli.reports.scoring import Calibration, calibration, effective_count, fraction_interval
from nnfs_cli.runs.annotations import Annotations
from nnfs_cli.runs.record import FINISHED, Record
from nnfs_cli.runs.run import Run

MAX_ROWS = 100
"""Of the table of classes."""
MAX_DOTS = 400
SPLITS = {"train": "training", "val": "validation"}


@dataclass(frozen=True)
class Seen:
    """What the network did with the samples it is judged by, and the worst of its mistakes."""

    found: RunEvaluation
    wrong: Sequence[Wrong]
    count: int
    """How many are wrong."""
    about: str
    """How the mistakes are chosen."""


def run_page(
    run: Run, record: Record, annotations: Annotations, seen: Seen | None, notes: Sequence[str]
) -> str:
    """The page. ``seen`` is None where the data or the network is not to be had: ``notes`` say so.

    Raises DataError.
    """
    history = run.read_metrics()
    parts = [
        f"<h1>{text(run.id)}</h1>",
        f'<p class="lead">{text(sentence(record, run.status(record), seen, history))}</p>',
    ]
    told = [*(["tags: " + " ".join(annotations.tags)] if annotations.tags else [])]
    told += [annotations.note] if annotations.note else []
    parts += [f'<p class="note">{text(line)}</p>' for line in (*told, *notes)]
    if history:
        drawn = charts(curves(history))
        parts.append(section("How it learnt", drawn, note=left_out(history[0])))
    parts += [*_judged(seen)] if seen else []
    parts += [*_layers(seen)] if seen else []
    parts += [section("Config", listing(run.config_text().rstrip(), long=True))]
    parts += [section("Environment", facts(_environment(record)))]
    parts += [section("To repeat it", *_commands(run, record))]
    return page(run.id, parts)


def sentence(record: Record, status: str, seen: Seen | None, history: History) -> str:
    """What was trained on what, and how good it is."""
    train = record.data.samples.get("train", 0)
    done, seconds = record.epochs, record.seconds
    if status != FINISHED and history:  # the record is as old as the last checkpoint
        done, seconds = int(history[-1]["epoch"]), history[-1].get("time_s", seconds)
    epochs = f"{done:,} epoch{'' if done == 1 else 's'}"
    told = f"A network of {record.parameters:,} parameters, trained on {train:,} samples of "
    told += f"{_data(record, seen)} for {epochs} ({duration(seconds)})"
    if status != FINISHED:
        told += f", {status}"
    if seen is None and record.test:
        return f"{told}; test {_figures(record.test)}."
    if seen is None:
        return f"{told}."
    found, count = seen.found, len(seen.found.samples)
    where = f"on {count:,} {found.split} samples"
    accuracy = found.metrics.get("accuracy")
    if accuracy is None:
        return f"{told}: {_figures(found.metrics)} {where}."
    weights = found.samples.weights
    known = count if weights is None else effective_count(weights)
    low, high = (figure("accuracy", bound) for bound in fraction_interval(accuracy, known))
    return (
        f"{told}: accuracy {figure('accuracy', accuracy)} {where} (95 % interval {low} to {high})."
    )


def _data(record: Record, seen: Seen | None) -> str:
    """The data's name, and its path where it is the user's own."""
    path = getattr(seen.found.loaded.config.data, "path", None) if seen else None
    return f"{record.data.name} {path}" if path else record.data.name


def _figures(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name} {figure(name, value)}" for name, value in metrics.items())


def curves(history: History) -> Iterator[str]:
    """A chart of each figure, training and validation; of the penalty; of the learning rate."""
    epochs = [row["epoch"] for row in history]
    for name in names_of(history[0]):
        lines = [
            Line(told, epochs, [row[f"{split}_{name}"] for row in history], split)
            for split, told in SPLITS.items()
            if f"{split}_{name}" in history[0]
        ]
        known = [y for line in lines for y in line.ys if np.isfinite(y)]
        falls_far = bool(known) and min(known) > 0 and max(known) > WIDE * min(known)
        log = falls_far and not is_fraction(name)
        told = of_figure(history, name)
        yield line_chart(
            told[:1].upper() + told[1:], lines, name + (", log scale" if log else ""), log=log,
            fractions=is_fraction(name),
        )  # fmt: skip
    if PENALTY in history[0]:
        line = Line("", epochs, [row[PENALTY] for row in history], "train")
        yield line_chart("Penalty", [line], "weight_decay / 2 · Σ w² + l1 · Σ |w|, beside the loss")
    rates = [row["lr"] for row in history if "lr" in row]
    if len({*rates}) > 1 and len(rates) == len(history):
        yield line_chart("Learning rate", [Line("", epochs, rates, "train")], "at each epoch's end")


def _judged(seen: Seen) -> Iterator[str]:
    found, known = seen.found, seen.found.loaded.network.preprocessing
    what = f"{found.split} samples"
    rows = [(name, figure(name, value)) for name, value in found.metrics.items()]
    yield section(f"On the {len(found.samples):,} {what}", table(["figure", "value"], rows))
    if found.confusion is not None:
        yield section(
            "Confusion matrix",
            confusion_html(known.labels, found.confusion),
            note="a row for each true class; a shade is the share of its samples",
        )
    yield section("Classes", _classes(found))
    yield section("Values", table(["value", "mae", "rmse", "r2"], found.per_value))
    yield section("Answers and truth", charts(_scatter(found)))
    yield section(
        "The worst mistakes", mistakes_html(seen.wrong, found.samples, known), note=seen.about
    )
    calibrated = _calibration(found)
    if calibrated is not None:
        yield section("Calibration", charts([_reliability(calibrated)]), _bins(calibrated))


def _classes(found: RunEvaluation) -> str:
    if not found.per_class:
        return ""
    rows = [(row[0], *(figure("f1", v) for v in row[1:4]), row[4]) for row in found.per_class]
    more = f"the first {MAX_ROWS} of {len(rows):,}" if len(rows) > MAX_ROWS else ""
    return table(["class", "precision", "recall", "f1", "samples"], rows[:MAX_ROWS], more)


def _scatter(found: RunEvaluation) -> Iterator[str]:
    """Of values: what was answered over what is true, at most four hundred samples."""
    network = found.loaded.network
    if network.task != "values":
        return
    every = -(-len(found.samples) // MAX_DOTS)
    count, known = found.predictions.shape[1], network.preprocessing
    names = known.value_names(count) if count > 1 else [known.target or "value"]
    for column, name in enumerate(names[:6]):
        truth = found.samples.targets[::every, column].tolist()
        answers = found.predictions[::every, column].tolist()
        square = axis_of([*truth, *answers])
        ideal = Line("right", [square.low, square.high], [square.low, square.high], "val")
        told = [Line("samples", truth, answers, "train")]
        about = f"{len(truth):,} of {len(found.samples):,} samples" if every > 1 else ""
        yield line_chart(
            f"Answered {name}", [*told, *_diagonal(ideal)], about, "true", points=True,
            square=square,
        )  # fmt: skip


def _diagonal(line: Line) -> list[Line]:
    (low, high), steps = line.xs, 60
    places = [low + (high - low) * step / steps for step in range(steps + 1)]
    return [Line(line.name, places, places, line.colour)]


def _calibration(found: RunEvaluation) -> Calibration | None:
    network, truth = found.loaded.network, found.samples.targets
    weights = found.samples.weights
    if not network.gives_probabilities or not len(truth):
        return None
    if network.task == "labels":
        each = None if weights is None else np.repeat(weights, truth.shape[1])
        return calibration(found.predictions.reshape(-1), truth.reshape(-1) > 0.5, each)
    best = class_probabilities(found.predictions).max(axis=1)
    return calibration(best, predicted_classes(found.predictions) == truth, weights)


def _reliability(found: Calibration) -> str:
    unit = Axis(0.0, 1.0)
    title = f"Expected calibration error {figure('accuracy', found.error)}"
    about = "how often answers are right, over the probability that they were given with"
    own = Line("answers", found.probabilities, found.shares, "train")
    ideal = _diagonal(Line("perfect", [0.0, 1.0], [0.0, 1.0], "val"))
    return line_chart(title, [own, *ideal], about, "probability", fractions=True, square=unit)


def _bins(found: Calibration) -> str:
    both = zip(found.probabilities, found.shares, found.counts, strict=True)
    rows = [(figure("accuracy", p), figure("accuracy", s), n) for p, s, n in both]
    return table(["probability", "right", "answers"], rows)


def _layers(seen: Seen) -> Iterator[str]:
    from nnfs_cli.compute.arrays import shape_text

    summaries = seen.found.loaded.network.model.summary()
    rows = [
        (each.path, each.type, shape_text(each.output_shape), each.parameters) for each in summaries
    ]
    yield section("Layers", table(["layer", "type", "output", "parameters"], rows))


def _environment(record: Record) -> list[tuple[str, str]]:
    own = {
        "data": f"{record.data.name}, SHA-256 {record.data.hash}",
        "created": record.created,
        "git": record.git or "none",
        "workers": str(record.workers or 1),
        "fingerprint": record.fingerprint or "none",
    }
    return [*own.items(), *record.environment.items(), *record.plugins.items()]


def _commands(run: Run, record: Record) -> Iterator[str]:
    yield listing(f"nnfs reproduce {shlex.quote(str(run.path))}")
    command = shlex.join(["nnfs", *record.argv])
    yield f'<p class="note">or anew, as it was begun{text(_where(record))}:</p>'
    yield listing(command)


def _where(record: Record) -> str:
    return f" in {record.folder}" if record.folder else ""
