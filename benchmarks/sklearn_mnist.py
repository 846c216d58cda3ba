"""The same in scikit-learn."""

from __future__ import annotations

import warnings

from mnist import load
from sides.scikit_learn import hidden_units
from sklearn.neural_network import MLPClassifier
from works import WORKS


def main() -> None:
    work = WORKS["process"]
    warnings.simplefilter("ignore")  # one epoch does not converge
    model = MLPClassifier(hidden_units(work.layers), batch_size=work.batch, max_iter=1, alpha=0.0)
    model.fit(*load("train"))
    print(f"test accuracy {100 * model.score(*load('t10k')):.2f} %")


if __name__ == "__main__":
    main()
