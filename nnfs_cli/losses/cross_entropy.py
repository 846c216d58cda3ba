"""Cross-entropy between class probabilities and the true classes."""

from __future__ import annotations

from pydantic import Field

from nnfs_cli.component import loss
from nnfs_cli.losses.loss import Loss
from nnfs_cli.parameter import Array


@loss("cross_entropy", "categorical_cross_entropy", "sparse_categorical_cross_entropy")
class CrossEntropy(Loss):
    """Cross-entropy of a softmax: L = Σ_n w_n (-Σ_k t_nk log p_nk) / Σ_n w_n.

    p = softmax(outputs) if ``from_logits``, else the outputs are the probabilities. t is one-hot,
    mixed with the uniform distribution by ``label_smoothing`` s: (1 - s) t + s / K. The weight
    w_n is the class weight of sample n (1 if none are given). Gradient for logits:
    dL/dlogits = w_n (p - t) / Σ w. Targets: class numbers (N,), or rows (N, K) that sum to one.

    A network that ends in softmax is trained on its logits all the same: the pair is fused.
    """

    from_logits: bool = Field(
        default=True, description="outputs are logits; false: probabilities of a final softmax"
    )
    label_smoothing: float = Field(
        default=0.0, ge=0.0, lt=1.0, description="share of probability spread over all classes"
    )
    class_weights: list[float] | None = Field(
        default=None, description="a weight for each class, in the order of its number"
    )

    def value_and_grad(self, outputs: Array, targets: Array) -> tuple[float, Array]:
        """L and its gradient with respect to the outputs."""
        raise NotImplementedError  # written by whoever finishes the losses
