"""A confusion matrix as a table whose cells are shaded; of many classes the commonest mistakes."""

from __future__ import annotations

from collections.abc import Sequence

from nnfs_cli.formatting import cut
from nnfs_cli.nn.metrics.confusion import Confusion
from nnfs_cli.reports.pages.markup import table, text

MAX_CLASSES = 30
"""More have no room in a table."""
COMMONEST = 20
POWER = 0.35
"""So that few errors among a thousand samples are seen."""
LABEL = 16
"""Characters of a label above its column."""


def confusion_html(labels: Sequence[str], found: Confusion) -> str:
    """What was taken for what."""
    if len(labels) > MAX_CLASSES:
        return _commonest(labels, found)
    counts = found.matrix().tolist()
    heads = "".join(f"<th>{text(cut(label, LABEL))}</th>" for label in labels)
    rows = [f"<tr><th>true \\ answered</th>{heads}</tr>"]
    for true, (label, row) in enumerate(zip(labels, counts, strict=True)):
        cells = [_cell(n, sum(row), true == answered) for answered, n in enumerate(row)]
        rows.append(f"<tr><th>{text(cut(label, LABEL))}</th>{''.join(cells)}</tr>")
    return f'<div class="scroll"><table class="confusion">{"".join(rows)}</table></div>'


def _cell(count: int, total: int, right: bool) -> str:
    share = (count / max(total, 1)) ** POWER
    colour = "train" if right else "val"
    mixed = f"color-mix(in srgb, var(--{colour}) {60 * share:.0f}%, transparent)"
    return f'<td style="background: {mixed}">{count or ""}</td>'


def _commonest(labels: Sequence[str], found: Confusion) -> str:
    pairs = found.commonest(COMMONEST)
    rows = [(labels[pair.true], labels[pair.predicted], pair.samples) for pair in pairs]
    return table(["true", "answered", "samples"], rows, "the commonest mistakes")
