"""Before the first step: the first loss, units that start alike, what one batch can teach."""

from __future__ import annotations

from nnfs_cli.compute.arrays import Array
from nnfs_cli.inspection.config_keys import keys_of, override, weighted_layers
from nnfs_cli.inspection.evidence import Evidence
from nnfs_cli.inspection.finding import Finding
from nnfs_cli.inspection.findings.data import unscaled
from nnfs_cli.inspection.remedies import own_initializers, plainer, wider
from nnfs_cli.nn.fusing import own_activation
from nnfs_cli.nn.model import Model

FAR = 10.0
"""What a first loss may be, in even guesses; of a cross-entropy, twice one and 1 more."""
ENOUGH = 0.5
"""Of one batch, that a network should be able to learn by heart."""


def initial_loss(evidence: Evidence) -> Finding | None:
    """The first loss is far above what guessing evenly gives."""
    if evidence.start is None:
        return None
    loss, chance = evidence.start.loss, evidence.chance.even
    network = evidence.built.network
    sure = bool(own_activation(network.loss))
    if loss <= (2.0 * chance + 1.0 if sure else FAR * chance):
        return None
    remedy: tuple[str, ...]
    if unscaled(evidence):
        remedy = ("data.normalize=standard",)
    elif network.classes is None and not evidence.built.data.dataset.normalize_targets:
        remedy = ("data.normalize_targets=true",)
    else:
        remedy = own_initializers(evidence) or _small_output(evidence)
    return Finding(
        "initial-loss",
        f"the first loss is {loss:.4g}, and an even guess has {chance:.4g}",
        {"loss": loss, "chance": chance},
        remedy,
        "inputs, targets or first weights are too large: the first epochs undo them",
    )


def _small_output(evidence: Evidence) -> tuple[str, ...]:
    places = weighted_layers(evidence.built.config.layers)
    small = {"type": "normal", "std": 0.01}
    return (override(f"{places[-1].key}.initializer", small),) if places else ()


def cannot_overfit(evidence: Evidence) -> Finding | None:
    """One small batch, learnt over and over, stays half unlearnt at every rate that was tried."""
    trials = evidence.trials
    if trials is None or trials.one_batch_learnt >= ENOUGH:
        return None
    percent = max(0.0, 100 * trials.one_batch_learnt)
    return Finding(
        "cannot-overfit",
        f"of one batch of {trials.one_batch} samples {percent:.0f} % is learnt in "
        f"{trials.one_batch_steps} steps, and all of it should be",
        {"samples": trials.one_batch, "learnt": trials.one_batch_learnt},
        plainer(evidence) or wider(evidence),
        "what cannot learn a batch by heart learns nothing: look for contradicting labels, too",
    )


def symmetric_units(evidence: Evidence) -> Finding | None:
    """All units of a hidden layer began with the same weights, and still have the same."""
    alike = _alike(evidence.model)
    if evidence.first is not None:
        alike &= _alike(evidence.first)
    learns = {path.rpartition(".")[0] for path in evidence.model.flat.trainable}
    places = weighted_layers(evidence.built.config.layers)[:-1]
    found = [place for place in places if place.path in alike & learns]
    if not found:
        return None
    names = ", ".join(place.path for place in found)
    return Finding(
        "symmetric-units",
        f"all units of {names} have the same weights: they learn the same and are as good as one",
        {"layers": len(found), "first": found[0].path},
        tuple(f"{place.key}.initializer=null" for place in found),
        "random first weights tell units apart",
    )


def _alike(model: Model) -> set[str]:
    """The layers of two units or more whose units all have the same weights."""

    def same(weight: Array) -> bool:
        columns = weight.reshape(-1, weight.shape[-1])
        return columns.shape[1] > 1 and bool((columns == columns[:, :1]).all())

    named = model.named_parameters().items()
    return {
        path.rpartition(".")[0]
        for path, p in named
        if path.endswith(".weight") and p.value.ndim > 1 and same(p.value)
    }


def double_softmax(evidence: Evidence) -> Finding | None:
    """The network ends in the activation that its loss applies once more."""
    loss, model = evidence.built.network.loss, evidence.built.network.model
    own = own_activation(loss)
    last = next(step for step in reversed(model.steps) if not step.is_a("linear"))
    if not own or not last.is_a(own) or not getattr(loss, "from_logits", False):
        return None
    path = next(path for path, part in model.walk() if part is last)
    keys = {place.path: place.key for place in keys_of(evidence.built.config.layers)}
    return Finding(
        "double-softmax",
        f"{own} is applied twice: by {path}, and by {loss.word} once more",
        {"layer": path},
        (f"{keys[path]}=linear",) if path in keys else (),
        "it flattens the probabilities, and with them the gradients",
    )
