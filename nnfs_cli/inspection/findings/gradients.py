"""Gradients on their way back: too small for the first layers, or too large for any."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nnfs_cli.inspection.config_keys import keys_of
from nnfs_cli.inspection.evidence import Evidence
from nnfs_cli.inspection.finding import Finding
from nnfs_cli.inspection.remedies import own_initializers
from nnfs_cli.training.layer_statistics import LEVELS, LayerRow

VANISHED = 1e-3
LARGE = 100.0


def vanishing_gradients(evidence: Evidence) -> Finding | None:
    """The first weights' gradient is less than a thousandth of the last ones', at the start."""
    ratio = _first_by_last(evidence.earliest)
    if ratio >= VANISHED:
        return None
    closing = [
        place.key
        for place in keys_of(evidence.built.config.layers)
        if any(map(place.layer.is_a, LEVELS))
    ]
    output = closing and evidence.built.network.model.head is not None
    hidden = closing[:-1] if output and closing[-1].startswith(_last_key(evidence)) else closing
    return Finding(
        "vanishing-gradients",
        f"when training begins, the gradient of the first weights is {ratio:.1e} of that of the "
        "last ones",
        {"ratio": ratio},
        tuple(f"{key}=relu" for key in hidden) or own_initializers(evidence),
        "each sigmoid passes a quarter of a gradient at most; residual layers let it around",
    )


def _last_key(evidence: Evidence) -> str:
    return f"layers.{len(evidence.built.config.layers) - 1}"


def _first_by_last(rows: Sequence[LayerRow]) -> float:
    """The norm of the first weights' gradient by that of the last ones'; 1 where none is."""
    norms = [r.gradient_norm for r in rows if r.gradient_norm is not None and "weight" in r.name]
    if len(norms) < 2 or not norms[-1] or not math.isfinite(norms[0] / norms[-1]):
        return 1.0
    return norms[0] / norms[-1]


def exploding_gradients(evidence: Evidence) -> Finding | None:
    """The whole gradient is longer than 100 (for values: than 100 times the root of the loss)."""
    start, found = evidence.start, []
    if start is not None and evidence.built.config.train.clip_norm is None:
        found.append(start.gradient_norm)
    for rows in evidence.layers.values():
        norms = [row.gradient_norm for row in rows if row.gradient_norm is not None]
        found.append(math.sqrt(sum(norm * norm for norm in norms)))
    scale = 1.0
    if evidence.built.network.classes is None and start is not None:
        scale = max(1.0, math.sqrt(max(start.loss, 0.0)))
    largest = max(found, key=lambda norm: math.inf if math.isnan(norm) else norm, default=0.0)
    if largest <= LARGE * scale:
        return None
    return Finding(
        "exploding-gradients",
        f"the gradient is {largest:.3g} long",
        {"gradient_norm": largest},
        own_initializers(evidence) or ("train.clip_norm=1.0",),
        "first weights that are too large make it grow from layer to layer; so does a rate",
    )
