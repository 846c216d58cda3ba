"""Sweeps: many runs from one config, each an ordinary run."""
