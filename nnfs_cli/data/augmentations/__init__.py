"""Augmentations: a new file registers itself."""
