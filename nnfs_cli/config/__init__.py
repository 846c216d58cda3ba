"""YAML: the reader, overrides, the schema, problems with their places, presets and proposals."""
