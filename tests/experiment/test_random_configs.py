"""Random configs over the whole schema, limits included: they train a step, or are refused."""

from __future__ import annotations

import random
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
import pytest

from nnfs_cli.components.component import Component
from nnfs_cli.components.fields import fields_of
from nnfs_cli.components.registry import registry
from nnfs_cli.config.config import Train, validate
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.data.source import Source
from nnfs_cli.errors import NnfsError
from nnfs_cli.experiment.build import build
from nnfs_cli.training.evaluate import evaluate

DATA = [
    ({"type": "moons", "samples": 40, "test_samples": 10, "validation": 0.2}, 2),
    ({"type": "sine", "samples": 40, "test_samples": 10, "validation": 0.2}, 1),
    ({"type": "xor"}, 2),
    ({"type": "digits", "limit": 40}, 10),
]
"""Data sets, and how many outputs suit them."""
FEWEST = {"ge": lambda n: n, "gt": lambda n: n + 1e-30 if isinstance(n, float) else n + 1}
MOST = {"le": lambda n: n, "lt": lambda n: n - 1e-7 if isinstance(n, float) else n - 1}
HUGE = {"units", "filters", "size", "factor", "epochs", "workers", "padding", "pad"}


class Drawing:
    """A config drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def config(self) -> dict[str, Any]:
        data, outputs = self.random.choice(DATA)
        values = outputs == 1
        losses = ["mse", "mae", "huber"] if values else ["cross_entropy", "hinge", "mse"]
        metrics = ["mse", "r2", "mae"] if values else ["accuracy", "f1", "top_k", "roc_auc"]
        if outputs == 2 and self.random.random() < 0.3:
            outputs, losses = 1, ["binary_cross_entropy"]
        elif self.random.random() < 0.1:
            losses = metrics = None  # any
        layers = [self.component("layer") for _ in range(self.random.choice([0, 1, 1, 2]))]
        return {
            "data": data,
            "layers": [*layers, "flatten", self.component("layer", ["dense"]) | {"units": outputs}],
            "loss": self.component("loss", losses),
            "optimizer": self.component("optimizer"),
            "schedule": self.component("schedule"),
            "metrics": [
                self.component("metric", metrics) for _ in range(self.random.choice([0, 1, 2]))
            ],
            "train": self.fields(Train) | {"epochs": 1, "workers": 1},
        }

    def component(self, family: str, words: list[str] | None = None) -> Any:
        members = registry()[family]
        known = words or sorted({c.word for c in members.values()})
        member = members[self.random.choice(known)]
        return {"type": member.word} | self.fields(member)

    def fields(self, kind: type) -> dict[str, Any]:
        found = {}
        for name, field in fields_of(kind).items():
            if field.is_required() or self.random.random() < 0.15:
                value = self.value(name, field.annotation, field.metadata)
                if value is not ...:
                    found[name] = value
        return found

    def value(self, name: str, kind: Any, limits: Any) -> Any:
        if get_origin(kind) is Annotated:
            kind, *inner = get_args(kind)
            return self.value(name, kind, [*inner, *limits])
        if get_origin(kind) in (Union, types.UnionType):
            return self.value(name, self.random.choice(get_args(kind)), limits)
        if get_origin(kind) is Literal:
            return self.random.choice(get_args(kind))
        if get_origin(kind) is list:
            count = self.random.choice([1, 1, 2, 3])
            return [self.value(name, get_args(kind)[0], []) for _ in range(count)]
        if isinstance(kind, type) and issubclass(kind, Component):
            words = sorted({c.word for c in kind.members().values()})
            return {"type": (word := self.random.choice(words))} | self.fields(kind.members()[word])
        if kind is bool:
            return self.random.random() < 0.5
        if kind in (int, float):
            return self.number(name, kind, limits)
        return None if kind is type(None) else ...

    def number(self, name: str, kind: type, limits: Any) -> int | float:
        flat = [inner for item in limits for inner in getattr(item, "metadata", [item])]
        ends = [
            step(getattr(item, key))
            for table in (FEWEST, MOST)
            for key, step in table.items()
            for item in flat
            if getattr(item, key, None) is not None
        ]
        if kind is int and name in HUGE:
            ends = [end for end in ends if end <= 64]
        middle = [1, 2, 3, 0] if kind is int else [0.5, 0.1, 1.0, 0.0, 2.5, 1e30]
        inside = [n for n in middle if not ends or min(ends) <= n <= max([*ends, 3.0])]
        return kind(self.random.choice([*ends, *(inside or middle)]))


def try_out(config: dict[str, Any]) -> str:
    """Train an epoch and evaluate it, as `check` and `train` would; say how it ended."""
    try:
        with np.errstate(all="ignore"):
            built = build(validate(Document(config)), Source(offline=True))
            for number, _ in enumerate(built.training):
                if number == 3:
                    break
            network = built.network
            batches = network.batches(built.data.train)
            evaluate(network.model, network.loss, network.metrics, batches)
            network.predict(built.data.train.inputs[:3])
    except NnfsError as error:
        return type(error).__name__
    return "trained"


@pytest.mark.parametrize("first", range(0, 150, 50))
def test_a_random_config_trains_or_is_refused(first: int) -> None:
    ends = [try_out(Drawing(seed).config()) for seed in range(first, first + 50)]
    assert ends.count("trained") >= 10
