"""The config's JSON Schema, for editors that complete and check YAML while it is written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import TypeAdapter

from nnfs_cli.components.component import Component
from nnfs_cli.components.registry import registry
from nnfs_cli.components.renamed import renamed_keys
from nnfs_cli.config.config import Config

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> dict[str, Any]:
    """JSON Schema of a config, with every registered component.

    Wherever a component may stand, a bare word or a mapping with ``type`` is allowed.
    """
    kinds = _kinds(Component, families=registry())
    schema = Config.model_json_schema()
    definitions = schema.pop("$defs", {})
    for kind in kinds:
        for member in {c.word: c for c in kind.members().values()}.values():
            definitions[_name(member)] = _member(member)
        definitions[kind.__name__] = _kind(kind)
    schema["anyOf"] = [{"required": schema.pop("required")}, {"required": ["extends"]}]
    schema["properties"]["extends"] = {"type": "string", "description": "a config to inherit from"}
    whole = {"$schema": DRAFT, "title": "nnfs config"} | schema | {"$defs": definitions}
    resolved: dict[str, Any] = _resolve(whole)
    return resolved


def _kinds(root: type[Component], families: Collection[str]) -> list[type[Component]]:
    """The base classes of families, such as Layer, and of parts of them, such as Activation."""
    found = []
    for kind in root.__subclasses__():
        if "word" not in kind.__dict__ and kind.__dict__.get("family") in families:
            found.append(kind)
        found += _kinds(kind, families)
    return list(dict.fromkeys(found))


def _kind(kind: type[Component]) -> dict[str, Any]:
    members = {c.word: c for c in kind.members().values()}
    words = {"enum": sorted(kind.members()), "description": f"a {kind.noun} with all defaults"}
    return {"anyOf": [words, *({"$ref": f"#/$defs/{_name(c)}"} for c in members.values())]}


def _member(member: type[Component]) -> dict[str, Any]:
    schema = TypeAdapter(member).json_schema()
    names = [name for name, c in registry()[member.family].items() if c is member]
    schema["properties"] = {"type": {"enum": names}} | schema.get("properties", {})
    for old, new in renamed_keys(member).items():
        note = {"deprecated": True, "description": f"called {new} now"}
        schema["properties"][old] = schema["properties"][new] | note
    schema["required"] = ["type", *schema.get("required", [])]
    schema["description"] = (member.__doc__ or "").partition("\n")[0]
    return schema


def _resolve(node: Any) -> Any:
    """Components' placeholders as references to the definitions of their kinds."""
    if isinstance(node, dict):
        if set(node) - {"description", "default", "title"} == {"family"}:
            rest = {key: value for key, value in node.items() if key != "family"}
            return rest | {"$ref": f"#/$defs/{node['family']}"}
        return {key: _resolve(value) for key, value in node.items()}
    return [_resolve(item) for item in node] if isinstance(node, list) else node


def _name(member: type[Component]) -> str:
    return f"{member.family}.{member.word}"
