"""A comparison in a sentence: which group is best, and whether that is more than noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from nnfs_cli.formatting import interval_text, number, significant, some
from nnfs_cli.nn.metric import higher_is_better
from nnfs_cli.reports.comparing.groups import Comparison, Group, by_fold
from nnfs_cli.reports.comparing.paired import Bootstrap, McNemar
from nnfs_cli.statistics import Difference, difference, difference_by_fold

MANY = 1_000
"""Seeds that are too many to train."""
REPEAT = "train each with several seeds: nnfs train CONFIG --seeds 5"
ALL_FOLDS = "train each on all folds: nnfs train CONFIG --folds 5"


@dataclass(frozen=True)
class Verdict:
    """What is to be said, and the tests behind it: the best group against each other."""

    text: str
    differences: dict[int, Difference]
    """By the number of the other group, with Holm's p-values where there are several."""


def verdict(found: Comparison) -> Verdict:
    """Compare the best group with each of the others that was trained several times."""
    known = [group for group in found.groups if found.metric in group.figures]
    if not known:
        return Verdict(f"no run has a number as its {found.metric}", {})
    if not found.means_the_same:
        return Verdict(_not_the_same(found), {})
    best, *others = known
    own = best.figures[found.metric]
    if not others:
        return Verdict(_alone(best, found.metric), {})
    if own.std is None:
        return Verdict(_single(found, best, others[0]), {})
    pairs = {other.number: ahead(found.metric, best, other) for other in others}
    tests = holm({number_: test for number_, test in pairs.items() if test is not None})
    left = _left([other for other in others if other.number not in tests], found.metric)
    if not tests:
        return Verdict(f"#1 is best in {found.metric}{left}", {})
    return Verdict(_judged(found.metric, tests) + left, tests)


def ahead(metric: str, best: Group, other: Group) -> Difference | None:
    """By how much the best is better: fold by fold, or over the seeds of each.

    None where that is not known: of one seed, or of other folds.
    """
    better, worse = (best, other) if higher_is_better(metric) else (other, best)
    if best.is_folded or other.is_folded:
        return _by_fold(metric, better, worse)
    of = better.figures[metric], worse.figures[metric]
    return None if any(each.std is None for each in of) else difference(*of)


def _by_fold(metric: str, one: Group, other: Group) -> Difference | None:
    """The difference in the folds, of the very same samples, that both were trained on."""
    own, others = ({(m.fold, m.record.data.hash) for m in group.members} for group in (one, other))
    same = {fold for fold, _ in own & others} - {fold for fold, _ in own ^ others}
    a, b = (by_fold(group.members, metric) for group in (one, other))
    known = [fold for fold in same if fold is not None and fold in a and fold in b]
    if len(known) < 2:
        return None
    apart = [fmean(a[fold]) - fmean(b[fold]) for fold in sorted(known)]
    return difference_by_fold(apart, known[0].folds)


def _left(groups: Sequence[Group], metric: str) -> str:
    """What is said of those that nothing tells of."""
    alone = [g for g in groups if not g.is_folded and g.figures[metric].std is None]
    others = [f"#{group.number}" for group in groups if group not in alone]
    told = f"; {some([f'#{g.number}' for g in alone])} with one seed each cannot be judged"
    were = "was" if len(others) == 1 else "were"
    folds = f"; {some(others)} {were} not trained on the same folds, and cannot be judged"
    return told * bool(alone) + folds * bool(others)


def holm(tests: dict[int, Difference]) -> dict[int, Difference]:
    """With p-values for that many tests at once (Holm 1979): the k-th smallest of m, of which the
    first is k = 1, is multiplied by m - k + 1, and is no smaller than the one before."""
    adjusted, lowest = {}, 0.0
    for rank, number_ in enumerate(sorted(tests, key=lambda n: tests[n].p_value)):
        lowest = max(lowest, min(1.0, tests[number_].p_value * (len(tests) - rank)))
        adjusted[number_] = replace(tests[number_], p_value=lowest)
    return {number_: adjusted[number_] for number_ in tests}


def _alone(group: Group, metric: str) -> str:
    found = group.figures[metric]
    if found.std is None:
        return "there is nothing to compare this run with"
    within = interval_text(metric, found)
    return (
        f"{found.count} {group.repeats} of one config: {metric} {number(found.mean)}, "
        f"95 % within {within}"
    )


def _not_the_same(found: Comparison) -> str:
    """About losses that are not the same, with a figure that is."""
    others = [
        name
        for name in found.figures
        if not name.endswith("loss") and all(name in group.figures for group in found.groups)
    ]
    remedy = f"take another figure, --metric {others[0]}" if others else "give them metrics alike"
    return f"their losses are not the same, so {found.metric} does not tell which is best: {remedy}"


def _single(found: Comparison, best: Group, next_best: Group) -> str:
    apart = abs(best.figures[found.metric].mean - next_best.figures[found.metric].mean)
    if apart == 0:
        return f"#1 and #{next_best.number} are equal in {found.metric}"
    told = f"#1 is best in {found.metric}, by {significant(apart)} before #{next_best.number}"
    if best.folds:
        return f"{told}; one fold does not tell how much of that is noise: {ALL_FOLDS}"
    return f"{told}; one seed does not tell how much of that is noise: {REPEAT}"


def _judged(metric: str, tests: dict[int, Difference]) -> str:
    """About the best group, which is #1, and others."""
    if len(tests) == 1:
        ((other, test),) = tests.items()
        span = f"{significant(test.low)} to {significant(test.high)}"
        told = f"#1 is better than #{other} in {metric} by {significant(test.value)}"
        told += ", fold by fold" if test.folds else ""
        return f"{told} (95 % interval {span}, {p_text(test)}): {_noise(test)}"
    close = [other for other, test in tests.items() if test.is_noise]
    worse = len(tests) - len(close)
    if not close:
        return f"#1 is best in {metric}, before all others by more than noise"
    names = some([f"#{other}" for other in close])
    nearest = tests[close[0]]
    others = "another is" if worse == 1 else f"{worse} others are"
    rest = f"; {others} worse by more than noise" if worse else ""
    return (
        f"#1 is best in {metric}, but within noise of {names}: {_enough(nearest, close[0])}{rest}"
    )


def _noise(test: Difference) -> str:
    return f"within noise; {_enough(test)}" if test.is_noise else "more than noise"


def _enough(test: Difference, other: int | None = None) -> str:
    whom = "" if other is None else f" from #{other}"
    if test.folds:
        return f"{test.folds} folds do not tell it{whom}"
    if test.enough is None:
        return f"no number of seeds tells it{whom}" if other else "there is no difference"
    if test.enough > MANY:
        return f"more than {MANY:,} seeds each would be needed to tell it{whom}"
    return f"about {test.enough} seeds each would tell it{whom}"


def p_text(test: Difference | McNemar) -> str:
    """A p-value as people read it."""
    return f"p = {test.p_value:.2g}" if test.p_value >= 1e-4 else "p < 0.0001"


def paired_text(test: McNemar | Bootstrap, split: str, names: Sequence[str]) -> str:
    """What a test of two networks on the same samples says."""
    one, other = names
    where = f"on the {test.samples:,} {split} samples"
    end = f"{'within' if test.is_noise else 'more than'} the noise of so many samples"
    if split != "test":
        end += ", which also chose the epoch"
    if isinstance(test, McNemar):
        counts = test.first_alone, test.second_alone
        told = f"{one} alone is right on {counts[0]:,}, {other} alone on {counts[1]:,}"
        name = (
            "McNemar's test, which counts samples and not weights"
            if test.weighted
            else ("McNemar's test")
        )
        return f"{where} {told} ({name}, {p_text(test)}): {end}"
    better, worse, low, high = one, other, -test.high, -test.low
    if test.first > test.second:
        better, worse, low, high = other, one, test.low, test.high
    apart = significant(abs(test.first - test.second))
    told = f"the RMSE of {better} is smaller than that of {worse} by {apart}"
    span = f"95 % interval {significant(low)} to {significant(high)}"
    name = "paired bootstrap of weighted samples" if test.weighted else "paired bootstrap"
    return f"{where} {told} ({name}, {span}): {end}"
