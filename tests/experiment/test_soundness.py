"""What `check` and `train` say of configs that train and do not learn what they seem to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import Document, parse
from nnfs_cli.data.source import Source
from nnfs_cli.errors import ConfigError
from nnfs_cli.experiment.build import Built, build
from nnfs_cli.experiment.soundness import doubts
from nnfs_cli.nn.losses.cross_entropy import CrossEntropy
from nnfs_cli.nn.optimizers.adam import AdamW
from nnfs_cli.training.dead_weights import DeadWeights

CONFIG = """\
data: {type: moons, samples: 60, validation: 0}
layers: [{type: dense, units: 4, activation: relu}, %s]
loss: %s
optimizer: {type: sgd, lr: 0.1}
metrics: [accuracy]
train: {epochs: 4, batch_size: 16, workers: 1}
"""


def built(layers: str, loss: str = "cross_entropy", more: str = "") -> tuple[Built, Document]:
    document = parse(CONFIG % (layers, loss) + more, "c.yaml")
    return build(validate(document), Source(), document), document


ONE, TWO = "{type: dense, units: 1}", "{type: dense, units: 2}"


@pytest.mark.parametrize(
    "layers", [f"{ONE}, softmax", "{type: dense, units: 1, activation: softmax}"]
)
def test_a_softmax_over_one_number_is_refused(layers: str) -> None:
    with pytest.raises(ConfigError, match=r"c\.yaml:2:9: .*softmax over one number is always 1"):
        doubts(*built(layers, "bce"))
    hidden = "{type: dense, units: 1, activation: softmax}, " + TWO
    with pytest.raises(ConfigError, match="always 1"):
        doubts(*built(hidden))


SIGNS = "{type: mse, class_targets: [-1, 1]}"


@pytest.mark.parametrize(
    ("last", "loss", "told"),
    [
        ("sigmoid", "hinge", True),
        ("relu", "hinge", True),
        ("sigmoid", SIGNS, True),
        ("tanh", "hinge", False),
        ("leaky_relu", "hinge", False),
        ("tanh", SIGNS, False),
        ("sigmoid", "mse", False),
        ("relu", "mse", False),
        ("sigmoid", "bce", False),
    ],
)
def test_an_output_that_cannot_reach_the_other_class(last: str, loss: str, told: bool) -> None:
    of, document = built(f"{ONE}, {last}", loss)
    found = [doubt for doubt in doubts(of, document) if "every answer is '1'" in doubt]
    assert bool(found) == told
    x = np.random.default_rng(0).normal(0, 99, (50, 2)).astype(np.float32)
    if told:  # whatever the weights are
        of.network.model.flat.values[...] *= 50
        assert (of.network.answer(x) >= 0.5).all()


@pytest.mark.parametrize(
    ("layers", "loss", "last"),
    [
        (f"{ONE}, tanh", "bce", "tanh"),
        (f"{ONE}, relu", "bce", "relu"),
        ("{type: dense, units: 1, activation: relu}", "bce", "relu"),
        (f"{TWO}, sigmoid", "cross_entropy", "sigmoid"),
        (f"{TWO}, relu", "cross_entropy", "relu"),
        (f"{TWO}, softmax, softmax", "cross_entropy", "softmax"),
    ],
)
def test_an_activation_before_a_loss_that_has_its_own(layers: str, loss: str, last: str) -> None:
    (said,) = doubts(*built(layers, loss))
    assert f"the layers end in {last}, " in said
    assert said.endswith(f"leave {last} out")


@pytest.mark.parametrize(
    ("layers", "loss"),
    [(ONE, "bce"), (f"{ONE}, sigmoid", "bce"), (f"{TWO}, softmax", "cross_entropy"),
     (f"{TWO}, linear", "cross_entropy"), (f"{TWO}, softmax", "mse"), (f"{TWO}, tanh", "hinge")],
)  # fmt: skip
def test_what_is_in_order(layers: str, loss: str) -> None:
    assert doubts(*built(layers, loss)) == []


@pytest.mark.parametrize(("warmup", "said"), [("15", False), ("16", True), ("0.9", False)])
def test_a_warmup_that_is_longer_than_the_training(warmup: str, said: bool) -> None:
    """16 steps in all: 60 samples in batches of 16, 4 epochs."""
    found = doubts(*built(TWO, more=f"schedule: {{type: cosine, warmup: {warmup}}}\n"))
    assert [f"schedule.warmup is {warmup} steps and the training has 16" in x for x in found] == [
        True
    ] * said


@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize(("share", "grows"), [(0.95, False), (1.05, True)])
def test_a_decay_that_throws_weights_beyond_zero(
    momentum: float, share: float, grows: bool
) -> None:
    """Steps on a loss of no slope: what is said is what weights do."""
    decay = share * 2 * (1 + momentum) / 0.1
    text = (CONFIG % (TWO, "cross_entropy")).replace(
        "lr: 0.1", f"lr: 0.1, momentum: {momentum}, weight_decay: {decay}"
    )
    document = parse(text, "c.yaml")
    found = build(validate(document), Source(), document)
    assert ["from where on at lr 0.1" in said for said in doubts(found, document)] == [True] * grows
    optimizer, weights = found.network.optimizer, found.network.model.flat.values
    before = np.abs(weights).max()
    for _ in range(100):
        found.network.model.flat.grads[...] = 0.0
        optimizer.step()
    assert (np.abs(weights).max() > before) is np.bool_(grows)


def test_a_decay_that_an_optimizer_scales_down_is_in_order() -> None:
    text = (CONFIG % (TWO, "cross_entropy")).replace("type: sgd, lr: 0.1", "%s")
    for optimizer, said in (("type: adam, lr: 0.1", 0), ("type: adamw, lr: 0.1", 1)):
        document = parse(text % f"{optimizer}, weight_decay: 100", "c.yaml")
        assert len(doubts(build(validate(document), Source(), document), document)) == said


def trained(layers: str, batch_size: int) -> tuple[list[str], float]:
    """What the watch over dead weights says after every epoch; and the accuracy at the end."""
    document = parse(CONFIG % (layers, "cross_entropy"), "c.yaml")
    config = validate(document)
    config.train.batch_size, config.train.epochs = batch_size, 30
    training = build(config, Source(), document).training
    watch, said, loss = DeadWeights(training.model, batch_size), [], 0.0
    for event in training:
        if hasattr(event, "record"):
            said.append(watch.look(loss))
            accuracy = event.record["train_accuracy"]
        else:
            loss = event.loss
    return [text for text in said if text], accuracy


NORMALIZED = f"batch_norm, relu, {TWO}"


def test_a_last_batch_of_one_sample_is_no_death() -> None:
    said, accuracy = trained(NORMALIZED, 59)
    assert said == []
    assert accuracy > 0.7


def test_batches_of_one_and_batch_norm() -> None:
    (said,) = trained(NORMALIZED, 1)[0]
    assert said.startswith("dense_1.weight")
    assert said.endswith("batch_norm needs two samples a batch: raise train.batch_size")
    document = parse(CONFIG.replace("16", "1") % (NORMALIZED, "cross_entropy"), "c.yaml")
    (note,) = doubts(build(validate(document), Source(), document), document)
    assert "batch_norm_1: a batch of one sample has no variance" in note


def test_no_list_of_hundreds_of_layers() -> None:
    deep = ", ".join(["{type: dense, units: 4, activation: relu}"] * 20)
    document = parse(CONFIG % (f"{deep}, {TWO}", "cross_entropy"), "c.yaml")
    model = build(validate(document), Source(), document).network.model
    watch = DeadWeights(model, 16)
    model.flat.grads[...] = 0
    assert watch.look(1.0) == ""
    said = watch.look(1.0)
    assert said.count(".weight") == 5
    assert " and 17 more: all gradients are zero" in said
    assert watch.look(1.0) == ""


def test_top_k_needs_an_output_a_class() -> None:
    document = parse((CONFIG % (ONE, "bce")).replace("[accuracy]", "[top_k]"), "c.yaml")
    with pytest.raises(ConfigError, match="top_k: it needs an output for each class"):
        build(validate(document), Source(), document)


@pytest.mark.parametrize(
    ("targets", "loss", "remedy"),
    [
        ([1, 2, 3, 4, 5], "mse", "data.task=regression"),
        (range(47), "cross_entropy", "data.task=classification"),
        (["a", "b", "c"], "mse", None),
    ],
)
def test_the_key_that_decides_what_targets_are(
    tmp_path: Path, targets: list[object], loss: str, remedy: str | None
) -> None:
    rows = "".join(f"{i},{targets[i % len(targets)]}\n" for i in range(200))
    (tmp_path / "t.csv").write_text("a,y\n" + rows)
    text = CONFIG % ("{type: dense, units: 1}", loss)
    text = text.replace("type: moons, samples: 60", f"type: csv, path: {tmp_path}/t.csv")
    document = parse(text.replace("[accuracy]", "[]"), "c.yaml")
    with pytest.raises(ConfigError) as caught:
        build(validate(document), replace(Source()), document)
    assert ("data.task" in str(caught.value)) is (remedy is not None)
    assert (remedy or "units") in str(caught.value)


@pytest.mark.slow
def test_figures_of_the_pages_that_differ_from_pytorch() -> None:
    """What `nnfs explain` says of class weights with label smoothing, and of weight decay."""
    torch = pytest.importorskip("torch")
    logits, targets = np.zeros((1, 2), np.float32), np.array([0])
    ours = CrossEntropy(class_weights=[2.0, 1.0], label_smoothing=0.2)
    theirs = torch.nn.CrossEntropyLoss(weight=torch.tensor([2.0, 1.0]), label_smoothing=0.2)
    assert f"{ours.value_and_grad(logits, targets)[0]:.3f}" == "0.693"
    assert f"{theirs(torch.tensor(logits), torch.tensor(targets)).item():.3f}" == "0.658"
    bias = torch.nn.Parameter(torch.ones(1))
    bias.grad = torch.zeros(1)
    torch.optim.AdamW([bias], lr=0.1, weight_decay=0.01).step()
    assert f"{bias.item():.3f}" == "0.999"
    model = build(validate(parse(CONFIG % (TWO, "mse"), "c.yaml")), Source()).network.model
    model.flat.values[...], model.flat.grads[...] = 1, 0
    optimizer = AdamW(lr=0.1, weight_decay=0.01)
    optimizer.bind(model.flat)
    optimizer.step(0.1)
    named = {path: float(p.value.flat[0]) for path, p in model.named_parameters().items()}
    assert named["dense_1.bias"] == 1
    assert f"{named['dense_1.weight']:.3f}" == "0.999"
