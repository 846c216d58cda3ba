"""Units that are of no use: dead ReLUs, saturated sigmoids and tanhs."""

from __future__ import annotations

from nnfs_cli.inspection.config_keys import keys_of
from nnfs_cli.inspection.evidence import Evidence
from nnfs_cli.inspection.finding import Finding
from nnfs_cli.inspection.findings.data import unscaled
from nnfs_cli.inspection.remedies import own_initializers

MANY = 0.5


def dead_units(evidence: Evidence) -> Finding | None:
    """Half of the units of a ReLU or more are zero for every sample of the fixed batch."""
    dead = {r.name: r.dead for r in evidence.rows(-1) if r.dead is not None and r.dead >= MANY}
    if not dead:
        return None
    name = max(dead, key=lambda path: dead[path])
    keys = {place.path: place.key for place in keys_of(evidence.built.config.layers)}
    return Finding(
        "dead-units",
        f"{100 * dead[name]:.0f} % of the units of {name} are zero for every sample looked at, so "
        "they learn nothing",
        {"layer": name, "dead": dead[name], "layers": len(dead)},
        tuple(f"{keys[path]}=leaky_relu" for path in dead if path in keys),
        "a learning rate or first weights that are too large kill them",
    )


def saturated_units(evidence: Evidence) -> Finding | None:
    """Half of the outputs of a sigmoid or tanh or more are flat when the training begins.

    Later they may well be: a network that is sure has such outputs.
    """
    seen = {row.name: row.saturated for row in evidence.earliest}
    flat = {name: part for name, part in seen.items() if part is not None and part >= MANY}
    if not flat:
        return None
    name = next(iter(flat))
    keys = {place.path: place.key for place in keys_of(evidence.built.config.layers)}
    swapped = tuple(f"{keys[path]}=relu" for path in flat if path in keys)
    remedy = ("data.normalize=standard",) if unscaled(evidence) else own_initializers(evidence)
    return Finding(
        "saturated-units",
        f"{100 * flat[name]:.0f} % of the outputs of {name} are where it is flat before anything "
        "is learnt, and hardly a gradient passes",
        {"layer": name, "saturated": flat[name], "layers": len(flat)},
        remedy or swapped,
        "its inputs are too large",
    )
