"""Faults of configs."""

from __future__ import annotations

from pathlib import Path

from ..conftest import TOY
from .fault import TRAIN, Fault, Kind, writes

CONFIG = ("train", "config.yaml")


def config(kind: Kind, name: str, text: bytes | str, words: str, problems: int = 1) -> Fault:
    return Fault(kind, name, CONFIG, 2, words, writes("config.yaml", text), problems, disk=None)


def toy(old: str, new: str) -> str:
    assert old in TOY
    return TOY.replace(old, new)


SINE = TOY.replace("moons", "sine").replace("cross_entropy", "mse").replace("units: 2", "units: 1")
ALIASES = "\n".join(f"k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))

FAULTS = [
    config(
        Kind.YAML,
        "a python object",
        "seed: !!python/object/apply:os.system [id]\n" + TOY,
        ".yaml:1",
    ),
    config(Kind.YAML, "an alias", "name: a\nseed: *a\n", "config.yaml:2:7: alias"),
    config(Kind.YAML, "aliases of aliases", "k0: &a0 lol\n" + ALIASES, "more than 5,000 values"),
    config(Kind.YAML, "a merge of a number", TOY + "<<: 3\n", "config.yaml:10:"),
    config(Kind.YAML, "2,000 brackets", "layers: " + "[" * 2000 + "]" * 2000, "config.yaml:1"),
    config(Kind.YAML, "5,000 digits", "seed: " + "9" * 5000, "config.yaml:1"),
    config(Kind.NO_TEXT, "100 MB", b"# " + bytes(100 << 20), "256 KiB"),
    Fault(Kind.NO_TEXT, "a folder", CONFIG, 2, "directory", lambda: Path("config.yaml").mkdir()),
    Fault(Kind.NO_TEXT, "no file", ("train", "absent.yaml"), 2, "cannot read absent.yaml"),
    config(Kind.NO_TEXT, "no UTF-8", b"\xff\xfe\x00", "UTF-8"),
    config(Kind.NO_TEXT, "a NUL byte", TOY + "seed: \0", "config.yaml"),
    config(Kind.NO_TEXT, "nothing", "", "config.yaml"),
    config(Kind.NO_TEXT, "a list", "- 1\n", "a mapping of keys"),
    Fault(
        Kind.NO_TEXT,
        "a byte order mark and CRLF",
        ("check", "config.yaml"),
        0,
        "config.yaml is in order",
        writes("config.yaml", b"\xef\xbb\xbf" + TOY.replace("\n", "\r\n").encode()),
    ),
    config(Kind.KEY, "an unknown key", TOY + "sede: 1\n", "did you mean 'seed'"),
    config(Kind.KEY, "a duplicate key", TOY + "name: again\n", "config.yaml:10:"),
    config(Kind.KEY, "a wrong type", TOY + "seed: many\n", "config.yaml:10:"),
    config(Kind.KEY, "lr is not a number", toy("0.01", ".nan"), "optimizer.lr"),
    config(Kind.KEY, "lr is negative", toy("0.01", "-1"), "above 0"),
    config(Kind.KEY, "lr is 1e9", toy("0.01", "1e9"), "at most 1,000,000"),
    config(Kind.KEY, "no batch", toy("batch_size: 16", "batch_size: 0"), "at least 1"),
    config(Kind.KEY, "a billion units", toy("units: 8", "units: 1_000_000_000"), "units"),
    config(Kind.KEY, "an absent layer", toy("dense, units: 2", "dens, units: 2"), "'dense'"),
    config(Kind.KEY, "three at once", toy("0.01", "-1").replace("units: 8", "unit: 8"), "units", 3),
    config(Kind.KEY, "a circle", "extends: config.yaml\n", "in a circle"),
    config(Kind.KEY, "an absent parent", "extends: absent.yaml\n", "which is no file"),
    config(
        Kind.KEY,
        "an unmeasured monitor",
        toy("batch_size: 16", "checkpoint: {monitor: val_accurcy}"),
        "did you mean 'val_accuracy'",
    ),
    config(
        Kind.KEY,
        "nothing held out to monitor",
        toy("validation: 0.2", "validation: 0").replace(
            "batch_size: 16", "early_stopping: {monitor: val_loss}"
        ),
        "needs a validation split",
    ),
    config(Kind.SHAPE, "too few outputs", toy("units: 2", "units: 3"), "config.yaml:5"),
    config(
        Kind.SHAPE,
        "an image to a dense layer",
        toy("type: moons, samples: 60, test_samples: 30", "type: digits"),
        "flatten",
    ),
    Fault(
        Kind.SHAPE,
        "a kernel larger than the image",
        (*TRAIN, "data=digits", "layers=[{type: conv2d, filters: 2, kernel_size: 11}]"),
        2,
        "larger than the padded image of 8 x 8",
    ),
    config(Kind.LOSS, "classes for a regression", toy("moons", "sine"), "needs classes"),
    config(Kind.LOSS, "a metric for classes", SINE, "accuracy is for classes"),
]
