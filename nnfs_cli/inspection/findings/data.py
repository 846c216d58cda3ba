"""The samples: how many of each class, how large, how varied, and which stand in two splits."""

from __future__ import annotations

import numpy as np

from nnfs_cli.data.inspection import feature_names, row_digests
from nnfs_cli.inspection.config_keys import override
from nnfs_cli.inspection.evidence import Evidence
from nnfs_cli.inspection.finding import Finding

UNEQUAL = 10.0
LARGE, APART = 10.0, 100.0
LEAKED = 0.01
NAMED = 3


def class_imbalance(evidence: Evidence) -> Finding | None:
    """The commonest class has ten times the samples of the rarest, and weighs no less."""
    labels, loss = evidence.built.network.labels, evidence.built.network.loss
    if not labels or getattr(loss, "class_weights", None) is not None:
        return None
    counts = np.bincount(evidence.built.data.train.targets, minlength=len(labels))
    rarest, commonest = int(np.argmin(counts)), int(np.argmax(counts))
    if counts[commonest] < UNEQUAL * counts[rarest]:
        return None
    fits = loss.is_a("cross_entropy")
    return Finding(
        "class-imbalance",
        f"{labels[commonest]!r} has {counts[commonest]:,} training samples and "
        f"{labels[rarest]!r} {counts[rarest]:,}: always saying {labels[commonest]!r} is right in "
        f"{100 * counts[commonest] / counts.sum():.0f} %",
        {"commonest": int(counts[commonest]), "rarest": int(counts[rarest])},
        (override("loss.class_weights", "balanced"),) if fits else (),
        "judge it by f1 or roc_auc instead of accuracy",
    )


def leaked_samples(evidence: Evidence) -> Finding | None:
    """One in a hundred test samples or more stands in training, number for number."""
    data = evidence.built.data
    if not evidence.thorough or data.test is None:
        return None
    known = set(row_digests(data.train.inputs))
    count = sum(row in known for row in row_digests(data.test.inputs))
    if count < LEAKED * len(data.test):
        return None
    dataset = data.dataset
    of_own = dataset.is_a("csv") and isinstance(getattr(dataset, "test", None), str)
    return Finding(
        "leaked-samples",
        f"{count:,} of {len(data.test):,} test samples stand in training too, number for number: "
        "what is measured on them is remembered",
        {"leaked": count, "test": len(data.test)},
        ("data.test=0.2",) if of_own else (),
        "" if of_own else "take the repeated samples out of the data",
    )


def unscaled_inputs(evidence: Evidence) -> Finding | None:
    """The inputs are far from 1 as the network sees them, or some are far from others."""
    found = unscaled(evidence)
    if not found:
        return None
    low, high = found
    return Finding(
        "unscaled-inputs",
        f"the inputs' features have sizes from {low:.3g} to {high:.3g}, and weights begin as if "
        "all were about 1",
        {"smallest": low, "largest": high},
        ("data.normalize=standard",),
    )


def unscaled(evidence: Evidence) -> tuple[float, float] | None:
    """The smallest and largest size (root of the mean square) of a feature, if they are far off."""
    if evidence.built.data.dataset.normalize != "none":
        return None
    rows = evidence.inputs.reshape(len(evidence.inputs), -1).astype(np.float64)
    sizes = np.sqrt(np.mean(rows**2, axis=0))
    largest = float(sizes.max())
    smallest = float(sizes[sizes > 0].min()) if largest else 0.0
    vectors = len(evidence.built.data.preprocessing.input_shape) == 1
    apart = vectors and largest > APART * smallest
    off = largest > LARGE or 0.0 < largest < 1.0 / LARGE
    return (smallest, largest) if off or apart else None


def constant_feature(evidence: Evidence) -> Finding | None:
    """A feature of a table or vector is the same in every training sample."""
    data = evidence.built.data
    if len(data.preprocessing.input_shape) != 1:
        return None
    rows = data.train.inputs
    still = np.flatnonzero(rows.min(axis=0) == rows.max(axis=0))
    if not len(still):
        return None
    names = feature_names(data, rows.shape[1])
    few = ", ".join(names[i] for i in still[:NAMED]) + (" ..." if len(still) > NAMED else "")
    columns = {c["name"] for c in data.preprocessing.columns if c["kind"] == "number"}
    ignored = [names[i] for i in still if names[i] in columns]
    remedy: tuple[str, ...] = ()
    if data.dataset.is_a("csv") and len(ignored) == len(still):
        already = map(str, getattr(data.dataset, "ignore", ()))
        remedy = (override("data.ignore", [*already, *ignored]),)
    return Finding(
        "constant-feature",
        f"{len(still):,} of {rows.shape[1]:,} features never change in training: {few}",
        {"constant": len(still), "features": rows.shape[1]},
        remedy,
        "they teach nothing, and a new value of theirs would mislead",
    )
