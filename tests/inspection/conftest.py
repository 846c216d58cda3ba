from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """A headless Chromium; the test skips where there is none."""
    opened = Browser(tmp_path / "profile")
    yield opened
    opened.close()
