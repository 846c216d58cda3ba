"""Activations: one file for each kin; a new file registers itself."""
