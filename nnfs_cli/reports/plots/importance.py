"""How much each key matters for a metric, as Optuna tells it: by PED-ANOVA."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING, Any

from nnfs_cli.errors import MachineError
from nnfs_cli.reports.plots.canvas import new_figure, printable, shown
from nnfs_cli.reports.plots.key_values import Trials, value_text
from nnfs_cli.reports.plots.theme import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST = 8
"""Runs of which importance can be told."""


def figure_of(theme: Theme, trials: Trials, about: str) -> Figure:
    """A bar for each key, the most important on top. Raises MachineError without Optuna."""
    found = importance(trials)
    keys = sorted(found, key=found.__getitem__)
    title = f"{keys[-1]} matters most for {trials.metric} ({found[keys[-1]]:.0%} of all importance)"
    title = title.replace("%", " %")
    how = "how differently its values are spread among the best runs (PED-ANOVA)"
    size = (7.0, 1.9 + 0.34 * len(keys))
    figure, axes = new_figure(theme, printable(title), f"{how}; {about}", size=size)
    axes.barh([shown(key) for key in keys], [found[key] for key in keys], color=theme.training)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(0, 1)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    return figure


def importance(trials: Trials) -> dict[str, float]:
    """The share of each key, which add up to 1.

    Watanabe, Bansal, Hutter, "PED-ANOVA: Efficiently quantifying hyperparameter importance in
    arbitrary subspaces", 2023, arXiv:2304.10255. Raises MachineError without Optuna.
    """
    try:
        import optuna
    except ImportError:
        raise MachineError(
            "the importance of keys needs Optuna",
            "install the extra: pip install 'nnfs-cli[search]'",
        ) from None
    logging.getLogger("optuna").setLevel(logging.ERROR)
    columns = {key: _distribution(optuna, values) for key, values in trials.values.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is experimental
        study = optuna.create_study(direction="maximize" if trials.is_growing else "minimize")
        for at, value in enumerate(trials.found):
            params = {key: own[1][at] for key, own in columns.items()}
            distributions = {key: own[0] for key, own in columns.items()}
            study.add_trial(
                optuna.trial.create_trial(params=params, distributions=distributions, value=value)
            )
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {key: float(share) for key, share in found.items()}


def _distribution(optuna: Any, values: list[Any]) -> tuple[Any, list[Any]]:
    """What a key's values were drawn from, as far as they tell; and the values in it."""
    kinds = {type(value) for value in values}
    kind = optuna.distributions
    if kinds <= {int, float} and float in kinds:
        numbers = [float(value) for value in values]
        low, high = min(numbers), max(numbers)
        return kind.FloatDistribution(low, high, log=low > 0 and high > 20 * low), numbers
    if kinds == {int}:
        low, high = min(values), max(values)
        return kind.IntDistribution(low, high, log=low > 0 and high > 20 * low), values
    texts = [value_text(value) for value in values]
    return kind.CategoricalDistribution(sorted({*texts})), texts
