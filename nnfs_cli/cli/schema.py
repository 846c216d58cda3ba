"""``nnfs schema``."""

from __future__ import annotations

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import Plugins


def schema(console: Console, plugin: Plugins = None) -> None:
    """Print the JSON Schema of a config, for editors.

    Example: nnfs schema > nnfs.schema.json; then write as the first line of a config
    # yaml-language-server: $schema=nnfs.schema.json
    """
    import json

    from nnfs_cli.config.json_schema import config_schema
    from nnfs_cli.config.plugins import load_plugins

    load_plugins(plugin or [])
    found = config_schema()
    console.text(json.dumps(found, indent=2))
    console.document(**{"json_schema": found})
