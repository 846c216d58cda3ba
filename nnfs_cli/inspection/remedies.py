"""Overrides that several findings propose."""

from __future__ import annotations

from nnfs_cli.inspection.config_keys import keys_of, override, weighted_layers
from nnfs_cli.inspection.evidence import Evidence

MUCH_DROPOUT, MUCH_DECAY = 0.6, 0.1
WIDE = 64


def own_initializers(evidence: Evidence) -> tuple[str, ...]:
    """The default initializers where the config names others."""
    places = weighted_layers(evidence.built.config.layers)
    chosen = [p.key for p in places if getattr(p.layer, "initializer", None) is not None]
    return tuple(f"{key}.initializer=null" for key in chosen)


def plainer(evidence: Evidence) -> tuple[str, ...]:
    """Without what holds a network back on purpose, where there is much of it."""
    config = evidence.built.config
    found = [
        f"{place.key}.rate=0.2"
        for place in keys_of(config.layers)
        if place.layer.is_a("dropout") and getattr(place.layer, "rate", 0.0) > MUCH_DROPOUT
    ]
    decays = [n for n in ("weight_decay", "l1") if getattr(config.optimizer, n) >= MUCH_DECAY]
    return (*found, *(f"optimizer.{name}=0" for name in decays), *own_initializers(evidence))


def wider(evidence: Evidence) -> tuple[str, ...]:
    """Hidden layers of more units; one where there is none."""
    config = evidence.built.config
    *hidden, last = weighted_layers(config.layers)
    if hidden:
        return tuple(
            f"{place.key}.{name}={max(WIDE, 2 * units)}"
            for place in hidden
            for name, units in _units(place.layer)
        )
    described = list(config.described()["layers"])
    index = int(last.key.split(".")[1])
    described.insert(index, {"type": "dense", "units": WIDE, "activation": "relu"})
    return (override("layers", described),)


def _units(layer: object) -> list[tuple[str, int]]:
    return [(name, getattr(layer, name)) for name in ("units", "filters") if hasattr(layer, name)]
