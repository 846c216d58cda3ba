"""Checkpoints: bit for bit there and back, and every damage refused soon, in little memory."""

from __future__ import annotations

import copy
import gc
import io
import json
import pickle
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.errors import DataError, MachineError
from nnfs_cli.nn.layers.batch_norm import BatchNorm
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.model import Model
from nnfs_cli.nn.optimizers.adam import Adam
from nnfs_cli.runs import checkpoint
from nnfs_cli.runs.checkpoint import (
    FORMAT,
    TEXT,
    arrays_of,
    load_into,
    read_parameters,
    read_text,
    save,
)
from nnfs_cli.training.loop import Progress

Arrays = dict[str, Array]
INFORMATION: dict[str, Any] = {
    "config": {"name": "x"},
    "preprocessing": {
        "input_shape": [2],
        "scale": [0.1, 2.0],
        "shift": 0.5,
        "labels": ["a", "b"],
        "kind": "table",
        "columns": [
            {"name": "n", "kind": "number"},
            {"name": "y", "kind": "target"},
            {"name": "c", "kind": "category", "categories": ["u"]},
        ],
        "white": None,
    },
    "data": {"name": "x", "hash": "c0ffee"},
    "progress": {
        "epoch": 1,
        "step": 3,
        "batch": 1,
        "loss_sum": 0.1,
        "weight_sum": 1.0,
        "metric_sums": [[1.0, 2.0]],
        "history": [{"loss": float("nan")}],
        "trace": [[1, 0.5], [2, 0.25]],
        "trace_every": 1,
    },
    "optimizer_steps": 3,
}


def example() -> Arrays:
    generator = np.random.default_rng(0)
    return {
        "parameters/dense_1.weight": generator.standard_normal((3, 4)).astype(np.float32),
        "parameters/dense_1.bias": generator.standard_normal(4).astype(np.float32),
        "state/norm_1.mean": np.array([5e-324, -0.0, 1.5]),
        "optimizer/steps/dense_1.weight": np.zeros((0, 4), np.float32),
    }


def blank() -> Arrays:
    return {name: np.zeros_like(array) for name, array in example().items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save(tmp_path / "last.npz", example(), INFORMATION)
    return tmp_path / "last.npz"


def load(path: Path) -> tuple[dict[str, Any], Arrays]:
    arrays = blank()
    text = read_text(path)
    load_into(path, arrays)
    return text, arrays


def same_bytes(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    return {n: a.tobytes() for n, a in one.items()} == {n: a.tobytes() for n, a in other.items()}


def refused(path: Path, how: Callable[[Path], Any] = load) -> str:
    """The message of the refusal, which must come within 0.1 s and 10 MB.

    The quickest of three counts: a busy machine makes any of them slow.
    """
    spent = []
    for _ in range(3):
        tracemalloc.start()
        began = time.process_time()
        with pytest.raises(DataError) as caught:
            how(path)
        spent.append(time.process_time() - began)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        if spent[-1] < 0.1:
            break
    assert caught.value.code == 3
    assert str(path) in str(caught.value)
    assert min(spent) < 0.1
    assert peak < 10e6
    return str(caught.value)


def test_there_and_back_bit_for_bit(path: Path) -> None:
    text, arrays = load(path)
    assert same_bytes(arrays, example())
    assert repr(text) == repr({"format": FORMAT} | INFORMATION)


def test_equal_content_gives_equal_bytes(path: Path) -> None:
    first = path.read_bytes()
    time.sleep(0.01)
    save(path, example(), INFORMATION)
    assert path.read_bytes() == first


def test_numpy_can_read_it_too(path: Path) -> None:
    with np.load(path, allow_pickle=False) as found:
        assert all(np.array_equal(found[name], array) for name, array in example().items())


def test_the_arrays_of_a_model_and_its_optimizer(tmp_path: Path) -> None:
    model, adam = Model([Dense(4), BatchNorm(), Dense(2, trainable=False)], (3,)), Adam(lr=0.1)
    adam.bind(model.flat)
    arrays = arrays_of(model, adam)
    assert set(arrays) == {
        *(f"parameters/dense_{n}.{p}" for n in (1, 2) for p in ("weight", "bias")),
        *(f"parameters/batch_norm_1.{p}" for p in ("gamma", "beta")),
        *(f"state/batch_norm_1.running_{p}" for p in ("mean", "variance")),
        *(f"optimizer/{s}/dense_1.{p}" for s in adam.memory for p in ("weight", "bias")),
        *(f"optimizer/{s}/batch_norm_1.{p}" for s in adam.memory for p in ("gamma", "beta")),
    }
    model.flat.grads[...] = 0.5
    adam.step()
    before = {name: array.copy() for name, array in arrays.items()}
    save(tmp_path / "x.npz", arrays, INFORMATION)
    for array in arrays.values():
        array[...] = 7.0
    load_into(tmp_path / "x.npz", arrays)
    assert same_bytes(arrays_of(model, adam), before)


def test_a_refused_file_changes_nothing(path: Path) -> None:
    arrays = blank()
    save(path, example() | {"state/norm_1.mean": np.array([1.0, 2.0, np.inf])}, INFORMATION)
    with pytest.raises(DataError, match=r"state/norm_1.mean holds a number that is not finite"):
        load_into(path, arrays)
    assert same_bytes(arrays, blank())


def test_no_file(tmp_path: Path) -> None:
    assert "there is no checkpoint" in refused(tmp_path / "none.npz")
    assert "is not a valid checkpoint" in refused(tmp_path)


@pytest.mark.parametrize("tenth", range(10))
def test_truncated(path: Path, tenth: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * tenth // 10])
    assert "is not a valid checkpoint: " in refused(path)


def test_one_byte_flipped_is_refused_or_harmless(path: Path) -> None:
    content, refusals = path.read_bytes(), 0
    for place in range(0, len(content), 3):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        try:
            text, arrays = load(path)
        except DataError:
            refusals += 1
        else:
            assert same_bytes(arrays, example())
            assert repr(text) == repr({"format": FORMAT} | INFORMATION)
    assert refusals > len(content) / 6


@pytest.mark.parametrize("content", [b"", b"{}", b"a: text\n" * 100, b"PK\x05\x06" + b"\0" * 18])
def test_other_files(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert "is not a valid checkpoint: " in refused(path)


def header(text: str, padding: int = 0) -> bytes:
    content = text.encode() + b" " * padding + b"\n"
    return b"\x93NUMPY\x01\x00" + (len(content) & 0xFFFF).to_bytes(2, "little") + content


def member(array: Array) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array)
    return file.getvalue()


def rewritten(path: Path, changes: Mapping[str, bytes | None], **options: Any) -> Path:
    """The checkpoint with members replaced, added or (None) left out."""
    with zipfile.ZipFile(path) as archive:
        members: dict[str, bytes | None] = {n: archive.read(n) for n in archive.namelist()}
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in (members | changes).items():
            if content is not None:
                archive.writestr(name, content)
    return path


WEIGHT = "parameters/dense_1.weight.npy"
BIAS = "parameters/dense_1.bias.npy"
FLOATS = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({BIAS: None}, f"'{BIAS}' is missing"),
        ({"parameters/extra.npy": b""}, "'parameters/extra.npy' does not belong in it"),
        ({"../escape.npy": b""}, "'../escape.npy' does not belong in it"),
        ({TEXT: None}, "it has no checkpoint.json"),
        ({TEXT: b"{"}, "checkpoint.json: not JSON"),
        ({TEXT: b"[" * 100_000}, "checkpoint.json: nested too deeply"),
        ({TEXT: b"[]," * 400_000}, "checkpoint.json: more than 4,000,000 values"),
        ({TEXT: b"," * 4_500_000}, "checkpoint.json: more than 4,000,000 values"),
        ({TEXT: b"\xff"}, "checkpoint.json: not UTF-8"),
        ({TEXT: b"[]"}, "checkpoint.json is not a mapping"),
        ({TEXT: b"{}"}, "it names no format"),
        ({TEXT: b'{"format": 1, "config": 1}'}, "checkpoint.json: "),
        ({WEIGHT: member(np.ones((4, 3), np.float32))}, "weight is 4 x 3 <f4, expected 3 x 4 <f4"),
        ({WEIGHT: member(np.ones((3, 4)))}, "weight is 3 x 4 <f8, expected 3 x 4 <f4"),
        ({WEIGHT: member(np.ones((3, 4), ">f4"))}, "weight is 3 x 4 >f4, expected 3 x 4 <f4"),
        ({WEIGHT: member(np.ones((3, 4), np.int32))}, "weight is 3 x 4 <i4, expected 3 x 4 <f4"),
        ({WEIGHT: member(np.ones((4, 3), np.float32).T)}, "3 x 4 <f4 in Fortran order, expected"),
        ({WEIGHT: member(np.full((3, 4), np.nan, np.float32))}, "a number that is not finite"),
        ({WEIGHT: member(np.ones((3, 4), np.float32))[:-1]}, "weight has the wrong size"),
        ({WEIGHT: member(np.ones((3, 4), np.float32)) + b"x"}, "weight has the wrong size"),
        ({WEIGHT: member(np.ones((3, 4), np.float32)) + bytes(5_000)}, "weight has the wrong size"),
        ({WEIGHT: b""}, "not an array of NumPy's format 1.0"),
        ({WEIGHT: header(FLOATS % "(1048576, 1048576)")}, "is 1048576 x 1048576 <f4, expected"),
        ({WEIGHT: header(FLOATS % "(3, 4)")}, "weight has the wrong size"),
        ({WEIGHT: header(FLOATS % "(3, -4)")}, "its header is not that of an array of numbers"),
        ({WEIGHT: header(FLOATS % ("(" * 2000))}, "its header is not that of an array"),
        ({WEIGHT: header("__import__('os').abort()")}, "its header is not that of an array"),
        ({WEIGHT: header(FLOATS % "(3, 4)", 60_000)}, "its header is not that of an array"),
    ],
)
def test_members_that_do_not_fit(
    path: Path, changes: dict[str, bytes | None], message: str
) -> None:
    assert message in refused(rewritten(path, changes))


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("the pickle was executed",)


def test_pickles_are_not_executed(path: Path) -> None:
    objects = np.empty((3, 4), object)
    objects[...] = Trap()
    head = header("{'descr': '|O', 'fortran_order': False, 'shape': (3, 4), }")
    rewritten(path, {WEIGHT: head + pickle.dumps(objects)})
    assert "its header is not that of an array of numbers" in refused(path)
    path.write_bytes(pickle.dumps(Trap()))
    refused(path)


def test_a_bomb_that_inflates(path: Path) -> None:
    bomb = header(FLOATS % "(3, 4)") + bytes(20_000_000)
    rewritten(path, {WEIGHT: bomb}, compression=zipfile.ZIP_DEFLATED)
    assert "a member is compressed; checkpoints never are" in refused(path)


def test_a_member_twice(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr(BIAS, b"")
    assert "a member occurs twice" in refused(path)


def test_a_directory_that_takes_long_to_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**25)
        file.seek(0, io.SEEK_END)
        file.write(b"PK\x05\x06" + bytes(8) + (2**25).to_bytes(4, "little") + bytes(6))
    assert "it has too many members" in refused(path)


def test_a_newer_format(path: Path) -> None:
    rewritten(path, {TEXT: json.dumps({"format": FORMAT + 1}).encode()})
    assert f"has checkpoint format {FORMAT + 1}; this nnfs reads up to {FORMAT}; upd" in refused(
        path, read_text
    )


def test_parameters_that_fit_by_name_and_shape(path: Path) -> None:
    wanted = {
        "parameters/dense_1.weight": np.zeros((3, 4), np.float32),
        "parameters/dense_1.bias": np.zeros(5, np.float32),
        "parameters/dense_2.bias": np.zeros(4, np.float32),
    }
    found = read_parameters(path, wanted)
    assert same_bytes(found, {name: example()[name] for name in [*wanted][:1]})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (member(np.full((3, 4), np.inf, np.float32)), "not finite"),
        (b"\x93NUMPY", "not an array of NumPy's format"),
        (member(np.ones((3, 4))), "expected 3 x 4 <f4"),
    ],
)
def test_parameters_that_are_damaged(path: Path, content: bytes, message: str) -> None:
    wanted = {"parameters/dense_1.weight": np.zeros((3, 4), np.float32)}
    rewritten(path, {WEIGHT: content})
    assert message in refused(path, lambda path: read_parameters(path, wanted))


WRONG: list[Any] = [
    None,
    True,
    -1,
    1.5,
    10**30,
    "x",
    [],
    {},
    [[]],
    [None],
    {"x": None},
    float("nan"),
]
"""What no value of the text may be changed to in silence, unless it is of the same type."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))


@pytest.mark.parametrize("place", [*places(INFORMATION)], ids=lambda p: ".".join(map(str, p)))
def test_every_value_of_another_type_is_refused_or_harmless(path: Path, place: Any) -> None:
    """Whatever stands anywhere: it is refused, or what is read can be used as it is typed."""
    for wrong in [*WRONG, ...]:
        text = copy.deepcopy({"format": FORMAT} | INFORMATION)
        inner: Any = text
        for key in place[:-1]:
            inner = inner[key]
        if wrong is ...:
            del inner[place[-1]]
        else:
            inner[place[-1]] = wrong
        rewritten(path, {TEXT: json.dumps(text).encode()})
        try:
            found = read_text(path)
        except DataError:
            continue
        Preprocessing.from_json(found["preprocessing"])
        Progress(**found["progress"])
        save(path, example(), found)


@pytest.mark.parametrize(("values", "refuses"), [(9_000, False), (11_000, True)])
def test_a_config_with_more_in_it_than_a_file_may_have(
    path: Path, values: int, refuses: bool
) -> None:
    config = {"name": "x", "many": [[0]] * (values // 2)}
    rewritten(
        path, {TEXT: json.dumps({"format": FORMAT} | INFORMATION | {"config": config}).encode()}
    )
    if refuses:
        assert "config" in refused(path, read_text)
    else:
        assert read_text(path)["config"] == config


def test_what_could_not_be_read_is_not_written(path: Path) -> None:
    before = path.read_bytes()
    for text in ({}, INFORMATION | {"optimizer_steps": -1}, INFORMATION | {"progress": {}}):
        with pytest.raises(MachineError, match="is not written, for it could not be read again"):
            save(path, example(), text)
    assert path.read_bytes() == before


def misfit(**changes: Any) -> dict[str, Any]:
    """The text with other values in its preprocessing, or its progress."""
    text = copy.deepcopy(INFORMATION)
    for part in ("preprocessing", "progress"):
        known = {"preprocessing": {"target_mean", "target_deviation", "names", "thresholds"}}
        own = {*text[part]} | known.get(part, {"figures"})
        text[part] |= {key: value for key, value in changes.items() if key in own}
    return text


FIGURES = {"box": 20, "middle": 14.5, "least": 18, "most": 21, "offset": 1, "by": "mass"}
IMAGE: dict[str, Any] = {"input_shape": [28, 28, 1], "columns": [], "scale": 1.0}
CHANGED = {"epoch": 1, "step": 3, "key": "optimizer.lr", "before": 0.1, "value": 0.2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (misfit(scale=[1.0, 2.0, 3.0]), r"scale has 3 numbers for \[2\]"),
        (misfit(shift=[1.0, 2.0, 3.0]), r"shift has 3 numbers for \[2\]"),
        (misfit(scale=[1.0], shift=[1.0, 2.0]), ""),
        (misfit(columns=[{"name": "n", "kind": "number"}]), r"columns make 1 features for \[2\]"),
        (misfit(labels=["a", "b", "a"]), "a label occurs twice"),
        (misfit(thresholds=[0.5, 0.5]), "names and thresholds do not belong together"),
        (misfit(labels=[], names=["a"], thresholds=[0.5, 0.5]), "names and thresholds do not"),
        (misfit(labels=[], names=["a", "b"], thresholds=[0.5, 0.5]), ""),
        (misfit(target_mean=[1.0]), "target_mean and target_deviation do not belong"),
        (misfit(target_deviation=[1.0]), "target_mean and target_deviation do not belong"),
        (misfit(target_mean=[1.0], target_deviation=[1.0, 2.0]), "target_mean and target_dev"),
        (misfit(target_mean=[1.0], target_deviation=[2.0]), ""),
        (misfit(history=[]), "a history of 0 epochs after 1"),
        (misfit(epoch=2, history=[{"loss": 1.0}, {"loss": 2.0, "a": 1.0}]), "not every epoch of"),
        (misfit(trace=[[4, 0.5]]), "the trace names a step that was not taken"),
        (misfit(trace=[[0, 0.5]]), "the trace names a step that was not taken"),
        (misfit(trace=[[1.5, 0.5]]), "the trace names a step that was not taken"),
        (misfit(trace=[[1, 0.5], [3, 0.5]]), ""),
        (INFORMATION | {"resumed_with": [CHANGED]}, ""),
        (INFORMATION | {"resumed_with": [CHANGED | {"step": 4}]}, "steps that were not taken"),
        (INFORMATION | {"resumed_with": [CHANGED, CHANGED | {"step": 2}]}, "not in their order"),
    ],
)
def test_parts_that_do_not_belong_together(path: Path, text: dict[str, Any], message: str) -> None:
    before = path.read_bytes()
    rewritten(path, {TEXT: json.dumps({"format": FORMAT} | text).encode()})
    if not message:
        assert repr(read_text(path)) == repr({"format": FORMAT} | text)
        save(path, example(), text)
        return
    with pytest.raises(DataError, match=message):
        read_text(path)
    path.write_bytes(before)
    with pytest.raises(MachineError, match=message):
        save(path, example(), text)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("shape", "box", "fits"),
    [([28, 28, 1], 28, True), ([28, 28, 1], 29, False), ([28, 27, 1], 20, False), ([2], 2, False)],
)
def test_figures_fit_their_images(path: Path, shape: list[int], box: int, fits: bool) -> None:
    text = misfit(**IMAGE | {"input_shape": shape})
    text["preprocessing"]["figures"] = FIGURES | {"box": box}
    rewritten(path, {TEXT: json.dumps({"format": FORMAT} | text).encode()})
    if fits:
        assert read_text(path)["preprocessing"]["figures"]["box"] == box
        return
    with pytest.raises(DataError, match=rf"figures of {box} pixels for \[{shape[0]}"):
        read_text(path)


def test_a_text_larger_than_any(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()
    size = len(json.dumps({"format": FORMAT} | INFORMATION))
    monkeypatch.setattr(checkpoint, "MAX_TEXT", size - 1)
    assert f"{TEXT} is too large" in refused(path, read_text)
    with pytest.raises(MachineError, match=r"is not written.*: more than 0 MiB"):
        save(path, example(), INFORMATION)
    assert path.read_bytes() == before
    monkeypatch.setattr(checkpoint, "MAX_TEXT", size)
    assert read_text(path)
    save(path, example(), INFORMATION)


def test_a_directory_of_more_than_32_bits_that_takes_long_to_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**25)
        file.seek(0, io.SEEK_END)
        file.write(b"PK\x06\x06" + bytes(36) + (2**25).to_bytes(8, "little") + bytes(8))
        file.write(b"PK\x06\x07" + bytes(16) + b"PK\x05\x06" + bytes(18))
    assert "it has too many members" in refused(path)


def test_members_that_share_their_bytes(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(50):
            twin = copy.copy(archive.getinfo(WEIGHT))
            twin.filename = f"parameters/{number}.npy"
            archive.filelist.append(twin)
        archive.comment = b""
        archive._didModify = True  # type: ignore[attr-defined]
    assert "its members claim more bytes than the file has" in refused(path)


@pytest.mark.parametrize("place", ["_ZipWriteFile.__init__", "_ZipWriteFile.close"])
def test_an_interrupt_stays_what_it_is(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive that is closed between two members would make a ValueError of it."""
    path = tmp_path / "x.npz"
    save(path, {"x": np.zeros(3)}, INFORMATION)
    before = path.read_bytes()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    complaining: list[object] = []
    monkeypatch.setattr(f"zipfile.{place}", interrupt)
    monkeypatch.setattr("sys.unraisablehook", lambda raised: complaining.append(raised.object))
    with pytest.raises(KeyboardInterrupt):
        save(path, {"x": np.ones(3)}, INFORMATION)
    monkeypatch.undo()
    gc.collect()
    # From Python 3.13 on a member does, which is half made here, or closed by what raises.
    assert not [one for one in complaining if "_ZipWriteFile" not in repr(one)]
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
