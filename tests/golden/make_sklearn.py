"""Make sklearn.npz: metrics of scikit-learn, with and without weights of samples.

Run it where scikit-learn is: python tests/golden/make_sklearn.py
"""

from pathlib import Path

import numpy as np
from sklearn import metrics as m

generator = np.random.default_rng(0)
weights = np.round(generator.exponential(size=80), 2)
weights[::9] = 0.0
classes = generator.integers(0, 4, 80)
probabilities = generator.dirichlet(np.ones(4), 80)
binary, scores = generator.integers(0, 2, 80), np.round(generator.random(80), 1)
has, rows = generator.random((80, 3)) < [0.5, 0.3, 0.1], np.round(generator.random((80, 3)), 1)
values, guesses = generator.normal(size=(80, 2)), generator.normal(size=(80, 2))
results = {}
for name, w in (("plain", None), ("weighted", weights)):
    guessed, answered = probabilities.argmax(axis=1), rows >= 0.5
    own = {"sample_weight": w}
    results |= {
        f"{name}/classes/accuracy": m.accuracy_score(classes, guessed, **own),
        f"{name}/classes/top_2": m.top_k_accuracy_score(classes, probabilities, k=2, **own),
        f"{name}/classes/log_loss": m.log_loss(classes, probabilities, **own),
        f"{name}/binary/roc_auc": m.roc_auc_score(binary, scores, **own),
        f"{name}/labels/subset_accuracy": m.accuracy_score(has, answered, **own),
        f"{name}/labels/hamming_loss": m.hamming_loss(has, answered, **own),
        f"{name}/values/mse": m.mean_squared_error(values, guesses, **own),
        f"{name}/values/mae": m.mean_absolute_error(values, guesses, **own),
        f"{name}/values/r2": m.r2_score(values, guesses, **own),
    }
    for average in ("macro", "weighted", "micro"):
        for word, score in (
            ("f1", m.f1_score),
            ("precision", m.precision_score),
            ("recall", m.recall_score),
        ):
            keys = {"average": average, "zero_division": 0} | own
            results[f"{name}/classes/{word}/{average}"] = score(classes, guessed, **keys)
            results[f"{name}/labels/{word}/{average}"] = score(has, answered, **keys)
    for average in ("macro", "micro"):
        results[f"{name}/labels/average_precision/{average}"] = m.average_precision_score(
            has, rows, average=average, **own
        )
arrays = {"weights": weights, "classes": classes, "probabilities": probabilities}
arrays |= {"binary": binary, "scores": scores, "has": has, "rows": rows}
arrays |= {"values": values, "guesses": guesses}
np.savez_compressed(
    Path(__file__).with_name("sklearn.npz"),
    **arrays,
    **{key: np.float64(value) for key, value in results.items()},
)
