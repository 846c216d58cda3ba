"""Cross-entropy of yes-or-no questions."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import loss
from nnfs_cli.compute.arrays import Array, Shape, shape_text
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.activations.sigmoid import sigmoid
from nnfs_cli.nn.activations.softplus import softplus
from nnfs_cli.nn.loss import Loss, class_numbers, one_hot
from nnfs_cli.nn.losses.cross_entropy import SMALLEST, Weight
from nnfs_cli.nn.matching import require_fractions


@loss("binary_cross_entropy", "bce")
class BinaryCrossEntropy(Loss):
    """Cross-entropy of a sigmoid: L = -Σ (q t log p + (1 - t) log(1 - p)) / (N k).

    p = σ(outputs) if ``from_logits``, else the outputs are the probabilities; q is
    ``pos_weight``, 1 by default. Gradients, with e = p (1 - t + q t) - q t, which is p - t for
    q = 1: dL/dlogits = e / (N k), dL/dp = e / (p (1 - p) N k). Targets are k values between 0 and
    1 a sample, such as several labels; or two classes, for which the network returns one number,
    p of class 1; or classes, with an output for each, which are one-hot rows.

    A network that ends in sigmoid is trained on its logits all the same: the pair is fused.
    """

    from_logits: bool = Field(
        default=True, description="outputs are logits; false: probabilities of a final sigmoid"
    )
    pos_weight: Weight | list[Weight] | None = Field(
        default=None,
        description="what a yes weighs beside a no, where they are few: a number, or one for each "
        "output; (no / yes in training) balances them",
    )

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """L and its gradient with respect to the outputs."""
        self.require_values(outputs, targets)
        if not self.trusting:
            require_fractions(targets, self.word)
        count = self.team.global_count(float(outputs.size))
        compute = self.of_logits if self.from_logits else self.of_probabilities
        loss_sum, dy = compute(outputs, targets)
        dy *= 1.0 / count
        return loss_sum / count, dy

    def of_logits(self, x: Array, t: Array) -> tuple[float, Array]:
        """Σ w log(1 + eˣ) - q t x with w = 1 - t + q t, and w σ(x) - q t."""
        dy = self.scratch.like("dy", x)
        losses = softplus(x, self.scratch.like("losses", x), dy)
        weights, t = self.weighted(t)
        if weights is not None:
            losses *= weights
        loss_sum = float(losses.sum()) - float(np.vdot(x, t))
        sigmoid(x, dy)
        if weights is not None:
            dy *= weights
        dy -= t
        return loss_sum, dy

    def sample_losses(self, outputs: Array, targets: Array) -> Array:
        """The mean over the outputs of each sample."""
        weights, positive = self.weighted(targets)
        if self.from_logits:
            losses = softplus(outputs, np.empty_like(outputs), np.empty_like(outputs))
            losses = (losses if weights is None else losses * weights) - positive * outputs
        else:
            p = np.clip(outputs, SMALLEST, 1.0 - SMALLEST)
            losses = -positive * np.log(p) - (1.0 - targets) * np.log1p(-p)
        means: Array = losses.mean(axis=1)
        return means

    def weighted(self, t: Array) -> tuple[Array | None, Array]:
        """1 - t + q t, None where it is 1 everywhere, and q t."""
        if self.pos_weight is None:
            return None, t
        positive = t * np.asarray(self.pos_weight, t.dtype)
        return 1.0 - t + positive, positive

    def of_probabilities(self, p: Array, t: Array) -> tuple[float, Array]:
        """-Σ q t log p + (1 - t) log(1 - p), and (w p - q t) / (p (1 - p))."""
        p = np.clip(p, SMALLEST, 1.0 - SMALLEST, out=self.scratch.like("clipped", p))
        weights, positive = self.weighted(t)
        losses = positive * np.log(p) + (1.0 - t) * np.log1p(-p)
        expected = p if weights is None else weights * p
        dy = np.subtract(expected, positive, out=self.scratch.like("dy", p))
        dy /= p * (1.0 - p)
        return -float(losses.sum()), dy

    def predictions(self, outputs: Array) -> Array:
        """The probability of each yes."""
        if not self.from_logits:
            return outputs
        return sigmoid(outputs, self.scratch.like("predictions", outputs))

    def encode_distributions(self, distributions: Array, output_shape: Shape) -> Array:
        """Rows; of two classes and one output the probability of class 1 (N, 1)."""
        if distributions.shape[1] == 2 and output_shape == (1,):
            return distributions[:, 1:]
        return super().encode_distributions(distributions, output_shape)

    def encode_targets(self, targets: Array, classes: int | None, output_shape: Shape) -> Array:
        """Classes become one-hot rows, or for one output 0.0 and 1.0; values from 0 to 1 stay."""
        given = self.pos_weight if isinstance(self.pos_weight, list) else [1.0]
        if len(given) not in (1, *output_shape):
            raise UsageError(
                f"pos_weight has {len(given)} numbers, the network {shape_text(output_shape)} "
                "outputs",
                "give one for each output, or one for all",
            )
        if classes is None:
            self.require_outputs(output_shape, targets.shape[1:], "values a sample")
            require_fractions(targets, self.word)
            return targets.astype(np.float32)
        if output_shape == (classes,):
            return one_hot(class_numbers(targets, classes), classes)
        if classes != 2:
            raise UsageError(
                f"one output is for two classes, but the data has {classes}, and the network "
                f"returns {shape_text(output_shape)} numbers",
                f"choose `cross_entropy`, and end the layers with {classes} units",
            )
        if output_shape != (1,):
            self.require_outputs(
                output_shape, (1,), "number to predict, the probability of class 1"
            )
        return class_numbers(targets, classes).reshape(-1, 1).astype(np.float32)
