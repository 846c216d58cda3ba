"""Strict YAML: scalars of YAML 1.2, refusals at the exact place, soon and in little memory."""

from __future__ import annotations

import math
import os
import random
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml

from nnfs_cli.config.yaml_reader import MAX_BYTES, parse, read_file, scalar_to_yaml, to_yaml
from nnfs_cli.errors import ConfigError

NULL = dict.fromkeys(("", "~", "null", "Null", "NULL"))
BOOLEANS = {text: text.lower() == "true" for text in ("true", "True", "TRUE", "false", "FALSE")}
INTEGERS = {"0": 0, "-19": -19, "+12": 12, "010": 10, "0o17": 15, "0x1F": 31, "0x3A": 58}
FLOATS = {"1e-3": 0.001, "0.": 0.0, "-0.0": -0.0, ".5": 0.5, "+12e03": 12000.0, "-2E+05": -2e5}
FLOATS |= {"1.5": 1.5, "1.e2": 100.0, ".inf": math.inf, "-.Inf": -math.inf, "+.INF": math.inf}
TEXTS = [
    "no",
    "yes",
    "on",
    "off",
    "y",
    "n",
    "No",
    "tRUE",
    "nULL",
    "1_000",
    "2026-11-21",
    "12:30:45",
]
TEXTS += ["0b11", "0o8", "0xG", "-0x1F", "1e", "e3", ".", "-", "+", "1.2.3", "inf", "nan", ".Nan"]
TEXTS += ["1,000", "1 000", "five", "=", "0x", "١٢"]


@pytest.mark.parametrize(("text", "value"), [*(NULL | BOOLEANS | INTEGERS | FLOATS).items()])
def test_scalars_of_the_core_schema(text: str, value: Any) -> None:
    found = parse(f"key: {text}", "c").value["key"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", TEXTS)
def test_words_stay_words(text: str) -> None:
    quoted = text if text != "-" else '"-"'  # a lone dash starts a list
    assert parse(f"key: {quoted}", "c").value == {"key": text}


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_nan(text: str) -> None:
    assert math.isnan(parse(text, "c").value)


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("text", ["1", "1e-3", "true", "null", "", ".inf", "0x1F"])
def test_quoted_scalars_are_text(text: str, quote: str) -> None:
    assert parse(f"[{quote}{text}{quote}]", "c").value == [text]


def test_keys_are_text() -> None:
    assert parse("1: a\nno: b\nnull: c\n1e3: d", "c").value == dict(
        zip(["1", "no", "null", "1e3"], "abcd", strict=True)
    )


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: 2\na: 3", ["c:3:1: duplicate key 'a'; it is already at c:1:1"]),
        ("x: {k: 1, k: 2}", ["c:1:11: duplicate key 'k'; it is already at c:1:5"]),
        ("c: *b\na: &b [1]", ["c:1:4: alias *b has no anchor before it"]),
        ("a: &b [*b]", ["c:1:8: alias *b has no anchor before it"]),
        ("a: &b 3\nd:\n  <<: *b", ["c:3:3: << merges mappings alone; write `<<: *anchor`"]),
        ("a: &b {c: 1}\nd: {<<: *b, <<: *b}", ["c:2:13: duplicate key '<<'"]),
        ("a: !!python/object/apply:os.system [ls]", ["c:1:4: tag 'tag:yaml.org,2002:python/obj"]),
        ("a: !!int 3", ["c:1:4: tag 'tag:yaml.org,2002:int' is not allowed; write a plain value"]),
        ("a: !mine 3", ["c:1:4: tag '!mine' is not allowed"]),
        ("!x k: 1", ["c:1:1: tag '!x'"]),
        ("a: 1\n---\nb: 2", ["c:2:1: a second document (`---`); keep one document a file"]),
        ("a:\n\tb: 1", ["c:2:1: not valid YAML: found character that cannot start any token; ind"]),
        ("a: [1", ["c:1:6: not valid YAML|c:2:1: not valid YAML"]),
        ("a: 'open", ["c:1:9: not valid YAML: found unexpected end|c:2:1: not valid YAML: found"]),
        ("a: b: c", ["c:1:5: not valid YAML: mapping values are not allowed in this context"]),
        ("? [a]\n: b", ["c:1:3: a key must be a word"]),
        ("a: 1\nb: \0", ["c:2: not valid YAML: "]),
        ("x: 1\na: " + "9" * 5000, ["c:2:4: a number with too many digits; write it as 1e3, say"]),
        ("a: 0x" + "f" * 5000, ["c:1:4: a number with too many digits"]),
        # PyYAML 6.0.4 counts flow collections while it reads ahead, and refuses at the 1,000th.
        ("a: " + "[" * 2000, ["c:1:43: nested deeper than 40|c:1:1003: nested deeper than 40"]),
        ("a: " + "{b: " * 2000, ["c:1:160: nested deeper than 40 levels"]),
        ("- " * 2000, ["c:1:81: nested deeper than 40 levels"]),
        ("[" + "a," * 120_000 + "]", ["c:1:10000: more than 5,000 values"]),
        ("[" * 38 + "a," * 120_000, ["more than 5,000 values"]),
    ],
)
def test_refusals(text: str, problems: list[str]) -> None:
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(ConfigError) as caught:
        parse(text, "c")
    seconds, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    found = [str(problem) for problem in caught.value.problems]
    assert len(found) == len(problems)
    for line, expected in zip(found, problems, strict=True):
        assert any(part in line for part in expected.split("|"))
    assert seconds < 1.0  # tracing makes it three times slower
    assert peak < 50e6


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("a: 1\na: 2\nb: *x\nc: !!str 3\n", "c.yaml")
    places = [problem.where for problem in caught.value.problems]
    assert places == ["c.yaml:2:1", "c.yaml:3:4", "c.yaml:4:4"]


def test_places() -> None:
    document = parse("a: 1\nb:\n  - x\n  - {k: ä, l: 2}\n", "c.yaml")
    places = {
        (): "c.yaml:1:1",
        ("a",): "c.yaml:1:4",
        ("b", 0): "c.yaml:3:5",
        ("b", 1, "k"): "c.yaml:4:9",
        ("b", 1, "l"): "c.yaml:4:15",
        ("b", 1, "missing"): "c.yaml:4:5",
        ("b", 7, "k"): "c.yaml:3:3",
    }
    assert {path: document.where(path) for path in places} == places
    assert document.where(("b", 1, "l"), key=True) == "c.yaml:4:12"
    assert document.where(("missing",), key=True) == "c.yaml:1:1"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "c.yaml"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbfa: 1\nb: [x]\n", b"a: 1\r\nb: [x]\r\n", b"---\na: 1\nb: [x]\n...\n"],
)
def test_a_bom_and_crlf_are_accepted(tmp_path: Path, content: bytes) -> None:
    assert read_file(written(tmp_path, content)).value == {"a": 1, "b": ["x"]}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only a comment\n", b"---\n"])
def test_an_empty_file_holds_nothing(tmp_path: Path, content: bytes) -> None:
    document = read_file(written(tmp_path, content))
    assert document.value is None
    assert document.where(("a",)).startswith(f"{tmp_path / 'c.yaml'}:")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: \xff\xfe", "is not UTF-8 text (byte 4); save it as UTF-8"),
        (b"a: 1\nb: x\0y\n", "c.yaml:2: not valid YAML"),
        (b"a" * (MAX_BYTES + 1), "is larger than 256 KiB; is it really a config?"),
    ],
)
def test_files_that_are_no_config(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=r"c\.yaml") as caught:
        read_file(written(tmp_path, content))
    assert message in str(caught.value)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    with pytest.raises(ConfigError, match="larger than 256 KiB"):
        read_file(path)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    for name in ("first.yaml", "second.yaml", "notes.txt"):
        (tmp_path / name).touch()
    for path, message in {
        tmp_path / "c.yaml": f"no such file; there are first.yaml, second.yaml in {tmp_path}",
        tmp_path / "frist.yaml": f"no such file; did you mean {tmp_path}/first.yaml?",
        tmp_path / "none" / "c.yaml": "no such file; name a YAML file, or write one with `nnfs in",
        tmp_path: "Is a directory; name a YAML file",
        tmp_path / ("x" * 300): "File name too long; there are first.yaml, second.yaml",
        tmp_path / ("x" * 300) / "c": "File name too long; name a YAML file",
    }.items():
        with pytest.raises(ConfigError) as caught:
            read_file(path)
        assert str(caught.value).startswith(f"cannot read {path}: {message}")


@pytest.mark.parametrize("folder", [True, False])
def test_a_name_without_its_suffix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("gray.yaml", "grey.yaml", "mixed.yaml"):
        Path(name).touch()
    if folder:
        Path("gray").mkdir()
    with pytest.raises(ConfigError, match=r"did you mean gray\.yaml\?$"):
        read_file(Path("gray"))
    with pytest.raises(ConfigError, match=r"there are gray\.yaml, grey\.yaml, mixed\.yaml$"):
        read_file(Path("cifar10"))


TRICKY = ["no", "1e-3", "", " x", "x ", "a: b", "#", "# c", "two\nlines", "two\n\n lines\n", "\n"]
TRICKY += ["naïve", "日本", "😀", "\t", "'", '"', "- a", "?", "!x", "&x", "*x", "<<", "%", "@", "`"]
TRICKY += ["null", "~", "010", "0x1F", ".inf", "1_000", "true", "[", "{a}", "a,b", "x" * 300, "---"]
TRICKY += [
    "...",
    "9" * 5000,
    "\x00",
    "\x1b",
    "\x85",
    "\u2028",
    "\ufeff",
    "=",
    "\\",
    "a\r\nb",
    "|",
    ">",
]


def random_tree(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(9 if depth < 4 else 6)
    if kind == 0:
        return chance.choice([None, True, False])
    if kind == 1:
        return chance.randrange(-(10**20), 10**20)
    if kind == 2:
        return chance.choice([math.inf, 1e300, 5e-324, 0.1, -1e-5, 1e22, chance.gauss(0, 1)])
    if kind < 6:
        return chance.choice(TRICKY)
    if kind == 6:
        return [random_tree(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(TRICKY): random_tree(chance, depth + 1) for _ in range(4)}


@pytest.mark.parametrize("seed", range(100))
def test_what_is_written_is_read_back(seed: int) -> None:
    tree = random_tree(random.Random(seed))
    assert parse(to_yaml(tree), "c").value == tree


@pytest.mark.parametrize("value", [*TRICKY, 3, 1e-5, True, None, -math.inf])
def test_scalars_fit_on_one_line_inside_other_text(value: Any) -> None:
    line = scalar_to_yaml(value)
    assert "\n" not in line
    assert parse(f"a:\n  b: {line}  # comment\n  c: 1", "c").value == {"a": {"b": value, "c": 1}}


def test_nothing_is_written_as_an_alias() -> None:
    shared = {"x": [1, 2]}
    assert parse(to_yaml([shared, shared]), "c").value == [shared, shared]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_is_read_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "empty.yaml")
    assert read_file(tmp_path / "empty.yaml").value is None
    read, write = os.pipe()
    os.write(write, b"seed: 1")
    os.close(write)
    assert read_file(Path(f"/dev/fd/{read}")).value == {"seed": 1}
    os.close(read)


def test_aliases_and_merge_keys_are_what_pyyaml_makes_of_them() -> None:
    """Its safe loader is the independent reading; ours differs in plain scalars alone."""
    text = """
base: &base {units: 8, activation: relu, inner: &deep [1, {two: 2}]}
plain: *base
deep: *deep
changed:
  units: 4
  <<: *base
nested: {<<: {<<: *base, more: 1}, again: *deep}
"""
    assert parse(text, "c").value == yaml.safe_load(text)


def test_places_of_what_is_repeated_and_merged() -> None:
    text = "a: &x {b: 1, c: [2]}\nd: *x\ne: {<<: [*x, {f: 3}], b: 4}\n"
    document = parse(text, "c")
    assert document.where(("d",)) == "c:2:4"
    assert document.where(("d", "c", 0)) == document.where(("a", "c", 0)) == "c:1:18"
    assert document.where(("e", "b")) == "c:3:26"
    assert document.where(("e", "c", 0)) == "c:1:18"
    assert document.where(("e", "f"), key=True) == "c:3:15"
    assert not [place for place in document.values if "<<" in place]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "k0: &a0 [x, x, x]\n"
            + "".join(f"k{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
            "more than 5,000 values",
        ),
        (
            "k0: &a0 {x: 1}\n" + "".join(f"k{n}: &a{n} {{x: *a{n - 1}}}\n" for n in range(1, 60)),
            "nested deeper",
        ),
        (
            "x: &x {"
            + ", ".join(f"k{n}: 1" for n in range(100))
            + "}\n"
            + "".join(f"m{n}: {{<<: *x}}\n" for n in range(100)),
            "more than 5,000 values",
        ),
    ],
)
def test_what_expands_beyond_bounds_is_refused_quickly(text: str, words: str) -> None:
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        with pytest.raises(ConfigError, match=words):
            parse(text, "c")
        seconds.append(time.process_time() - begun)
    assert min(seconds) < 0.5  # the rest is Python collecting what other tests left


def test_a_later_anchor_of_a_name_replaces_the_earlier() -> None:
    """As YAML 1.2 has it; PyYAML refuses it."""
    text = "a: &x 1\nb: [*x, &x 2, *x]\nc: *x\n"
    assert parse(text, "c").value == {"a": 1, "b": [1, 2, 2], "c": 2}


def test_of_several_merged_mappings_the_first_has_a_key() -> None:
    """As the merge key is specified (https://yaml.org/type/merge.html); PyYAML 6.0.4 differs."""
    text = "a: &a {x: 1, y: 1}\nb: {<<: [*a, {x: 2, z: 2}], y: 3}\n"
    assert parse(text, "c").value["b"] == {"x": 1, "z": 2, "y": 3}


def test_a_missing_file_in_a_folder_of_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ConfigError, match="no such file; write one with `nnfs init`"):
        read_file(tmp_path / "first.yaml")


@pytest.mark.parametrize("name", ["moons", "moons.yaml", "configs/moons.yaml", "rashid.yaml"])
def test_a_missing_file_that_is_called_like_a_recipe(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "moons2.yaml").touch()
    stem = Path(name).stem
    with pytest.raises(ConfigError, match=f"`nnfs init {stem}` writes {stem}.yaml"):
        read_file(Path(name))
