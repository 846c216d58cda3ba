"""The learning rate, too high or too low."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from nnfs_cli.inspection.config_keys import override
from nnfs_cli.inspection.evidence import Evidence
from nnfs_cli.inspection.finding import Finding

HALF = 0.5
SOMETHING = 0.2
"""Of what can be learnt: what another rate must have taught to be proposed."""
HASTY, IDLE = 0.1, 3e-5
"""Ratios of a step to the weights."""


def lr_too_high(evidence: Evidence) -> Finding | None:
    """A lower rate teaches twice as much in as many steps; or the training runs away."""
    tried = _better(evidence, lower=True)
    if tried is not None or evidence.trials is not None:
        return tried
    ratio = max(_ratios(evidence), default=0.0)
    losses = [record["train_loss"] for record in evidence.history]
    stuck = len(losses) > 2 and evidence.chance.learnt(losses[-1]) < SOMETHING
    if not evidence.diverged and not (stuck and ratio > HASTY):
        return None
    stays = "the loss is hardly below that of a constant"
    text = "the training diverged" if evidence.diverged else stays
    text += f", and a step is up to {ratio:.2g} of the weights"
    return _finding(evidence, 0.1, text, {"update_ratio": ratio})


def lr_too_low(evidence: Evidence) -> Finding | None:
    """A higher rate teaches twice as much in as many steps; or the weights hardly move."""
    tried, ratios = _better(evidence, lower=False), [*_ratios(evidence)]
    if tried is not None or evidence.trials is not None or not ratios or max(ratios) >= IDLE:
        return tried
    text = f"a step is {max(ratios):.1e} of the weights at most"
    return _finding(evidence, 10.0, text, {"update_ratio": max(ratios)})


def _better(evidence: Evidence, lower: bool) -> Finding | None:
    """A lower (or higher) rate that was tried and taught twice as much, if one did."""
    if evidence.trials is None:
        return None
    learnt = evidence.trials.learnt
    others = [rate for rate in learnt if (rate < 1.0 if lower else rate > 1.0)]
    if not others:  # there was no time for them
        return None
    best, own = max(others, key=lambda rate: learnt[rate]), learnt[1.0]
    if learnt[best] < SOMETHING or own >= HALF * learnt[best]:
        return None
    text = (
        f"{_percent(own)} is learnt in {evidence.trials.steps:,} steps, and at {best:g} times the "
        f"rate {_percent(learnt[best])}"
    )
    return _finding(evidence, best, text, {"learnt": own, "learnt_there": learnt[best]})


def _finding(evidence: Evidence, factor: float, text: str, facts: dict[str, float]) -> Finding:
    lr = evidence.built.config.optimizer.lr
    return Finding(
        "lr-too-high" if factor < 1.0 else "lr-too-low",
        f"at optimizer.lr {lr:g} {text}",
        {"lr": lr, **facts},
        (override("optimizer.lr", float(f"{lr * factor:.3g}")),),
        "a warmup helps too: schedule.warmup=0.05" if factor < 1.0 else "",
    )


def _ratios(evidence: Evidence) -> Iterator[float]:
    """In each measured epoch, the median over the weights."""
    for rows in evidence.layers.values():
        found = [r.update_ratio for r in rows if r.update_ratio is not None and "weight" in r.name]
        if found and all(map(math.isfinite, found)):
            yield median(found)


def _percent(fraction: float) -> str:
    return "nothing" if fraction <= 0 else f"{100 * fraction:.0f} %"
