"""Formulas and gradients: the contracts, and a folder of members beside each. Knows no data."""
