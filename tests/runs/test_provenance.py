"""The fingerprint tells trainings apart by what is trained, not by where or under which name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.components.described import essence
from nnfs_cli.config.config import Config, validate
from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.runs import provenance
from nnfs_cli.runs.provenance import environment, fingerprint, processor

CONFIG: dict[str, Any] = {
    "name": "a",
    "seed": 0,
    "data": {"type": "csv", "path": "a.csv", "validation": 0.1},
    "layers": [{"type": "dense", "units": 3}],
    "init_from": None,
}


def of(data_hash: str = "d", plugins: dict[str, str] | None = None, **changes: Any) -> str:
    return fingerprint(CONFIG | changes, data_hash, plugins or {})


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "b"},
        {"data": CONFIG["data"] | {"path": "elsewhere/a.csv"}},
    ],
)
def test_names_and_paths_do_not_count(changes: dict[str, Any]) -> None:
    assert of(**changes) == of()


@pytest.mark.parametrize("keys", ["", ", use_bias: true, trainable: true"])
def test_keys_at_their_defaults_do_not_count(keys: str) -> None:
    """So that a version with one key more finds the runs of the one before."""
    config = essence(read(f"{{type: dense, units: 3{keys}}}"))
    assert config["layers"] == [{"type": "dense", "units": 3}]
    assert "schedule" not in config
    assert config["train"] == {"early_stopping": {"patience": 3}, "epochs": 4}


def test_a_component_inside_another_counts_alike() -> None:
    inner = essence(read("{type: residual, layers: [{type: dense, units: 2, use_bias: true}]}"))
    assert inner["layers"] == [{"type": "residual", "layers": [{"type": "dense", "units": 2}]}]


def read(layer: str) -> Config:
    text = f"""
    data: moons
    layers: [{layer}]
    loss: cross_entropy
    optimizer: adam
    schedule: constant
    train: {{epochs: 4, batch_size: 64, early_stopping: {{patience: 3, min_delta: 0.0}}}}
    """
    return validate(parse(text, "config"))


def test_the_order_of_keys_does_not_count() -> None:
    assert fingerprint(dict(reversed(CONFIG.items())), "d", {}) == of()


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"layers": [{"type": "dense", "units": 4}]},
        {"data": CONFIG["data"] | {"validation": 0.2}},
        {"data_hash": "e"},
        {"plugins": {"mine.py": "1"}},
    ],
)
def test_everything_else_counts(changes: dict[str, Any]) -> None:
    assert of(**changes) != of()


def test_what_it_starts_from_counts_by_its_bytes(tmp_path: Path) -> None:
    first, same, other = (tmp_path / name for name in "abc")
    first.write_bytes(b"weights")
    same.write_bytes(b"weights")
    other.write_bytes(b"other weights")
    named = CONFIG | {"init_from": "latest"}
    assert fingerprint(named, "d", {}, first) == fingerprint(CONFIG, "d", {}, same)
    assert len({fingerprint(named, "d", {}, path) for path in (first, other, None)}) == 3


def test_a_plugins_name_does_not_count() -> None:
    assert of(plugins={"a.py": "1"}) == of(plugins={"b.py": "1"}) != of(plugins={"a.py": "2"})


def test_it_is_a_sha256() -> None:
    assert len(of()) == 64
    assert int(of(), 16)


def test_the_environment_is_text() -> None:
    found = environment()
    assert set(found) >= {"nnfs", "python", "numpy", "blas", "blas_threads", "machine", "system"}
    assert all(type(value) is str and value for value in found.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vendor_id : A\nmodel name\t: Some CPU: 3 GHz \nmodel name : Other\n", "Some CPU: 3 GHz"),
        ("vendor_id : A\n", "of Python"),
        (None, "of Python"),
    ],
)
def test_the_processor_s_model(
    text: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr("platform.processor", lambda: "of Python")
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    assert processor() == expected
    if expected == "of Python":
        monkeypatch.setattr("platform.processor", lambda: "")
        assert processor() == "unknown"
