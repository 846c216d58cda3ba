"""Images of what a network learnt that judge it by samples: how right it is, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Samples
from nnfs_cli.data.prepare import Data
from nnfs_cli.formatting import percent, significant
from nnfs_cli.reports.plots.points import count_text
from nnfs_cli.reports.plots.subject import Seen, Subject


@dataclass
class Judged(Subject[Seen]):
    """Training samples are drawn, and so are those that judge: ``split`` names them."""

    train: Samples
    judged: Samples
    split: str

    def about(self) -> str:
        """Which samples are drawn, and how."""
        told = f"dots: {count_text(self.train, 'training')}"
        if self.split != "training":
            told += f"; outlined: {count_text(self.judged, self.split)}"
        return told

    def accuracy(self, answered: Array) -> float:
        """The fraction of the judging samples whose class was answered."""
        return float(np.mean(answered == self.judged.targets))

    def accuracy_text(self, answered: Array) -> str:
        """The accuracy, and how many are wrong."""
        total = len(self.judged)
        wrong = int(np.sum(answered != self.judged.targets))
        found = f"accuracy {percent((total - wrong) / total)} on {total:,} {self.split} samples"
        return f"{found}: {wrong:,} wrong" if wrong else f"{found}: all right"

    def rmse(self, predicted: Array) -> float:
        """The root of the mean squared error over the judging samples."""
        errors = (self.judged.targets.astype(np.float64) - predicted) ** 2
        return math.sqrt(float(np.mean(errors)))

    def error_text(self, predicted: Array, what: str) -> str:
        """How much of the variance is explained, and by how much predictions are off."""
        rmse, variance = self.rmse(predicted), float(np.var(self.judged.targets, dtype=np.float64))
        measured = f"rmse {significant(rmse)} on {len(self.judged):,} {self.split} samples"
        if not variance:
            return measured
        return f"{what} explains {percent(1 - rmse**2 / variance)} of the variance: {measured}"


def judged_samples(data: Data) -> tuple[str, Samples]:
    """The test samples, or those that are there instead, and what they are called."""
    for split, samples in (("test", data.test), ("validation", data.validation)):
        if samples is not None:
            return split, samples
    return "training", data.train
