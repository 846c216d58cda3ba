"""What others call our words: each leads to a word that there is, at the place where it is."""

from __future__ import annotations

import pytest

from nnfs_cli.components.other_words import MORE, OTHER_WORDS, PLACES, hint_of_ours
from nnfs_cli.config.config import validate
from nnfs_cli.config.reference import explain, known_words
from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.errors import NnfsError, UsageError

CONFIG = """\
data: xor
layers:
  - {type: dense, units: 4, activation: relu%(layer)s}
  - {type: dense, units: 2}
loss: %(loss)s
optimizer: {type: %(kind)s, lr: 1%(optimizer)s}
train: {batch_size: full%(train)s}
%(top)s
"""
PLAIN = {"layer": "", "loss": "mse", "kind": "sgd", "optimizer": "", "train": "", "top": ""}


def test_our_words_exist_and_stand_where_it_is_said() -> None:
    assert {*OTHER_WORDS} <= known_words()
    assert {*PLACES} <= {*OTHER_WORDS}
    for ours, place in PLACES.items():
        assert place.rpartition(".")[2] == ours
        section = place.removeprefix("optimizer.").removeprefix("data.")
        assert any(key.name == ours for entry in explain(section) for key in entry.keys)


@pytest.mark.parametrize(
    "word", sorted({w for words in OTHER_WORDS.values() for w in words.split()})
)
def test_explain_leads_to_ours(word: str) -> None:
    """Unless the word has a page of its own, an idea or a key of something else."""
    if word in known_words():
        return
    targets = [ours for ours, theirs in OTHER_WORDS.items() if word in theirs.split()]
    with pytest.raises(UsageError) as told:
        explain(word)
    hint = str(told.value)
    assert MORE.get(word, f"did you mean '{targets[0]}'?") in hint


@pytest.mark.parametrize(
    ("said", "ours"),
    [("MSE", "mse"), ("learning rate", "learning_rate"), ("Cross-Entropy", "cross_entropy"),
     ("Mini batch", "minibatch"), ("ReLU", "relu")],
)  # fmt: skip
def test_explain_takes_a_word_however_it_is_spelled(said: str, ours: str) -> None:
    assert explain(said) == explain(ours)


def test_what_belongs_to_the_optimizer_comes_first() -> None:
    for word in ("momentum", "epsilon", "weight_decay"):
        titles = [entry.title for entry in explain(word)]
        assert titles[0].startswith(f"key {word} of optimizers: ")
        assert any(title.startswith(f"key {word} of layers: ") for title in titles)


def test_what_others_mean_by_a_word_of_ours_is_told_behind_it() -> None:
    first, *_, last = explain("decay")
    assert first.title == "key decay of schedules: inverse_time"
    assert last.title == "what others call decay"
    assert "weight_decay" in last.text
    assert "what others call dropout" not in [entry.title for entry in explain("dropout")]


@pytest.mark.parametrize(
    ("where", "given", "hint"),
    [
        ("layer", ", init: zeros", "did you mean 'initializer'?"),
        ("layer", ", l2: 0.1", "did you mean 'weight_decay'?"),
        ("layer", ", learning_rate: 0.1", "it is optimizer.lr"),
        ("loss", "quadratic", "did you mean 'mse'?"),
        ("loss", "svm", "did you mean 'hinge'?"),
        ("loss", "logistic", "did you mean 'binary_cross_entropy'?"),
        ("kind", "momentum", "write {type: sgd, momentum: 0.9}"),
        ("optimizer", ", learning_rate: 1", "did you mean 'lr'?"),
        ("optimizer", ", lambda: 1", "did you mean 'weight_decay'?"),
        ("optimizer", ", Regularization: 1", "did you mean 'weight_decay'?"),
        ("optimizer", ", decay: 1", "`schedule: inverse_time` lowers the rate"),
        ("train", ", iterations: 3", "did you mean 'epochs'?"),
        ("train", ", l2: 3", "it is optimizer.weight_decay"),
        ("optimizer", ", Weight-Decay: 1", "did you mean 'weight_decay'?"),
        ("train", ", clip: 3", "did you mean 'clip_norm'?"),
        ("train", ", shuffle: true", "in another order in every epoch anyway"),
        ("train", ", random_state: 3", "it is seed"),
        ("loss", "mean squared error", "did you mean 'mean_squared_error'?"),
        ("layer", ", dropout: 0.2", "it is a layer: {type: dropout, rate: 0.2}"),
        ("top", "schedule: step_decay", "did you mean 'step'?"),
        ("top", "metrics: [acc]", "did you mean 'accuracy'?"),
        ("top", "learning_rate: 3", "it is optimizer.lr"),
        ("top", "epochs: 3", "it is train.epochs"),
        ("top", "cost: mse", "did you mean 'loss'?"),
    ],
)
def test_a_config_is_told_ours(where: str, given: str, hint: str) -> None:
    with pytest.raises(NnfsError) as told:
        validate(parse(CONFIG % (PLAIN | {where: given}), "c"))
    assert hint in str(told.value)


def test_what_is_no_such_word_is_told_the_nearest() -> None:
    assert hint_of_ours("optimzer", ["optimizer", "loss"]) == ""
    with pytest.raises(NnfsError, match="did you mean 'optimizer'"):
        validate(parse(CONFIG % (PLAIN | {"top": "optimzer: sgd"}), "c"))
