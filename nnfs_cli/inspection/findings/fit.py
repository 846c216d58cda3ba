"""How the training ended: too close to its samples, not close enough, or too early."""

from __future__ import annotations

from collections.abc import Mapping

from nnfs_cli.inspection.evidence import Evidence
from nnfs_cli.inspection.finding import Finding
from nnfs_cli.inspection.findings.rate import lr_too_high, lr_too_low
from nnfs_cli.inspection.remedies import plainer, wider

WORSE, APART = 1.5, 0.1
"""Of the validation loss, against its best and in parts of what can be learnt."""
PATIENCE = 5
LITTLE = 0.5
STEADY = 0.05
"""Of all that was learnt, the part learnt in the last fifth of the epochs."""


def overfitting(evidence: Evidence) -> Finding | None:
    """The validation loss ends far above its best, while the training loss went on falling."""
    history = evidence.history
    if len(history) < 2 or "val_loss" not in history[-1] or evidence.stopped_early:
        return None
    losses = [record["val_loss"] for record in history]
    best = min(losses)
    epoch, last = losses.index(best) + 1, losses[-1]
    span = max(evidence.chance.constant - evidence.chance.floor, 1e-12)
    fell = history[-1]["train_loss"] < history[epoch - 1]["train_loss"]
    if not fell or last < WORSE * best or last - best < APART * span:
        return None
    return Finding(
        "overfitting",
        f"the validation loss rose from {best:.4g} in epoch {epoch} to {last:.4g}, while the "
        f"training loss fell to {history[-1]['train_loss']:.4g}",
        {"best_epoch": epoch, "best_val_loss": best, "val_loss": last},
        (f"train.early_stopping={{monitor: val_loss, patience: {PATIENCE}}}",),
        "more samples, augmentation, dropout or weight decay let it learn more before that",
    )


def underfitting(evidence: Evidence) -> Finding | None:
    """At its end the training has learnt less than half of what can be learnt of its samples."""
    if not evidence.complete or evidence.diverged or not evidence.history:
        return None
    loss = evidence.history[-1]["train_loss"]
    learnt = evidence.chance.learnt(loss)
    if learnt >= LITTLE or any(f(evidence) for f in (still_improving, lr_too_low, lr_too_high)):
        return None
    return Finding(
        "underfitting",
        f"the training loss ends at {loss:.4g}; a constant answer has "
        f"{evidence.chance.constant:.4g}, so {max(0.0, 100 * learnt):.0f} % is learnt",
        {"train_loss": loss, "chance": evidence.chance.constant, "learnt": learnt},
        plainer(evidence) or wider(evidence),
        "a larger network, other inputs or a better learning rate may learn more",
    )


def still_improving(evidence: Evidence) -> Finding | None:
    """The loss was falling steadily when the epochs were over, and no schedule ended there."""
    history, schedule = evidence.history, evidence.built.config.schedule
    if not evidence.complete or evidence.stopped_early or evidence.diverged:
        return None
    if len(history) < 2 or schedule.plans_ahead:
        return None
    if lr_too_low(evidence):
        return None  # the epochs are not what is wrong
    key = "val_loss" if "val_loss" in history[-1] else "train_loss"
    before = history[-1 - max(1, len(history) // 5)][key]
    first, last = _first(evidence, key, history[0]), history[-1][key]
    share = (before - last) / max(first - last, 1e-12)
    if last > min(record[key] for record in history) * 1.001 or share < STEADY:
        return None
    epochs = evidence.built.config.train.epochs
    return Finding(
        "still-improving",
        f"{key} was still falling when the {epochs} epochs were over: {100 * share:.0f} % of its "
        "way was in the last fifth of them",
        {"before": before, "last": last, "epochs": epochs},
        (f"train.epochs={3 * epochs}",),
        "`nnfs resume --epochs N` goes on with a run",
    )


def _first(evidence: Evidence, key: str, record: Mapping[str, float]) -> float:
    """The loss that the way begins at: before the first step, where that is known."""
    return max(record[key], evidence.start.loss if evidence.start else record[key])
