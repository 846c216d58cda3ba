"""An option of a benchmark that counts from one."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """A whole number of at least 1; argparse tells its user of others."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, received {text}")
    return int(text)
