"""Diagnosis: what is wrong with a config or a run, in findings with evidence and remedies."""

from __future__ import annotations

import copy
import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from nnfs_cli.errors import UsageError
from nnfs_cli.experiment.build import Built
from nnfs_cli.inspection.evidence import Evidence, start_of
from nnfs_cli.inspection.finding import Finding
from nnfs_cli.inspection.findings.beginning import (
    cannot_overfit,
    double_softmax,
    initial_loss,
    symmetric_units,
)
from nnfs_cli.inspection.findings.data import (
    class_imbalance,
    constant_feature,
    leaked_samples,
    unscaled_inputs,
)
from nnfs_cli.inspection.findings.fit import overfitting, still_improving, underfitting
from nnfs_cli.inspection.findings.gradients import exploding_gradients, vanishing_gradients
from nnfs_cli.inspection.findings.rate import lr_too_high, lr_too_low
from nnfs_cli.inspection.findings.units import dead_units, saturated_units
from nnfs_cli.inspection.trials import try_rates, try_whole, within_reach
from nnfs_cli.nn.model import Model
from nnfs_cli.runs.layer_rows import read_layers
from nnfs_cli.runs.record import DIVERGED, EARLY_STOPPING, FINISHED, MAX_TIME
from nnfs_cli.runs.run import Run

TRIAL_SECONDS = 25.0
"""After which nothing more is tried, so that the whole takes 30 seconds at most."""

CODES: dict[str, Callable[[Evidence], Finding | None]] = {
    "leaked-samples": leaked_samples,
    "symmetric-units": symmetric_units,
    "double-softmax": double_softmax,
    "unscaled-inputs": unscaled_inputs,
    "initial-loss": initial_loss,
    "exploding-gradients": exploding_gradients,
    "vanishing-gradients": vanishing_gradients,
    "cannot-overfit": cannot_overfit,
    "lr-too-high": lr_too_high,
    "lr-too-low": lr_too_low,
    "dead-units": dead_units,
    "saturated-units": saturated_units,
    "underfitting": underfitting,
    "overfitting": overfitting,
    "still-improving": still_improving,
    "class-imbalance": class_imbalance,
    "constant-feature": constant_feature,
}
"""What can be found, worst first, and causes before what follows from them."""


@dataclass(frozen=True)
class Diagnosis:
    """The findings, worst first, how long a config was tried, and what was tried otherwise."""

    findings: list[Finding]
    epochs: int
    seconds: float
    note: str = ""


def diagnose_config(built: Built) -> Diagnosis:
    """Train a little, at most some 30 seconds, and judge. Writes nothing."""
    began, first = time.monotonic(), copy.deepcopy(built.network.model)
    end, own = began + TRIAL_SECONDS, built.training.batches.batch_size
    built = replace(built, training=within_reach(built.training))
    judged = Evidence(built, first, first, start_of(built.training, first))
    trials = try_rates(built, first, judged.chance, end)
    whole = try_whole(built, first, end)
    evidence = Evidence(
        built,
        whole.model,
        first,
        judged.start,
        trials,
        whole.history,
        whole.layers,
        whole.complete,
        whole.diverged,
        whole.stopped_early,
    )
    tried = built.training.batches.batch_size
    note = f"steps of {own:,} samples take long: tried with {tried:,}" if tried < own else ""
    return Diagnosis(findings(evidence), len(whole.history), time.monotonic() - began, note)


def diagnose_run(run: Run, built: Built) -> Diagnosis:
    """Judge a run, reopened, by its own folder; nothing is trained. Raises DataError."""
    began, evidence = time.monotonic(), evidence_of(run, built)
    return Diagnosis(findings(evidence), len(evidence.history), time.monotonic() - began)


def worst_finding(run: Run, built: Built) -> Finding | None:
    """The worst that can be said at once of a run that has just ended. Raises DataError."""
    return next(iter(findings(evidence_of(run, built, thorough=False))), None)


def evidence_of(run: Run, built: Built, thorough: bool = True) -> Evidence:
    """What a run's folder tells of the training that ``built`` is of. Raises DataError."""
    record, training = run.read(), built.training
    first = first_model(built) if thorough else None
    return Evidence(
        built,
        training.model,
        first,
        start_of(training, first) if first else None,
        history=training.progress.history,
        layers=read_layers(run),
        complete=record.status == FINISHED and record.stopped != MAX_TIME,
        diverged=record.status == DIVERGED,
        stopped_early=record.stopped == EARLY_STOPPING,
        thorough=thorough,
    )


def first_model(built: Built) -> Model | None:
    """The network at its first weights; None where those were another run's."""
    if built.config.init_from is not None:
        return None
    model = copy.deepcopy(built.network.model)
    model.initialize(built.config.seed)
    return model


def findings(evidence: Evidence) -> list[Finding]:
    """All that is found, worst first."""
    found = (judge(evidence) for judge in CODES.values())
    return [finding for finding in found if finding is not None]


def page_of(code: str) -> str:
    """When the finding is made, and how to look for it."""
    return f"{inspect.getdoc(CODES[code])}\n\nnnfs diagnose CONFIG|RUN --fail-on {code}"


def require_code(code: str) -> str:
    """The code, if it is one. Raises UsageError."""
    if code not in CODES:
        close = get_close_matches(code, CODES, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(CODES)}"
        raise UsageError(f"no finding is called {code!r}", hint)
    return code
