"""What a network does with a sample, for programs."""

from __future__ import annotations

from typing import Any

from nnfs_cli.inspection.look import Look
from nnfs_cli.inspection.trace_document import tensor


def look_document(look: Look) -> dict[str, Any]:
    """The look as JSON's types: small tensors whole, large ones as a summary and a corner."""
    top = [{"label": w, "probability": p if look.certain else None} for w, p in look.answers]
    has_values = look.task == "values"
    return {
        "sample": look.name,
        "true": look.truth or None,
        "top": [] if has_values else top,
        "labels": [label for label, _ in look.answers[: look.has]],
        "explained": look.explained or None,
        "values": [value for _, value in look.answers] if has_values else [],
        "input": tensor(look.input),
        "gradient_times_input": tensor(look.gradient),
        "occlusion": tensor(look.occluded),
        "activations": [{"path": p, **tensor(y)} for p, y in look.activations.items()],
        "nearest": [
            {"sample": each.sample, "distance": each.distance, "target": each.target}
            for each in look.neighbours
        ],
    }
