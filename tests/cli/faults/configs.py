"""Faults of configs."""

from __future__ import annotations

from pathlib import Path

from ..conftest import TOY
from .fault import TRAIN, Fault, writes

CONFIG = ("train", "config.yaml")


def config(number: int, name: str, text: bytes | str, words: str, problems: int = 1) -> Fault:
    return Fault(number, name, CONFIG, 2, words, writes("config.yaml", text), problems, disk=None)


def toy(old: str, new: str) -> str:
    assert old in TOY
    return TOY.replace(old, new)


SINE = TOY.replace("moons", "sine").replace("cross_entropy", "mse").replace("units: 2", "units: 1")
ALIASES = "\n".join(f"k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))

FAULTS = [
    config(17, "a python object", "seed: !!python/object/apply:os.system [id]\n" + TOY, ".yaml:1"),
    config(17, "an alias", "name: a\nseed: *a\n", "config.yaml:2:7: alias"),
    config(17, "aliases of aliases", "k0: &a0 lol\n" + ALIASES, "config.yaml:2", 91),
    config(17, "a merge key", TOY + "<<: {seed: 1}\n", "config.yaml:10:"),
    config(17, "2,000 brackets", "layers: " + "[" * 2000 + "]" * 2000, "config.yaml:1"),
    config(17, "5,000 digits", "seed: " + "9" * 5000, "config.yaml:1"),
    config(18, "100 MB", b"# " + bytes(100 << 20), "256 KiB"),
    Fault(18, "a folder", CONFIG, 2, "directory", lambda: Path("config.yaml").mkdir()),
    Fault(18, "no file", ("train", "absent.yaml"), 2, "cannot read absent.yaml"),
    config(18, "no UTF-8", b"\xff\xfe\x00", "UTF-8"),
    config(18, "a NUL byte", TOY + "seed: \0", "config.yaml"),
    config(18, "nothing", "", "config.yaml"),
    config(18, "a list", "- 1\n", "a mapping of keys"),
    Fault(
        18,
        "a byte order mark and CRLF",
        ("check", "config.yaml"),
        0,
        "config.yaml is in order",
        writes("config.yaml", b"\xef\xbb\xbf" + TOY.replace("\n", "\r\n").encode()),
    ),
    config(19, "an unknown key", TOY + "sede: 1\n", "did you mean 'seed'"),
    config(19, "a duplicate key", TOY + "name: again\n", "config.yaml:10:"),
    config(19, "a wrong type", TOY + "seed: many\n", "config.yaml:10:"),
    config(19, "lr is not a number", toy("0.01", ".nan"), "optimizer.lr"),
    config(19, "lr is negative", toy("0.01", "-1"), "above 0"),
    config(19, "lr is 1e9", toy("0.01", "1e9"), "at most 1,000,000"),
    config(19, "no batch", toy("batch_size: 16", "batch_size: 0"), "at least 1"),
    config(19, "a billion units", toy("units: 8", "units: 1_000_000_000"), "units"),
    config(19, "an absent layer", toy("dense, units: 2", "dens, units: 2"), "'dense'"),
    config(19, "three at once", toy("0.01", "-1").replace("units: 8", "unit: 8"), "units", 3),
    config(19, "a circle", "extends: config.yaml\n", "in a circle"),
    config(19, "an absent parent", "extends: absent.yaml\n", "which is no file"),
    config(
        19,
        "an unmeasured monitor",
        toy("batch_size: 16", "checkpoint: {monitor: val_accurcy}"),
        "did you mean 'val_accuracy'",
    ),
    config(
        19,
        "nothing held out to monitor",
        toy("validation: 0.2", "validation: 0").replace(
            "batch_size: 16", "early_stopping: {monitor: val_loss}"
        ),
        "needs a validation split",
    ),
    config(20, "too few outputs", toy("units: 2", "units: 3"), "config.yaml:5"),
    config(
        20,
        "an image to a dense layer",
        toy("type: moons, samples: 60, test_samples: 30", "type: digits"),
        "flatten",
    ),
    Fault(
        20,
        "a kernel larger than the image",
        (*TRAIN, "data=digits", "layers=[{type: conv2d, filters: 2, kernel_size: 11}]"),
        2,
        "larger than the padded image of 8 x 8",
    ),
    config(21, "classes for a regression", toy("moons", "sine"), "needs classes"),
    config(21, "a metric for classes", SINE, "accuracy is for classes"),
]
