"""Components as a config would write them, in full or without what is at its default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnfs_cli.components.component import Component, own_keys
from nnfs_cli.components.renamed import former_key


def describe(component: Component) -> dict[str, Any]:
    """The component as a config would write it, every default spelled out."""
    return {"type": component.word} | {
        name: plain(getattr(component, name)) for name in own_keys(component)
    }


def plain(value: Any) -> Any:
    """``value`` as YAML and JSON can hold it, components described."""
    if isinstance(value, Component):
        return describe(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def essence(value: Any) -> Any:
    """``value`` as :func:`plain` tells it, without the keys that are at their defaults.

    A key that was renamed has its former name: fingerprints are made of it.
    """
    if isinstance(value, list | tuple):
        return [essence(item) for item in value]
    fields = getattr(type(value), "__pydantic_fields__", None)
    if fields is None:
        return plain(value)
    kept = {"type": value.word} if isinstance(value, Component) else {}
    for name, field in fields.items():
        own = essence(getattr(value, name))
        if own != essence(field.get_default(call_default_factory=True)):
            kept[former_key(field) or name] = own
    return kept
