"""How long the slow tests of this folder go on: ``NNFS_EFFORT=10 pytest -m slow tests/cli/faults``.

1, as `.ci/run` has it, is a minute of kills, faults and mutations; 10 is ten of each.
"""

from __future__ import annotations

import os

EFFORT = int(os.environ.get("NNFS_EFFORT", "1"))
