"""NumPy's SeedSequence for many keys at once, which differ in their last number.

A generator for one key takes NumPy as long as a tiny network's whole forward pass, and every epoch
has a key of its own. The algorithm (O'Neill, "Developing a seed_seq Alternative", 2015) is part of
what NumPy promises to keep.
"""

from __future__ import annotations

import numpy as np

from nnfs_cli.compute.arrays import Array

POOL = 4
"""Words of 32 bits that the words of a key are mixed into."""
WORD = 0xFFFFFFFF
FIRST, FACTOR = 0x43B0D7E5, 0x931E8875
"""Of the constants that words are hashed with on their way into the pool."""
FIRST_OUT, FACTOR_OUT = 0x8B51F9DD, 0x58F38DED
"""And on their way out."""
LEFT, RIGHT = np.uint32(0xCA01F9DD), np.uint32(0x4973F715)
SHIFT = np.uint32(16)


class Hash:
    """Hashes words, each with constants of its own."""

    def __init__(self, constant: int, factor: int) -> None:
        self.constant, self.factor = constant, factor

    def __call__(self, word: Array) -> Array:
        """The hashes of the words (N,) of N keys."""
        found: Array = word ^ np.uint32(self.constant)
        self.constant = self.constant * self.factor & WORD
        found *= np.uint32(self.constant)
        found ^= found >> SHIFT
        return found


def mixed(x: Array, y: Array) -> Array:
    """One word of two."""
    found: Array = x * LEFT - y * RIGHT
    found ^= found >> SHIFT
    return found


def states(seed: int, purpose: int, numbers: range) -> Array:
    """``SeedSequence(seed, spawn_key=(purpose, n)).generate_state(4, np.uint64)`` of each number n.

    (N, 4), uint64. The numbers are below 2³².
    """
    own = [seed >> bits & WORD for bits in range(0, max(seed.bit_length(), 32 * POOL), 32)]
    key = [np.full(len(numbers), word, np.uint32) for word in (*own, purpose)]
    key.append(np.arange(numbers.start, numbers.stop, dtype=np.uint32))
    hashed = Hash(FIRST, FACTOR)
    pool = [hashed(word) for word in key[:POOL]]
    for source in range(POOL):
        for at in range(POOL):
            if at != source:
                pool[at] = mixed(pool[at], hashed(pool[source]))
    for word in key[POOL:]:
        pool = [mixed(kept, hashed(word)) for kept in pool]
    hashed = Hash(FIRST_OUT, FACTOR_OUT)
    words = [hashed(pool[number % POOL]).astype(np.uint64) for number in range(2 * POOL)]
    halves = zip(words[::2], words[1::2], strict=True)
    return np.stack([low | high << np.uint64(32) for low, high in halves], axis=1)
