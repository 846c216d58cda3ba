"""The samples that a network gets most wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.inspection.look import target_text
from nnfs_cli.nn.metric import class_probabilities, decided, predicted_classes
from nnfs_cli.training.network import Network


@dataclass(frozen=True)
class Mistake:
    """A sample's answer beside the truth; ``error`` grows with how wrong it is.

    For classes it is 1 less the probability of the true class; where answers are scores, how far
    the best one is ahead of that class; for values the largest absolute difference.
    """

    sample: int
    origin: str
    true: str
    answer: str
    probability: float | None
    """Of the answer, for classes; None where answers are scores."""
    error: float


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # the numbers show it
def worst(network: Network, samples: Samples, count: int) -> tuple[list[Mistake], int]:
    """The most wrong first, and how many are wrong.

    Of classes those that got another class than theirs, of labels those that got others than
    theirs, of values all.
    """
    answers, truth = network.predict(samples.inputs), samples.targets
    if network.classes is None:
        errors = np.abs(answers - truth).max(axis=1)
        guesses = wrong = np.arange(len(truth))
        if network.task == "labels":
            given = decided(answers, network.preprocessing.thresholds)
            wrong = np.flatnonzero((given != (truth > 0.5)).any(axis=1))
    else:
        guesses, answers = predicted_classes(answers), class_probabilities(answers)
        best = 1.0 if network.gives_probabilities else answers.max(axis=1)
        errors = best - answers[np.arange(len(truth)), truth]
        wrong = np.flatnonzero(guesses != truth)
    order = wrong[np.argsort(-errors[wrong], kind="stable")][:count]
    mistakes = [
        _mistake(network, samples, place, answers, guesses, float(errors[place]))
        for place in order.tolist()
    ]
    return mistakes, len(wrong)


def _mistake(
    network: Network, samples: Samples, place: int, answers: Array, guesses: Array, error: float
) -> Mistake:
    origin = "" if samples.origins is None else str(samples.origins[place])
    row, truth, labels = answers[place], samples.targets[place], network.labels
    if network.task == "labels":
        has = decided(row, network.preprocessing.thresholds)
        answer = target_text(network, has.astype(np.float32))
        return Mistake(place, origin, target_text(network, truth), answer, None, error)
    if not labels:
        return Mistake(place, origin, _values(truth), _values(row), None, error)
    guess, own = int(guesses[place]), labels[int(truth)]
    probability = float(row[guess]) if network.gives_probabilities else None
    return Mistake(place, origin, own, labels[guess], probability, error)


def _values(row: Array) -> str:
    return " ".join(f"{value:.6g}" for value in row)
