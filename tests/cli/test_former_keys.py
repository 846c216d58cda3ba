"""Configs of earlier versions: every command takes them, and says once what a key is called now."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Nnfs
from tests.config.test_former_keys import TEXT


def test_every_command_that_reads_a_config_says_so(nnfs: Nnfs, tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(TEXT)
    commands = [["check"], ["gradcheck"], ["data", "info"], ["data", "show"]]
    for command in [*commands, ["train", "train.epochs=1", "data.limit=50"]]:
        first, *rest = command
        found = nnfs(*([first, path, *rest] if first == "train" else [*command, path]))
        assert found.code == 0, found.err
        told = f"note: {path}:4:21: `share` is called `fraction` now; both names work"
        assert found.err.count(told) == 1
