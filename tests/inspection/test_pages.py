"""Where pages may be written, and what they hold of numbers that are not finite."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.errors import UsageError
from nnfs_cli.inspection.pages import floats, shades
from nnfs_cli.inspection.tensor_text import stretched
from nnfs_cli.page_file import require_free, write_page


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/null", "/proc/self/fd/1", "sub"])
@pytest.mark.parametrize("force", [False, True])
def test_what_is_no_place_for_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, force: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    with pytest.raises(UsageError):
        require_free(Path(name), force)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link.html"
    link.symlink_to("page.html")
    with pytest.raises(UsageError):
        require_free(link, force=False)
    write_page(link, "page")
    assert link.is_symlink()
    assert (tmp_path / "page.html").read_text() == "page"


def test_numbers_that_are_not_finite() -> None:
    array = np.array([np.nan, -np.inf, -1.0, 1.0, 3.0, np.inf])
    np.testing.assert_array_equal(stretched(array), [0.0, 0.0, 0.0, 0.5, 1.0, 1.0])
    levels = base64.b64decode(shades(array)["bytes"])
    assert list(levels) == [0, 0, 0, 128, 255, 255]
    assert shades(array)["range"] == [-1.0, 3.0]
    assert stretched(np.full((2, 2), np.nan)).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    large = np.frombuffer(base64.b64decode(floats(np.array([1e300, 2.0]))["bytes"]), "<f4")
    assert large.tolist() == [np.inf, 2.0]
