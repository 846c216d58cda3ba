"""Comparing runs: what differs, which is better, and whether that is more than noise."""
