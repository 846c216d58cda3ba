"""Augmentations: a new file registers itself."""

from nnfs_cli.component import import_siblings

import_siblings(__name__, __path__)
