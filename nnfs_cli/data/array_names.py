"""Which arrays of a .npz file are inputs and targets, and of which split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from nnfs_cli.components.component import nearest
from nnfs_cli.errors import DataError

Pair = tuple[str, str]
"""The names of the inputs and of the targets."""
PLAIN: tuple[Pair, ...] = (("x_train", "y_train"), ("x", "y"))
OTHERS: tuple[Pair, ...] = (
    *(("X_train", "y_train"), ("X", "y"), ("train_images", "train_labels")),
    *(("images", "labels"), ("inputs", "targets"), ("arr_0", "arr_1")),
)
"""What other programs call them, which is announced."""
WORDS = {"validation": ("val", "valid", "validation"), "test": ("test",)}
WEIGHTS = "sample_weight"
EXPECTED = "x_train, y_train, x_val, y_val, x_test, y_test; or x and y"
NAMING = "data.inputs and data.targets say what they are called"


def training_pair(
    path: Path, names: Sequence[str], inputs: str | None, targets: str | None
) -> Pair:
    """The arrays to learn from: those that the config names, else those of a known name.

    Raises DataError if one is not there.
    """
    first, second = _known_pair(names)
    pair = inputs or first, targets or second
    for name, asked in zip(pair, (inputs, targets), strict=True):
        if name in names:
            continue
        if asked:
            raise DataError(f"{path} has no array {name!r}", nearest(name, names))
        there = ", ".join(sorted(names)[:20])
        raise DataError(
            f"{path} has no array {name!r}, but {there}", f"name them {EXPECTED}; or {NAMING}"
        )
    if pair[0] == pair[1]:
        raise DataError(f"inputs and targets are both {pair[0]!r}", NAMING)
    return pair


def _known_pair(names: Iterable[str]) -> Pair:
    there = {*names}
    whole = (pair for pair in (*PLAIN, *OTHERS) if there.issuperset(pair))
    begun = (pair for pair in PLAIN if pair[0] in there)
    return next(whole, None) or next(begun, PLAIN[1])


def split_pair(path: Path, names: Sequence[str], pair: Pair, split: str) -> Pair | None:
    """The arrays of another split, called as those of the training are; None without any.

    Of x_train it is x_test, of train_images test_images, of x x_test. Raises DataError if only
    one of the two is there.
    """
    for word in WORDS[split]:
        found = _renamed(pair[0], word), _renamed(pair[1], word)
        there = [name in names for name in found]
        if all(there):
            return found
        if any(there):
            missing = found[there.index(False)]
            raise DataError(
                f"{path} has no array {missing!r}, but {', '.join(sorted(names)[:20])}",
                f"name them {EXPECTED}; or {NAMING}",
            )
    return None


def _renamed(name: str, word: str) -> str:
    return name.replace("train", word) if "train" in name else f"{name}_{word}"


def single_pair(path: Path, names: Sequence[str], pair: Pair, split: str) -> Pair:
    """The arrays of a file that is one split: of its name, of the training's, or of a known one.

    Raises DataError if there are none.
    """
    for known in (pair, *PLAIN, *OTHERS):
        found = split_pair(path, names, known, split)
        if found or all(name in names for name in known):
            return found or known
    return training_pair(path, names, None, None)


def inputs_of(path: Path, names: Sequence[str], recorded: tuple[str | None, str | None]) -> Pair:
    """The arrays to answer or to test with, of which the targets may be missing.

    They are called as ``recorded`` in the training, or else in a known way; those of a test come
    first. Raises DataError if no inputs are there.
    """
    own = [] if None in recorded else [(recorded[0] or "", recorded[1] or "")]
    known = [
        found
        for pair in (*own, *PLAIN, *OTHERS)
        for found in ((_renamed(pair[0], "test"), _renamed(pair[1], "test")), pair)
        if "train" not in found[0]
    ]
    found = next((pair for pair in known if pair[0] in names), None)
    if found is None:
        first, second, *_ = dict.fromkeys(pair[0] for pair in known)
        raise DataError(
            f"{path} has neither {second} nor {first}, but {', '.join(sorted(names)[:8])}",
            "name the inputs x and the targets y",
        )
    return found


def weights_name(names: Sequence[str], split: str) -> str | None:
    """The array of the samples' weights of a split, if there is one."""
    words = WORDS.get(split, ("train",))
    known = [f"{WEIGHTS}_{word}" for word in words] + [WEIGHTS] * (split == "train")
    return next((name for name in known if name in names), None)


def notice_of(pair: Pair) -> str:
    """What to say of arrays that were found by a name of other programs."""
    if pair not in OTHERS:
        return ""
    return f"the inputs are {pair[0]!r}, the targets {pair[1]!r}; {NAMING} if they are others"


def refuse_others(path: Path, names: Iterable[str], used: Iterable[Sequence[str]]) -> None:
    """Raise DataError for arrays that would not be used."""
    taken = {name for pair in used for name in pair}
    others = sorted(name for name in names if name not in taken)
    if not others:
        return
    hint = f"remove or rename them: the names are {EXPECTED}; or {NAMING}"
    if any("weight" in name.lower() for name in others):
        hint = f"weights of samples are called {WEIGHTS}, {WEIGHTS}_val and {WEIGHTS}_test"
    some = ", ".join(map(repr, others[:5])) + ", ..." * (len(others) > 5)
    raise DataError(f"{path} has arrays that nnfs does not know: {some}", hint)
