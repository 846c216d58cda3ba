"""scikit-learn's MLPClassifier: partial_fit on a batch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

from works import CLASSES, LEARNING_RATE, Description, Work


def build(work: Work) -> Callable[[], object]:
    hidden = hidden_units(work.layers)
    from sklearn.neural_network import MLPClassifier

    x, y = work.ready_batch()
    warnings.simplefilter("ignore")
    model = MLPClassifier(
        hidden, batch_size=work.batch, alpha=0.0, learning_rate_init=LEARNING_RATE
    )
    model.partial_fit(x, y, classes=range(CLASSES))
    if work.does == "predict":
        return lambda: model.predict_proba(x)
    return lambda: model.partial_fit(x, y)


def hidden_units(layers: Sequence[Description]) -> list[int]:
    if any(layer["type"] != "dense" for layer in layers):
        raise NotImplementedError("it has dense layers only")
    return [layer["units"] for layer in layers[:-1]]
