"""Writes scipy.json: tests of significance by SciPy, in an environment that has it.

python tests/golden/make_scipy.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats

generator = np.random.default_rng(0)
welch = []
for n, m, shift, spread in ((2, 2, 0.5, 1), (3, 5, 1, 3), (5, 5, 0.1, 1), (10, 4, 2, 0.2)):
    a, b = generator.normal(0, 1, n).tolist(), generator.normal(shift, spread, m).tolist()
    found = stats.ttest_ind(a, b, equal_var=False)
    s, t = np.var(a, ddof=1) / n, np.var(b, ddof=1) / m
    error = float(np.sqrt(s + t))
    freedom = max(int(found.df), 1)  # rounded down, as books do that have tables
    statistic = abs(np.mean(a) - np.mean(b)) / error
    half = stats.t.ppf(0.975, freedom) * error
    welch.append(
        {"a": a, "b": b, "p": 2 * stats.t.sf(statistic, freedom), "half": half, "df": found.df}
    )
mcnemar = []
for b, c in ((0, 0), (0, 5), (3, 9), (12, 13), (40, 70), (400, 480), (600, 700), (5000, 5200)):
    exact = stats.binomtest(b, b + c).pvalue if b + c else 1.0
    chi = stats.chi2.sf(max(abs(b - c) - 1, 0) ** 2 / (b + c), 1) if b + c else 1.0
    mcnemar.append({"b": b, "c": c, "exact": float(exact), "chi_squared": float(chi)})
folds = []
for n, k, shift in ((5, 5, 0.5), (10, 10, 1.0), (3, 10, 1.0), (2, 2, 2.0)):
    a = generator.normal(0, 1, n)
    b = (a + generator.normal(shift, 1, n)).tolist()
    plain, d = stats.ttest_rel(b, a), np.subtract(b, a)
    error = float(np.sqrt((1 / n + 1 / (k - 1)) * d.var(ddof=1)))
    t = plain.statistic * np.sqrt((1 / n) / (1 / n + 1 / (k - 1)))
    low, high = stats.t(n - 1, loc=d.mean(), scale=error).interval(0.95)
    found = {"p": 2 * stats.t.sf(abs(t), n - 1), "low": float(low), "high": float(high)}
    folds.append({"folds": k, "a": a.tolist(), "b": b} | found)
Path(__file__).with_name("scipy.json").write_text(
    json.dumps({"welch": welch, "mcnemar": mcnemar, "folds": folds}, indent=1) + "\n"
)
