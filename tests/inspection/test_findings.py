"""Each finding at its bounds, from evidence made by hand: on one side it is made, on the other not.

What it says in numbers and the overrides that it proposes are those of the evidence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.experiment.build import Built
from nnfs_cli.inspection.chance import Chance
from nnfs_cli.inspection.evidence import Evidence, Start, Trials
from nnfs_cli.inspection.finding import Finding
from nnfs_cli.inspection.findings import beginning, data, fit, gradients, rate, units
from nnfs_cli.runs.start import Request, prepare
from nnfs_cli.training.layer_statistics import LayerRow

CONFIG = """\
data: {type: moons, samples: 100, test_samples: 50, validation: 0}
layers: [{type: dense, units: 40, activation: sigmoid}, {type: dense, units: 2}]
loss: cross_entropy
optimizer: {type: sgd, lr: 0.5}
train: {epochs: 7, batch_size: 16, workers: 1}
"""
VALUES = ["data={type: sine, samples: 100, validation: 0}", "layers.1.units=1", "loss=mse"]
WEIGHT, BIAS, ACTIVATION = "dense_1.weight", "dense_1.bias", "dense_1.activation"
Judge = Callable[[Evidence], Finding | None]


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.yaml").write_text(CONFIG)


def built(*overrides: str) -> Built:
    return prepare(Request(Path("c.yaml"), overrides))[0]


def evidence(
    *overrides: str,
    chance: tuple[float, float, float] = (1.0, 1.0, 0.0),
    inputs: Any = None,
    **known: Any,
) -> Evidence:
    """What is known of a training, with the losses that others are judged by."""
    of = built(*overrides)
    found = Evidence(of, of.network.model, **known)
    vars(found)["chance"] = Chance(*chance)
    if inputs is not None:
        vars(found)["inputs"] = np.array(inputs, np.float32)
    return found


def history(**columns: Sequence[float]) -> list[dict[str, float]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def started(loss: float = 1.0, norm: float = 0.0, rows: Sequence[LayerRow] = ()) -> Start:
    return Start(loss, norm, rows)


def tried(learnt: Mapping[float, float], one_batch: float = 1.0) -> Trials:
    return Trials(300, learnt, one_batch, 16, 400)


def made(judge: Judge, of: Evidence) -> Finding:
    found = judge(of)
    assert found is not None
    return found


def rows_of(epoch: int, **norms: float | None) -> dict[int, list[LayerRow]]:
    names = {"weight": WEIGHT, "bias": BIAS, "last": "dense_2.weight"}
    return {epoch: [LayerRow(names[k], 1.0, norm) for k, norm in norms.items()]}


@pytest.mark.parametrize(
    ("overrides", "loss", "chance", "is_found"),
    [
        ([], 3.0, 1.0, False),  # 2 · chance + 1
        ([], 3.01, 1.0, True),
        ([], 2.41, 0.7, True),
        ([], 2.39, 0.7, False),
        (VALUES, 5.0, 0.5, False),  # 10 · chance
        (VALUES, 5.01, 0.5, True),
    ],
)
def test_initial_loss(overrides: list[str], loss: float, chance: float, is_found: bool) -> None:
    of = evidence(*overrides, chance=(chance, 0.1, 0.0), start=started(loss))
    found = beginning.initial_loss(of)
    assert (found is not None) == is_found
    assert not found or found.evidence == {"loss": loss, "chance": chance}
    assert beginning.initial_loss(evidence(*overrides)) is None


def test_the_remedy_of_a_first_loss_is_what_makes_it_large() -> None:
    large = started(1e9)

    def remedy(*overrides: str, **known: Any) -> tuple[str, ...]:
        return made(beginning.initial_loss, evidence(*overrides, start=large, **known)).remedy

    small = 'layers.1.initializer={"type": "normal", "std": 0.01}'
    own = "layers.1.initializer={type: normal, std: 1}"
    assert remedy() == (small,)
    assert remedy(own) == ("layers.1.initializer=null",)
    assert remedy("data.normalize=none", inputs=[[99.0, 99.0]]) == ("data.normalize=standard",)
    assert remedy(*VALUES) == ("data.normalize_targets=true",)
    assert remedy(*VALUES, "data.normalize_targets=true") == (small,)


def test_cannot_overfit() -> None:
    assert beginning.cannot_overfit(evidence(trials=tried({1.0: 1.0}, 0.5))) is None
    assert beginning.cannot_overfit(evidence()) is None
    found = made(beginning.cannot_overfit, evidence(trials=tried({1.0: 1.0}, 0.25)))
    assert found.evidence == {"samples": 16, "learnt": 0.25}
    assert "of one batch of 16 samples 25 % is learnt in 400 steps" in found.text
    assert found.remedy == ("layers.0.units=80",)
    nothing = made(beginning.cannot_overfit, evidence(trials=tried({1.0: 1.0}, -math.inf)))
    assert " 0 % is learnt" in nothing.text


def test_what_holds_a_network_back_and_how_it_is_widened() -> None:
    layers = (
        "layers=[{type: dropout, rate: 0.7}, {type: dropout, rate: 0.6}, {type: dense, units: 2}]"
    )

    def remedy(*overrides: str) -> tuple[str, ...]:
        of = evidence(*overrides, trials=tried({1.0: 1.0}, 0.0))
        return made(beginning.cannot_overfit, of).remedy

    assert remedy(layers) == ("layers.0.rate=0.2",)
    assert remedy("optimizer.weight_decay=0.1") == ("optimizer.weight_decay=0",)
    assert remedy("optimizer.weight_decay=0.09") == ("layers.0.units=80",)
    assert remedy("optimizer.l1=0.1", "layers.1.initializer=zeros") == (
        "optimizer.l1=0",
        "layers.1.initializer=null",
    )
    assert remedy("layers.0.units=3") == ("layers.0.units=64",)
    (alone,) = remedy("layers=[{type: dense, units: 2}]")
    assert alone.startswith('layers=[{"type": "dense", "units": 64, "activation": "relu"}, ')


@pytest.mark.parametrize(
    ("losses", "of", "span", "is_found"),
    [
        ([2.0, 1.0, 1.5], [3.0, 2.0, 1.0], 1.0, True),  # half as much again
        ([2.0, 1.0, 1.49], [3.0, 2.0, 1.0], 1.0, False),
        ([2.0, 1.0, 1.75], [3.0, 2.0, 1.0], 7.5, True),  # a tenth of what can be learnt
        ([2.0, 1.0, 1.75], [3.0, 2.0, 1.0], 7.6, False),
        ([2.0, 1.0, 1.5], [3.0, 2.0, 2.0], 1.0, False),  # training did not go on
    ],
)
def test_overfitting(losses: list[float], of: list[float], span: float, is_found: bool) -> None:
    known: dict[str, Any] = {"history": history(train_loss=of, val_loss=losses)}
    chance = (9.0, span + 1.0, 1.0)
    found = fit.overfitting(evidence(chance=chance, **known))
    assert (found is not None) == is_found
    if found:
        assert found.evidence == {"best_epoch": 2, "best_val_loss": 1.0, "val_loss": losses[-1]}
        assert "rose from 1 in epoch 2 to 1." in found.text
        assert found.text.endswith("training loss fell to 1")
    assert fit.overfitting(evidence(chance=chance, stopped_early=True, **known)) is None
    known["history"] = known["history"][-1:]
    assert fit.overfitting(evidence(chance=chance, **known)) is None
    assert fit.overfitting(evidence(history=history(train_loss=[1.0, 2.0]))) is None


def test_underfitting() -> None:
    def judged(loss: float, **known: Any) -> Finding | None:
        known = {"complete": True, "history": history(train_loss=[loss])} | known
        return fit.underfitting(evidence(chance=(9.0, 5.0, 1.0), **known))

    assert judged(3.0) is None
    found = judged(4.0)
    assert found is not None
    assert found.evidence == {"train_loss": 4.0, "chance": 5.0, "learnt": 0.25}
    assert "so 25 % is learnt" in found.text
    assert found.remedy == ("layers.0.units=80",)
    assert judged(4.0, complete=False) is None
    assert judged(4.0, diverged=True) is None
    assert judged(4.0, history=[]) is None
    assert judged(4.0, trials=tried({1.0: 0.1, 0.1: 0.9, 10.0: 0.1})) is None  # the rate's fault


@pytest.mark.parametrize(
    ("losses", "first", "is_found"),
    [
        ([20.0, 9, 8, 7, 6, 5, 4, 1, 0.5, 0.0], 20.0, True),  # a twentieth in the last fifth
        ([20.0, 9, 8, 7, 6, 5, 4, 0.99, 0.5, 0.0], 20.0, False),
        ([20.0, 9, 8, 7, 6, 5, 4, 1, 0.5, 0.0], 21.0, False),
        ([9.0, 6.0, 5.0], 9.0, True),
        ([9.0, 4.99, 5.0], 9.0, False),
    ],
)
@pytest.mark.parametrize("key", ["val_loss", "train_loss"])
def test_still_improving(losses: list[float], first: float, is_found: bool, key: str) -> None:
    columns = {"train_loss": [1.0] * len(losses), key: losses}
    known: dict[str, Any] = {"history": history(**columns), "start": started(first)}
    found = fit.still_improving(evidence(complete=True, **known))
    assert (found is not None) == is_found
    if found:
        before = losses[-1 - max(1, len(losses) // 5)]
        assert found.evidence == {"before": before, "last": losses[-1], "epochs": 7}
        assert found.remedy == ("train.epochs=21",)
        share = 100 * (before - losses[-1]) / (first - losses[-1])
        assert found.text.startswith(f"{key} was still falling")
        assert f": {share:.0f} % of its way" in found.text
    assert fit.still_improving(evidence(**known)) is None
    for other in ("stopped_early", "diverged"):
        assert fit.still_improving(evidence(complete=True, **{other: True}, **known)) is None
    assert fit.still_improving(evidence("schedule=cosine", complete=True, **known)) is None
    known["history"] = known["history"][:1]
    assert fit.still_improving(evidence(complete=True, **known)) is None


def test_vanishing_gradients() -> None:
    def judged(first: float | None, last: float | None, *overrides: str) -> Finding | None:
        rows = rows_of(1, bias=1e-9, weight=first, last=last)[1]
        return gradients.vanishing_gradients(evidence(*overrides, start=started(rows=rows)))

    assert judged(1e-3, 1.0) is None
    assert judged(None, 1.0) is None
    assert judged(0.0, 0.0) is None
    assert judged(math.inf, 1.0) is None
    found = judged(1e-4, 1.0)
    assert found is not None
    assert found.evidence == {"ratio": 1e-4}
    assert "1.0e-04 of that" in found.text
    assert found.remedy == ("layers.0.activation=relu",)
    for word in ("tanh", "hard_sigmoid"):
        other = judged(1e-4, 1.0, f"layers.0.activation={word}")
        assert other is not None
        assert other.remedy == found.remedy
    own = judged(1e-4, 1.0, "layers.0.activation=relu", "layers.0.initializer=zeros")
    assert own is not None
    assert own.remedy == ("layers.0.initializer=null",)


def test_a_sigmoid_that_is_the_answer_stays() -> None:
    rows = rows_of(1, weight=1e-9, last=1.0)[1]
    ends = ["loss=binary_cross_entropy", "layers.1={type: dense, units: 1, activation: sigmoid}"]
    found = made(gradients.vanishing_gradients, evidence(*ends, start=started(rows=rows)))
    assert found.remedy == ("layers.0.activation=relu",)


@pytest.mark.parametrize(
    ("overrides", "start", "layers", "length"),
    [
        ([], started(norm=100.0), {}, None),
        ([], started(norm=101.0), {}, 101.0),
        (["train.clip_norm=1"], started(norm=101.0), {}, None),
        ([], None, rows_of(1, weight=60.0, bias=80.0), None),
        ([], None, rows_of(1, weight=60.0, bias=None) | rows_of(2, weight=90, bias=120.0), 150.0),
        ([], None, rows_of(1, weight=math.nan), math.nan),
        (VALUES, started(loss=4.0, norm=200.0), {}, None),  # twice as long where values are
        (VALUES, started(loss=4.0, norm=201.0), {}, 201.0),
        (VALUES, started(loss=0.01, norm=101.0), {}, 101.0),
        ([], started(loss=4.0, norm=101.0), {}, 101.0),
    ],
)
def test_exploding_gradients(
    overrides: list[str], start: Start | None, layers: Any, length: float | None
) -> None:
    found = gradients.exploding_gradients(evidence(*overrides, start=start, layers=layers))
    assert (found is None) == (length is None)
    if found and length is not None:
        np.testing.assert_equal(found.evidence["gradient_norm"], length)
        assert found.remedy == ("train.clip_norm=1.0",)


@pytest.mark.parametrize(
    ("learnt", "code", "factor"),
    [
        ({1.0: 0.2, 0.1: 0.4, 10.0: 0.0}, "", 0.0),  # twice as much is as it should be
        ({1.0: 0.19, 0.1: 0.4, 10.0: 0.0}, "lr-too-high", 0.1),
        ({1.0: 0.0, 0.1: 0.19, 10.0: 0.19}, "", 0.0),  # nothing anywhere
        ({1.0: 0.0, 0.1: 0.2, 0.01: 0.9, 10.0: 0.0}, "lr-too-high", 0.01),
        ({1.0: 0.1, 0.1: 0.0, 10.0: 0.3, 100.0: 0.8}, "lr-too-low", 100.0),
    ],
)
def test_rates_that_were_tried(learnt: dict[float, float], code: str, factor: float) -> None:
    rows = {1: [LayerRow(WEIGHT, 1.0, 1.0, 1e-9)]}  # what was tried says more
    of = evidence(trials=tried(learnt), layers=rows, diverged=True)
    found = [f for f in (rate.lr_too_high(of), rate.lr_too_low(of)) if f]
    assert [f.code for f in found] == [code] * bool(code)
    for each in found:
        assert each.remedy == (f"optimizer.lr={0.5 * factor}",)
        assert each.evidence == {
            "lr": 0.5,
            "learnt": learnt[1.0],
            "learnt_there": learnt[factor],
        }
        share = f"{100 * learnt[1.0]:.0f} %" if learnt[1.0] else "nothing"
        assert each.text.startswith(f"at optimizer.lr 0.5 {share} is learnt in 300 steps, and at ")
        assert each.text.endswith(f" times the rate {100 * learnt[factor]:.0f} %")


def ratios(*rows: Sequence[float]) -> dict[int, list[LayerRow]]:
    """Epochs of three weights, and a bias that is no matter."""
    return {
        epoch: [
            *(LayerRow(f"dense_{n}.weight", 1.0, 1.0, ratio) for n, ratio in enumerate(row)),
            LayerRow(BIAS, 1.0, 1.0, 99.0),
            LayerRow(ACTIVATION, mean=0.0, std=0.0),
        ]
        for epoch, row in enumerate(rows, 1)
    }


def test_a_rate_of_which_only_the_steps_are_known() -> None:
    def high(last: float, ratio: float, epochs: int = 3, **known: Any) -> Finding | None:
        record = history(train_loss=[last] * epochs)
        rows = ratios([0.0, 0.0, 0.0], [0.0, ratio, 9.0], [0.0, 0.0, math.inf])
        return rate.lr_too_high(evidence(history=record, layers=rows, **known))

    assert high(0.9, 0.1) is None
    assert high(0.75, 0.11) is None  # a fifth and more is learnt
    assert high(0.9, 0.11, epochs=2) is None
    found = high(0.9, 0.11)
    assert found is not None
    assert found.evidence == {"lr": 0.5, "update_ratio": 0.11}
    assert found.text == (
        "at optimizer.lr 0.5 the loss is hardly below that of a constant, "
        "and a step is up to 0.11 of the weights"
    )
    assert found.remedy == ("optimizer.lr=0.05",)
    fled = high(0.1, 0.0, diverged=True)
    assert fled is not None
    assert "the training diverged" in fled.text

    def low(*rows: Sequence[float], **known: Any) -> Finding | None:
        return rate.lr_too_low(evidence(layers=ratios(*rows), **known))

    assert low([0.0, 3e-5, 1.0], [0.0, 0.0, 0.0]) is None
    assert low() is None
    assert low([0.0, 2e-5, 1.0], trials=tried({1.0: 1.0, 0.1: 0.0, 10.0: 0.0})) is None
    slow = low([0.0, 2e-5, 1.0], [0.0, 1e-5, 1.0])
    assert slow is not None
    assert slow.evidence == {"lr": 0.5, "update_ratio": 2e-5}
    assert slow.text == "at optimizer.lr 0.5 a step is 2.0e-05 of the weights at most"
    assert slow.remedy == ("optimizer.lr=5.0",)


def test_dead_units() -> None:
    def dead(**parts: float) -> list[LayerRow]:
        return [
            LayerRow(name.replace("_activation", ".activation"), dead=v)
            for name, v in parts.items()
        ]

    def judged(*epochs: list[LayerRow]) -> Finding | None:
        return units.dead_units(evidence(layers=dict(enumerate(epochs, 1))))

    assert judged() is None
    assert judged(dead(dense_1_activation=1.0), dead(dense_1_activation=0.49)) is None
    found = judged([], [LayerRow(WEIGHT), *dead(relu_1=0.5, dense_1_activation=0.75, relu_2=0.4)])
    assert found is not None
    assert found.evidence == {"layer": ACTIVATION, "dead": 0.75, "layers": 2}
    assert found.text.startswith("75 % of the units of dense_1.activation are zero")
    assert found.remedy == ("layers.0.activation=leaky_relu",)


def test_saturated_units() -> None:
    def flat(first: float, *overrides: str, **known: Any) -> Finding | None:
        rows = [LayerRow(WEIGHT), LayerRow(ACTIVATION, saturated=first)]
        rows.append(LayerRow("tanh_1", saturated=1.0))
        rows = rows if first >= 0.5 else rows[:-1]
        return units.saturated_units(evidence(*overrides, start=started(rows=rows), **known))

    assert flat(0.49) is None
    found = flat(0.5)
    assert found is not None
    assert found.evidence == {"layer": ACTIVATION, "saturated": 0.5, "layers": 2}
    assert found.text.startswith("50 % of the outputs of dense_1.activation are where it is flat")
    assert found.remedy == ("layers.0.activation=relu",)
    own = flat(0.5, "layers.0.initializer={type: normal, std: 30}")
    assert own is not None
    assert own.remedy == ("layers.0.initializer=null",)
    large = flat(0.5, "data.normalize=none", inputs=[[99.0, 99.0]])
    assert large is not None
    assert large.remedy == ("data.normalize=standard",)


@pytest.mark.parametrize(
    ("inputs", "sizes"),
    [
        ([[10.0, 10.0]], None),
        ([[10.1, 10.1]], (10.1, 10.1)),
        ([[0.1, 0.1]], None),
        ([[0.09, 0.09]], (0.09, 0.09)),
        ([[0.0, 0.0]], None),
        ([[5.0, 0.05]], None),
        ([[5.0, 0.049]], (0.049, 5.0)),
        ([[5.0, 0.0]], None),  # what is always 0 has no size
        ([[3.0, 0.0], [-3.0, 0.02]], (0.02 / math.sqrt(2), 3.0)),  # the root of the mean square
    ],
)
def test_unscaled_inputs(inputs: Any, sizes: tuple[float, float] | None) -> None:
    found = data.unscaled_inputs(evidence("data.normalize=none", inputs=inputs))
    assert (found is None) == (sizes is None)
    if found and sizes:
        assert [*found.evidence.values()] == pytest.approx(sizes)
        assert [*found.evidence] == ["smallest", "largest"]
        assert found.remedy == ("data.normalize=standard",)
    assert data.unscaled_inputs(evidence(inputs=inputs)) is None


def table(rows: Sequence[str], more: str = "") -> str:
    Path("t.csv").write_text("\n".join(["a,b,c,d,kind", *rows]) + "\n")
    return f"data={{type: csv, path: t.csv, target: kind, validation: 0, test: 0{more}}}"


@pytest.mark.parametrize(("common", "rare", "is_found"), [(30, 3, True), (29, 3, False)])
def test_class_imbalance(common: int, rare: int, is_found: bool) -> None:
    kinds = ["rare"] * rare + ["common"] * common
    of = table([f"{n},{n * n},{-n},{n % 7},{kind}" for n, kind in enumerate(kinds)])
    found = data.class_imbalance(evidence(of))
    assert (found is not None) == is_found
    if found:
        assert found.evidence == {"commonest": common, "rarest": rare}
        assert "'common' has 30 training samples and 'rare' 3: always" in found.text
        assert "is right in 91 %" in found.text
        assert found.remedy == ("loss.class_weights=balanced",)
    assert data.class_imbalance(evidence(of, "loss.class_weights=balanced")) is None


@pytest.mark.parametrize(("known", "is_found"), [(1, True), (0, False)])
def test_leaked_samples(known: int, is_found: bool) -> None:
    """One of a hundred test samples is many, and one of 101 is not."""
    rows = [f"{n},{n * n},{-n},{n % 7},{'xy'[n % 2]}" for n in range(300)]
    of = table(rows[:100]).replace("test: 0", "test: test.csv")
    for more, expected in ((100 - known, is_found), (101 - known, False)):
        Path("test.csv").write_text(
            "\n".join(["a,b,c,d,kind", *rows[:known], *rows[150 : 150 + more]]) + "\n"
        )
        found = data.leaked_samples(evidence(of))
        assert (found is not None) == expected
        if found:
            assert found.evidence == {"leaked": known, "test": known + more}
            assert (found.remedy, found.advice) == (("data.test=0.2",), "")
        assert data.leaked_samples(evidence(of, thorough=False)) is None


def test_constant_features_are_named_and_left_out() -> None:
    of = table([f"7,{n},7,{n},{'xy'[n % 2]}" for n in range(40)])
    found = made(data.constant_feature, evidence(of))
    assert found.evidence == {"constant": 2, "features": 4}
    assert found.text == "2 of 4 features never change in training: a, c"
    assert found.remedy == ('data.ignore=["a", "c"]',)
    of = table([f"7,7,7,7,{'xy'[n % 2]}" for n in range(40)])
    found = made(data.constant_feature, evidence(of))
    assert found.text == "4 of 4 features never change in training: a, b, c ..."
    of = table([f"{n},{-n},{n % 5},{n % 6},{'xy'[n % 2]}" for n in range(40)])
    assert data.constant_feature(evidence(of)) is None
    of = table([f"7,{n},w{n // 39},{n % 6},{'xy'[n % 2]}" for n in range(40)], ", ignore: [d]")
    assert made(data.constant_feature, evidence(of)).remedy == ('data.ignore=["d", "a"]',)


def test_a_constant_feature_of_arrays_is_named_and_cannot_be_ignored() -> None:
    x = np.stack([np.arange(40.0), np.full(40, 7.0)], axis=1)
    np.savez("d.npz", x=x, y=np.arange(40) % 2)
    found = made(data.constant_feature, evidence("data={type: npz, path: d.npz, test: 0}"))
    assert (found.evidence, found.remedy) == ({"constant": 1, "features": 2}, ())
    assert found.text == "1 of 2 features never change in training: x1"


def test_hidden_layers_of_every_kind_are_widened() -> None:
    conv = "{type: conv2d, filters: 40, kernel_size: 3}"
    up = "{type: conv_transpose2d, filters: 4, kernel_size: 2}"
    inside = "{type: sequential, layers: [flatten, {type: dense, units: 33}]}"
    of = evidence(
        "data={type: digits, limit: 50, validation: 0}",
        f"layers=[{conv}, {up}, {inside}, {{type: dense, units: 10}}]",
        trials=tried({1.0: 1.0}, 0.0),
    )
    assert made(beginning.cannot_overfit, of).remedy == (
        "layers.0.filters=80",
        "layers.1.filters=64",
        "layers.2.layers.1.units=66",
    )
