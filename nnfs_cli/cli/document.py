"""The JSON document that a command answers with for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from nnfs_cli.escaping import json_escaped


def document_text(content: Mapping[str, Any], ascii_only: bool = False) -> str:
    """One line of JSON: NaN and infinity are null, paths are text, control characters escaped."""
    return json_escaped(json.dumps(_jsonable(content), ensure_ascii=ascii_only, allow_nan=False))


def _jsonable(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    return value if isinstance(value, str | int | bool) or value is None else str(value)
