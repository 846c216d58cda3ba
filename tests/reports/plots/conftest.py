from __future__ import annotations

from collections.abc import Iterator

import pytest

from nnfs_cli.reports.plots.theme import THEMES, Theme, themed


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.slow)])
def theme(request: pytest.FixtureRequest) -> Iterator[Theme]:
    pytest.importorskip("matplotlib")
    with themed(THEMES[request.param]):
        yield THEMES[request.param]
