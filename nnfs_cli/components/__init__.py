"""What a word of YAML is: a component, its fields in words, the registry, plugins."""
