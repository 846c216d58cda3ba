"""The house's laws: which room may know which, and how large anything may grow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "nnfs_cli"
FILES = sorted(PACKAGE.rglob("*.py"))

ROOMS = [
    "cli", "sweeps", "reports", "inspection", "predict", "runs", "experiment", "config",
    "training", "nn", "data", "components", "compute",
]  # fmt: skip
"""From the terminal down: a room imports only from itself and from rooms behind it here."""
STRANGERS = [{"sweeps", "reports", "inspection", "predict"}, {"nn", "data"}]
"""Rooms that do not know each other."""
GROUND = {
    "atomic",
    "csv_text",
    "errors",
    "escaping",
    "formatting",
    "home",
    "page_file",
    "statistics",
}
"""What stands beside the rooms: every room may import it, and it imports no room."""
CONTRACTS = [
    "nn.layer", "nn.activation", "nn.loss", "nn.optimizer", "nn.schedule", "nn.metric",
    "nn.initializer", "data.dataset", "data.augmentation", "runs.logger",
]  # fmt: skip
"""Each stands below the folder of its members, ``layers/`` for ``layer.py``."""
HOMES = {
    "rich": "cli",
    "tqdm": "cli",
    "typer": "cli",
    "yaml": "config.yaml_reader",
    "matplotlib": "reports.plots",
    "tensorboardX": "runs.loggers.tensorboard",
    "mlflow": "runs.loggers.mlflow",
    "optuna": "sweeps.study reports.plots.importance",
    "distributed": "sweeps",
    "torch": "",
    "sklearn": "",
    "click": "",
    "pickle": "",
}
"""The room or the files that may import a library; empty: none may."""


def name_of(path: Path) -> str:
    """``nnfs_cli.nn.layers.dense`` for its file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}
HOUSED = [module for module in MODULES if module not in ("nnfs_cli", "nnfs_cli.__main__")]


def room_of(module: str) -> str:
    """The room that a module is in; ``ground`` for what stands beside the rooms."""
    first = module.split(".")[1]
    return first if first in ROOMS else "ground"


def law_against(module: str, name: str) -> str:
    """The law that ``module`` breaks when it imports ``name``; empty if there is none."""
    own, other = room_of(module), room_of(name)
    if "ground" in (own, other):
        return "" if other == "ground" else "what stands beside the rooms imports no room"
    if ROOMS.index(other) < ROOMS.index(own):
        return f"{own}/ stands below {other}/"
    if own != other and any({own, other} <= rooms for rooms in STRANGERS):
        return f"{own}/ and {other}/ do not know each other"
    contract = module.removeprefix("nnfs_cli.")
    if contract in CONTRACTS and name.startswith((f"{module}s.", plural_of(module))):
        return f"{contract} is a contract, and stands below its members"
    return ""


def plural_of(module: str) -> str:
    return "nnfs_cli.nn.losses." if module.endswith(".loss") else f"{module[:-1]}ies."


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def for_types_only(node: ast.AST) -> bool:
    test = getattr(node, "test", None)
    return isinstance(node, ast.If) and isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def imports(node: ast.AST, types: bool = False) -> Iterator[str]:
    """What is imported for use, inside functions too; with ``types``, also for type checkers."""
    for child in ast.iter_child_nodes(node):
        if for_types_only(child) and not types:
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = child.module or ""
            inner = {f"{base}.{alias.name}" for alias in child.names} & {*MODULES}
            yield from inner or [base]
        else:
            yield from imports(child, types)


@pytest.mark.parametrize("module", HOUSED)
def test_every_file_has_a_room(module: str) -> None:
    first = module.split(".")[1]
    assert first in GROUND or first in ROOMS, f"{module} is in no room that has a law"


@pytest.mark.parametrize("module", HOUSED)
def test_rooms_know_only_what_is_below_them(module: str) -> None:
    names = [name for name in imports(tree(MODULES[module])) if name.startswith("nnfs_cli.")]
    broken = [(name, law_against(module, name)) for name in names]
    assert not [f"{module} imports {name}: {law}" for name, law in broken if law]


def test_laws_name_what_breaks_them() -> None:
    """Each law refuses an import that breaks it."""
    for module, name, law in (
        ("nn.layers.dense", "cli.train", "nn/ stands below cli/"),
        ("nn.layers.dense", "data.batches", "nn/ and data/ do not know each other"),
        ("data.batches", "nn.model", "data/ stands below nn/"),
        ("reports.plots", "predict.predict", "reports/ and predict/ do not know each other"),
        ("predict.predict", "reports.plots", "predict/ stands below reports/"),
        ("nn.layer", "nn.layers.dense", "nn.layer is a contract, and stands below its members"),
        ("nn.loss", "nn.losses.mse", "nn.loss is a contract, and stands below its members"),
        ("errors", "nn.model", "what stands beside the rooms imports no room"),
        ("nn.layers.dense", "nn.layer", ""),
        ("cli.train", "errors", ""),
    ):
        assert law_against(f"nnfs_cli.{module}", f"nnfs_cli.{name}") == law


def test_no_circles() -> None:
    """Not even among types: two files that name each other's types are one."""
    graph = {
        module: {name for name in imports(tree(MODULES[module]), types=True) if name in MODULES}
        for module in HOUSED
    }
    done: set[str] = set()

    def visit(module: str, trail: list[str]) -> None:
        assert module not in trail, " > ".join([*trail, module])
        if module not in done:
            for name in graph.get(module, ()):
                visit(name, [*trail, module])
            done.add(module)

    for module in graph:
        visit(module, [])


@pytest.mark.parametrize("module", MODULES)
def test_libraries_stay_in_their_homes(module: str) -> None:
    for name in imports(tree(MODULES[module])):
        home = HOMES.get(name.partition(".")[0])
        if home is not None:
            own = module.removeprefix("nnfs_cli.")
            allowed = any(f"{own}.".startswith(f"{each}.") for each in home.split())
            assert allowed, f"{module} imports {name}"


@pytest.mark.parametrize("module", MODULES)
def test_no_relative_imports(module: str) -> None:
    nodes = ast.walk(tree(MODULES[module]))
    assert not any(isinstance(node, ast.ImportFrom) and node.level for node in nodes)


@pytest.mark.parametrize("module", MODULES)
def test_sizes(module: str) -> None:
    path = MODULES[module]
    assert path.stem not in ("utils", "helpers", "base", "common", "misc")
    assert len(path.read_text("utf-8").splitlines()) <= 300
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            length = (node.end_lineno or 0) - first.lineno + 1
            assert length <= 40, f"{node.name} has {length} lines"


@pytest.mark.parametrize("module", MODULES)
def test_whatever_is_public_says_what_it_is(module: str) -> None:
    root = tree(MODULES[module])
    assert ast.get_docstring(root), module
    for owner in [root, *(node for node in root.body if isinstance(node, ast.ClassDef))]:
        for node in owner.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if any(isinstance(d, ast.Attribute) for d in node.decorator_list):
                    continue  # a setter: its property says it
                inner = isinstance(owner, ast.ClassDef) and owner.name.startswith("_")
                assert inner or ast.get_docstring(node), f"{module}.{node.name}"


WORDS = {
    r"pictures?": "image",
    r"first worker": "rank 0",
    r"(no|some|every)body": "what it is: a process, a user, a layer",
    r"last words": "last line",
}
"""Words that are not written, and what is written instead."""
SYMBOL = re.compile(r"(?:DL/|D[xyW]\b|(?:Exp|Log|Sqrt|Tanh)\(|[A-Z][a-z]+ [=+^·] )")
"""A formula at the beginning of a docstring, whose symbol was made a capital."""


@pytest.mark.parametrize("module", MODULES)
def test_one_word_for_one_thing(module: str) -> None:
    text = MODULES[module].read_text("utf-8")
    for word, better in WORDS.items():
        found = re.search(rf"\b{word}\b", text, re.IGNORECASE)
        assert found is None, f"{module} says {found and found[0]!r}, instead of {better}"


@pytest.mark.parametrize("module", MODULES)
def test_symbols_keep_their_case(module: str) -> None:
    for node in ast.walk(tree(MODULES[module])):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            assert not SYMBOL.match(ast.get_docstring(node) or ""), f"{module}.{node.name}"


def test_folders_are_two_levels_deep() -> None:
    assert max(len(path.relative_to(PACKAGE).parts) for path in FILES) <= 3


def test_a_typical_file_is_short() -> None:
    lengths = sorted(len(path.read_text("utf-8").splitlines()) for path in FILES)
    assert lengths[len(lengths) // 2] <= 100
