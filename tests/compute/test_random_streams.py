"""Streams: the same numbers for ever, and no two alike."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest

from nnfs_cli.compute.random_streams import (
    AHEAD,
    NumberedStreams,
    Purpose,
    StepStream,
    generator_state,
    restore_generator,
    stream,
)

GOLDEN = {
    (0, Purpose.WEIGHTS, 0): [73979004, 2427222451, 3906231730],
    (0, Purpose.WEIGHTS, 1): [2562720165, 1566817389, 1622215638],
    (0, Purpose.ORDER, 0): [2081501252, 4060103576, 4165089906],
    (0, Purpose.LAYER, 0, 0, 0): [1808890025, 3581045031, 1965352482],
    (42, Purpose.SPLIT): [3863084840, 3281066682, 3959326385],
    (2**63 - 1, Purpose.TOY_DATA, 1): [3220454960, 2912196208, 848194416],
}


def test_golden_numbers() -> None:
    """NumPy promises PCG64 and SeedSequence for ever; we promise the keys."""
    found = {key: stream(*key).integers(0, 2**32, 3).tolist() for key in GOLDEN}
    assert found == GOLDEN


def test_what_was_drawn_before_does_not_matter() -> None:
    first = stream(1, Purpose.ORDER, 7).random(5)
    stream(1, Purpose.ORDER, 6).random(1000)
    assert np.array_equal(stream(1, Purpose.ORDER, 7).random(5), first)


def test_every_key_has_numbers_of_its_own() -> None:
    keys = [*product(range(3), Purpose, range(3), range(3)), *product(range(3), Purpose, range(3))]
    keys += [*product(range(3), Purpose)]
    found = {stream(seed, *rest).bytes(16) for seed, *rest in keys}  # type: ignore[arg-type]
    assert len(found) == len(keys)


def test_streams_are_not_correlated() -> None:
    draws = np.array([stream(0, Purpose.LAYER, n).standard_normal(20_000) for n in range(6)])
    off_diagonal = np.corrcoef(draws) - np.eye(6)
    assert np.abs(off_diagonal).max() < 5 / np.sqrt(20_000)


@pytest.mark.parametrize("drawn", [0, 1, 3])
def test_a_state_goes_through_json(drawn: int) -> None:
    generator, other = stream(3, Purpose.LAYER, 1), stream(4, Purpose.SPLIT)
    generator.integers(0, 100, drawn, dtype=np.uint32)  # an odd number leaves half a draw behind
    state = json.loads(json.dumps(generator_state(generator)))
    restore_generator(other, state)
    assert np.array_equal(other.random(9), generator.random(9))
    assert np.array_equal(other.integers(0, 9, 9), generator.integers(0, 9, 9))


def test_numbers_of_purposes_never_change() -> None:
    assert {purpose.name: int(purpose) for purpose in Purpose} == {
        "WEIGHTS": 0,
        "ORDER": 1,
        "LAYER": 2,
        "SPLIT": 3,
        "TOY_DATA": 4,
        "GRADIENT_CHECK": 5,
        "AUGMENT": 6,
        "FIXED_BATCH": 7,
    }


def test_a_step_draws_the_same_numbers_whatever_came_before() -> None:
    numbers = StepStream(1, Purpose.LAYER, 0)
    drawn = {}
    for step in (0, 1, 2, 1000, 1):
        numbers.go_to(step)
        drawn.setdefault(step, []).append(numbers.generator.integers(0, 2**63, 500).tolist())
    assert drawn[1][0] == drawn[1][1]
    everything = [number for lists in drawn.values() for number in lists[0]]
    assert len(set(everything)) == 2000


def test_steps_are_not_correlated_bit_by_bit() -> None:
    """Places in the stream that lie a power of two apart would share their low bits."""
    numbers, drawn = StepStream(0, Purpose.LAYER, 0), []
    for step in range(64):
        numbers.go_to(step)
        raw = numbers.generator.integers(0, 2**64, 256, dtype=np.uint64)
        drawn.append(np.unpackbits(raw.view(np.uint8)).astype(np.float64) - 0.5)
    correlations = np.corrcoef(drawn)[np.triu_indices(64, 1)]
    assert np.abs(correlations).max() < 5.0 / np.sqrt(256 * 64)


@pytest.mark.parametrize(
    "seed", [0, 1, np.int64(3), 2**32 - 1, 2**32, 2**63 - 1, 2**127, 2**128, 3**150]
)
def test_numbered_streams_are_the_streams(seed: int) -> None:
    ours = NumberedStreams(seed, Purpose.ORDER)
    for number in (0, 1, AHEAD - 1, AHEAD, 5, 99_999, 2**32 - AHEAD):
        expected = stream(seed, Purpose.ORDER, number)
        found = ours.at(number)
        assert generator_state(found) == generator_state(expected)
        assert np.array_equal(found.permutation(301), expected.permutation(301))
        found.integers(0, 9, 3, dtype=np.uint32)  # leaves half a draw behind
