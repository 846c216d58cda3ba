"""Every word is found without importing the whole family."""

import pytest

from nnfs_cli.components.registry import FOLDERS, registry, texts


@pytest.mark.parametrize("family", FOLDERS)
def test_every_word_stands_in_quotes_in_the_file_that_registers_it(family: str) -> None:
    homes = {word: member.__module__ for word, member in registry()[family].items()}
    ours = {word: home for word, home in homes.items() if home.startswith("nnfs_cli.")}
    assert ours
    assert [word for word, home in ours.items() if f'"{word}"' not in texts(family)[home]] == []
