"""Activations: one file for each kin; a new file registers itself."""

import nnfs_cli.layers  # noqa: F401  # first: dense, a layer, needs this folder's contract
from nnfs_cli.component import import_siblings

import_siblings(__name__, __path__)
