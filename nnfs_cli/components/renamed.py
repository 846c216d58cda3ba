"""Keys that got another name: configs may go on using the former one, and fingerprints do."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Formerly:
    """In a field's annotation: what its key was called in earlier versions."""

    key: str


def former_key(field: FieldInfo) -> str:
    """What the field's key was called; empty if it always had its name."""
    return next((item.key for item in field.metadata if isinstance(item, Formerly)), "")


def renamed_keys(kind: type) -> dict[str, str]:
    """The present key for each former one of a component class or section."""
    fields: dict[str, FieldInfo] = getattr(kind, "__pydantic_fields__", {})
    return {former_key(field): name for name, field in fields.items() if former_key(field)}
