"""The reference: nothing that a config may say goes unexplained."""

from __future__ import annotations

import pytest

from nnfs_cli.components.fields import fields_of
from nnfs_cli.components.registry import registry
from nnfs_cli.config.reference import SECTIONS, component_entry, explain, known_words, listing
from nnfs_cli.errors import UsageError

MEMBERS = {(c.family, c.word): c for members in registry().values() for c in members.values()}
KEYS = sorted({name for member in MEMBERS.values() for name in fields_of(member)})


@pytest.mark.parametrize(("family", "word"), sorted(MEMBERS))
def test_every_component_is_explained(family: str, word: str) -> None:
    member = MEMBERS[family, word]
    entry = component_entry(member)
    assert entry in explain(word)
    assert entry.title.startswith(f"{member.noun} {word}")
    assert entry.text.partition("\n\n")[0].endswith((".", ":")), "it begins with a sentence"
    names = [key.name for key in entry.keys]
    required = [name for name, field in fields_of(member).items() if field.is_required()]
    assert names[: len(required)] == required
    assert sorted(names) == sorted(fields_of(member))
    for key in entry.keys:
        assert key.description, f"{word}.{key.name} has no description"
        assert key.expects != "a mapping", f"{word}.{key.name}: what does it expect?"
        assert key.default


@pytest.mark.parametrize("path", SECTIONS)
def test_every_key_of_a_section_is_explained(path: str) -> None:
    for name, field in fields_of(SECTIONS[path]).items():
        full = f"{path}.{name}".lstrip(".")
        for word in {full, name}:
            assert f"key {full}" in [entry.title for entry in explain(word)]
        assert field.description
    if path:
        assert f"section {path}" in [entry.title for entry in explain(path)]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_a_component_is_explained(key: str) -> None:
    entries = explain(key)
    assert all(entry.keys or entry.text for entry in entries)
    assert key in known_words()


@pytest.mark.parametrize("word", ["class_weights", "loss.class_weights", "losses.class_weights"])
def test_a_key_of_losses(word: str) -> None:
    (entry,) = explain(word)
    assert entry.title == "key class_weights of losses: cross_entropy"


def test_other_names_lead_to_the_same_entry() -> None:
    [entry] = explain("batch_normalization")
    assert entry.title == "layer batch_norm (also batch_normalization)"
    assert [entry] == explain("batch_norm")


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("epochs", "key train.epochs"),
        ("train.epochs", "key train.epochs"),
        ("optimizer.lr", "key lr of optimizers: "),
        ("layers.units", "key units of layers: dense"),
        ("data.noise", "key noise of datasets: "),
        ("monitor", "key train.early_stopping.monitor"),
        ("symmetric", "key normalize of datasets: "),
        ("Standard", "key normalize of datasets: "),
        ("full", "key train.batch_size"),
        ("balanced", "key class_weights of losses: cross_entropy"),
        ("macro", "key average of metrics: "),
    ],
)
def test_keys_by_several_names(word: str, title: str) -> None:
    assert explain(word)[0].title.startswith(title)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("dens", "did you mean 'dense'?"),
        ("epocs", "did you mean 'epochs'?"),
        ("unitz", "did you mean 'units'?"),
        ("UNITZ", "did you mean 'units'?"),
        ("conv2d.paddng", "did you mean 'conv2d.padding'?"),
        ("data.units", "did you mean"),
        ("lstm", "`nnfs explain` lists all words"),
        ("", "`nnfs explain` lists all words"),
        ("error", "did you mean 'loss'?"),
        ("η", "did you mean 'lr'?"),
        ("support vector machine", "did you mean 'hinge'?"),
    ],
)
def test_words_that_mean_nothing(word: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        explain(word)
    assert caught.value.message == f"nothing is called {word!r}"
    assert hint in caught.value.hint
    assert len(caught.value.hint) < 60


@pytest.mark.parametrize(("family", "word"), sorted(MEMBERS))
def test_a_components_own_key(family: str, word: str) -> None:
    member = MEMBERS[family, word]
    for key in component_entry(member).keys:
        found = {entry.title: entry.keys for entry in explain(f"{word}.{key.name}")}
        assert found[f"key {key.name} of {member.noun} {word}"] == [key]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_says_whose_it_is(key: str) -> None:
    for entry in explain(key):
        if not entry.title.startswith(f"key {key} of "):
            continue
        _, _, words = entry.title.rpartition(": ")
        owners = [word for row in entry.keys for word in row.owners]
        assert sorted(owners) == sorted(words.split(", "))


def test_the_listing_has_every_word() -> None:
    found = listing()
    assert {"dense", "relu"} < {*found["layer"]}
    assert {"data", "train.batch_size", "train.checkpoint.monitor"} < {*found["key"]}
    for word in (word for words in found.values() for word in words):
        assert explain(word)


def test_what_a_key_expects() -> None:
    found = {key.name: (key.expects, key.default) for key in explain("dense")[0].keys}
    assert found["units"] == ("a whole number from 1 to 1,000,000", "required")
    assert found["activation"] == ("an activation or null", "null")
    assert found["use_bias"] == ("true or false", "true")
    assert found["bias_initializer"] == ("an initializer", "zeros")
    [batch_size] = explain("batch_size")
    assert batch_size.keys[0].expects == "a whole number of at least 1 or 'full'"
    assert batch_size.keys[0].default == "64"
