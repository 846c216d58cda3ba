"""The house's rules: who may import whom, and how large anything may grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "nnfs_cli"
FILES = sorted(PACKAGE.rglob("*.py"))

# Each row may import from itself and from the rows below it, never from those above.
ROWS = [
    {"__main__"},
    {
        "bars", "cli", "commands", "console", "display", "document", "epoch_table", "reporting",
        "tables",
    },
    {
        "describing", "earlier", "events", "experiment", "facts", "git", "reproduction", "resuming",
        "saving", "session",
    },
    {
        "checkpoint_text", "confusion_table", "dead_weights", "guarding", "soundness",
        "building", "checking", "checkpoint", "config_gradcheck", "evaluation", "folder_config",
        "folder_samples", "gradcheck", "initial_weights", "inputs", "latest", "library", "loading",
        "memory",
        "monitoring", "plotting", "plugins", "prediction", "presets", "proposal", "record", "run",
        "run_evaluation", "runs_columns", "runs_folder", "runs_table", "sheet", "table_config",
        "training",
    },
    {
        "centring", "config", "drawing", "explaining", "framing", "fusing", "inference", "model",
        "network", "overriding", "pieces", "reading", "reference", "run_files", "schema",
        "strict_json", "strokes", "worker_choice", "workers",
    },
    {"activations", "augmentations", "data", "layers", "losses", "metrics", "optimizers",
     "schedules"},
    {"initializers"},
    {
        "atomic", "available", "blas", "component", "csv_text", "geometry", "matching", "misuse",
        "parameter", "pictures", "products", "registry", "scratch", "sums",
    },
    {
        "errors", "escaping", "figures", "home", "interrupts", "lock", "random_streams", "signals",
        "team", "terminal", "nnfs_cli",
    },
]  # fmt: skip
HOMES = {
    "rich": ("tables",),
    "tqdm": ("bars",),
    "typer": ("cli", "commands"),
    "yaml": ("reading",),
    "torch": (),
    "sklearn": (),
    "click": (),
    "pickle": (),
    "matplotlib": ("plotting",),
}


def name_of(path: Path) -> str:
    """``nnfs_cli.layers.dense`` for its file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def unit_of(module: str) -> str:
    """The folder or the module below the package, which stands in one row."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]


def row_of(module: str) -> int:
    return next(n for n, row in enumerate(ROWS) if unit_of(module) in row)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def for_types_only(node: ast.AST) -> bool:
    test = getattr(node, "test", None)
    return isinstance(node, ast.If) and isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def imports(node: ast.AST, everywhere: bool) -> Iterator[str]:
    """What is imported for use, inside functions too if ``everywhere``; types are no use."""
    for child in ast.iter_child_nodes(node):
        if for_types_only(child) or (isinstance(child, ast.FunctionDef) and not everywhere):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = child.module or ""
            inner = {f"{base}.{alias.name}" for alias in child.names} & {*MODULES}
            yield from inner or [base]
        else:
            yield from imports(child, everywhere)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_row(module: str) -> None:
    assert any(unit_of(module) in row for row in ROWS), f"give {unit_of(module)} a row"


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_downwards(module: str) -> None:
    if module == "nnfs_cli":  # the few public names, fetched when asked for
        return
    upwards = [
        name
        for name in imports(tree(MODULES[module]), everywhere=True)
        if name.partition(".")[0] == "nnfs_cli" and row_of(name) < row_of(module)
    ]
    assert not upwards


def test_no_cycles() -> None:
    graph = {
        module: {name for name in imports(tree(path), everywhere=False) if name in MODULES}
        for module, path in MODULES.items()
    }
    done: set[str] = set()

    def visit(module: str, trail: list[str]) -> None:
        assert module not in trail, " > ".join([*trail, module])
        if module not in done:
            for name in graph[module]:
                visit(name, [*trail, module])
            done.add(module)

    for module in graph:
        visit(module, [])


@pytest.mark.parametrize("module", MODULES)
def test_third_parties_stay_in_their_homes(module: str) -> None:
    for name in imports(tree(MODULES[module]), everywhere=True):
        package = name.partition(".")[0]
        if package in HOMES:
            assert unit_of(module) in HOMES[package], f"{module} imports {name}"


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


def test_folders_are_one_level_deep() -> None:
    assert max(len(path.relative_to(PACKAGE).parts) for path in FILES) <= 2


def test_a_typical_file_is_short() -> None:
    lengths = sorted(len(path.read_text("utf-8").splitlines()) for path in FILES)
    assert lengths[len(lengths) // 2] <= 100
