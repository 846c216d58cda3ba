"""Faults of checkpoints, each on a finished run: its best is damaged, its last is not."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from .fault import RESUME, Fault, Kind

BEST = Path("runs/latest/checkpoints/best.npz")
LAST = BEST.with_name("last.npz")
WEIGHT = "parameters/dense_1.weight.npy"
HEADER = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n"
GO_ON = (*RESUME, "--epochs", "5")


class Trap:
    """Leaves a file where it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path("executed"),)


def executed_nothing() -> None:
    assert not Path("executed").exists()


def array(descr: str, shape: str, content: bytes = b"") -> bytes:
    header = (HEADER % (descr, shape)).encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, changes: dict[str, bytes | None], packed: int = zipfile.ZIP_STORED) -> None:
    """Replace members, or leave them out (None)."""
    found: dict[str, bytes | None] = {**members(path), **changes}
    with zipfile.ZipFile(path, "w", packed) as archive:
        for name, content in found.items():
            if content is not None:
                archive.writestr(name, content)


def member(content: bytes | None, name: str = WEIGHT, path: Path = BEST) -> Callable[[], None]:
    return lambda: rewrite(path, {name: content})


def number(value: float) -> Callable[[], None]:
    """The last weight is this number."""
    return lambda: rewrite(BEST, {WEIGHT: members(BEST)[WEIGHT][:-4] + struct.pack("<f", value)})


def twice() -> None:
    with zipfile.ZipFile(BEST, "a") as archive:
        archive.fp.write(b"")  # type: ignore[union-attr]
        archive.NameToInfo.clear()  # or zipfile warns
        archive.writestr(WEIGHT, b"")


def flip() -> None:
    content = bytearray(BEST.read_bytes())
    content[content.index(members(BEST)[WEIGHT]) + 140] ^= 1
    BEST.write_bytes(content)


def bomb() -> None:
    rewrite(BEST, {WEIGHT: array("<f4", "(2, 8)", bytes(300 << 20))}, zipfile.ZIP_DEFLATED)


def edit(key: str, value: object) -> Callable[[], None]:
    """Change an entry of run.json."""

    def change() -> None:
        path = Path("runs/latest/run.json")
        path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))

    return change


def edit_config() -> None:
    path = Path("runs/latest/config.yaml")
    path.write_text(path.read_text().replace("lr: 0.01", "lr: 0.02"))


def row(kind: Kind, name: str, damage: Callable[[], object], words: str = "best.npz") -> Fault:
    return Fault(kind, name, ("eval",), 3, words, damage, then=executed_nothing)


OTHER = "--checkpoint last"
FAULTS = [
    row(Kind.DAMAGED, "cut short", lambda: BEST.write_bytes(BEST.read_bytes()[:-40]), OTHER),
    row(Kind.DAMAGED, "one bit flipped", flip, OTHER),
    row(Kind.DAMAGED, "empty", lambda: BEST.write_bytes(b""), OTHER),
    row(Kind.DAMAGED, "a text file", lambda: BEST.write_text("weights"), OTHER),
    Fault(
        Kind.DAMAGED, "gone", ("eval", "--checkpoint", "last"), 3, "--checkpoint best", LAST.unlink
    ),
    Fault(
        Kind.DAMAGED,
        "the last, on resume",
        GO_ON,
        3,
        "last.npz",
        lambda: LAST.write_bytes(b"x" * 99),
    ),
    Fault(Kind.DAMAGED, "neither best nor last", ("eval", "--checkpoint", "first"), 3, "best"),
    Fault(
        Kind.DAMAGED,
        "the other one works",
        ("eval", "--checkpoint", "last"),
        0,
        "",
        flip,
        works=True,
    ),
    row(Kind.PICKLE, "a pickle for an array", member(pickle.dumps(Trap())), WEIGHT[:-4]),
    row(
        Kind.PICKLE,
        "an array of objects",
        member(array("|O", "(2, 8)", pickle.dumps(Trap()))),
        "header",
    ),
    row(Kind.PICKLE, "a pickle for a checkpoint", lambda: BEST.write_bytes(pickle.dumps(Trap()))),
    row(
        Kind.BOMB,
        "4 TiB in 188 bytes",
        member(array("<f4", "(1048576, 1048576)")),
        "expected 2 x 8",
    ),
    row(Kind.BOMB, "a deflated bomb", bomb, "compressed"),
    row(Kind.BOMB, "an oversized header", member(array("<f4", "(2, 8)" + " " * 60_000)), "header"),
    row(Kind.BOMB, "a header that is code", member(array("<f4", "exit()")), "header"),
    row(
        Kind.MEMBERS,
        "an extra member",
        member(b"", "parameters/more.npy"),
        "more.npy' does not belong",
    ),
    row(
        Kind.MEMBERS, "a member outside", member(b"", "../evil.npy"), "../evil.npy' does not belong"
    ),
    row(Kind.MEMBERS, "a missing member", member(None), f"'{WEIGHT}' is missing"),
    row(Kind.MEMBERS, "a member twice", twice, "occurs twice"),
    row(
        Kind.MEMBERS,
        "another shape",
        member(array("<f4", "(8, 2)", bytes(64))),
        "8 x 2 <f4, expected 2 x 8",
    ),
    row(
        Kind.MEMBERS,
        "another type",
        member(array("<f8", "(2, 8)", bytes(128))),
        "<f8, expected 2 x 8 <f4",
    ),
    row(
        Kind.MEMBERS,
        "another byte order",
        member(array(">f4", "(2, 8)", bytes(64))),
        ">f4, expected 2 x 8",
    ),
    row(Kind.NOT_FINITE, "NaN", number(float("nan")), "not finite"),
    row(Kind.NOT_FINITE, "infinity", number(float("inf")), "not finite"),
    row(
        Kind.NOT_FINITE, "a newer format", member(b'{"format": 99}', "checkpoint.json"), "format 99"
    ),
    row(Kind.NOT_FINITE, "no format", member(b"[]", "checkpoint.json"), OTHER),
    Fault(
        Kind.CHANGED,
        "another NumPy",
        GO_ON,
        0,
        "numpy was 1.0.0",
        edit("environment", {"numpy": "1.0.0"}),
        works=True,
    ),
    Fault(Kind.CHANGED, "an edited config", GO_ON, 2, "optimizer.lr", edit_config),
]
