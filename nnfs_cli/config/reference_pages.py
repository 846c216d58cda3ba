"""The reference as Markdown pages: what `nnfs explain` says of every word, a page a family."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nnfs_cli.components.registry import registry
from nnfs_cli.config.ideas import ideas
from nnfs_cli.config.reference import SECTIONS, Entry, component_entry, section_entry

PAGES = {
    "layer": "layers",
    "loss": "losses",
    "optimizer": "optimizers",
    "schedule": "schedules",
    "metric": "metrics",
    "initializer": "initializers",
    "dataset": "data sets",
    "augmentation": "augmentations",
}
SPECIAL = re.compile(r"([\\*_<>|\[\]])")
CODE = re.compile(r"(`[^`]*`)")


def pages() -> dict[str, str]:
    """The text of each page, by its file's name."""
    found = {}
    for family, title in PAGES.items():
        members = {member.word: member for member in registry()[family].values()}
        entries = [component_entry(members[word]) for word in sorted(members)]
        found[f"{title.replace(' ', '_')}.md"] = _page(title, entries)
    found["config.md"] = _page("the config", [section_entry(path) for path in SECTIONS])
    found["ideas.md"] = _page("ideas", [Entry(idea.title, idea.text, []) for idea in ideas()])
    contents = "\n".join(f"- [{name.removesuffix('.md')}]({name})" for name in found)
    head = "# Reference\n\nThe same text as `nnfs explain WORD` shows, made from the code.\n\n"
    return found | {"README.md": f"{head}{contents}\n"}


def _page(title: str, entries: list[Entry]) -> str:
    parts = [f"# {title[0].upper()}{title[1:]}"]
    for entry in entries:
        parts += [f"## {escaped(entry.title)}", *_text(entry.text)]
        if entry.keys:
            parts.append(_table(entry))
    return "\n\n".join(parts) + "\n"


def _text(text: str) -> Iterator[str]:
    """Paragraphs; what is indented stays as it is."""
    for paragraph in text.split("\n\n"):
        if paragraph:
            yield paragraph if paragraph.startswith("    ") else escaped(paragraph)


def _table(entry: Entry) -> str:
    rows = [["key", "expects", "default", "meaning"], ["---"] * 4]
    rows += [
        [f"`{key.name}`", escaped(key.expects), f"`{key.default}`", escaped(key.description)]
        for key in entry.keys
    ]
    return "\n".join(
        f"| {' | '.join(cell.replace(chr(10), ' ') for cell in row)} |" for row in rows
    )


def escaped(text: str) -> str:
    """Text whose signs mean themselves in Markdown, but for what stands in backticks."""
    return "".join(
        part if part.startswith("`") else SPECIAL.sub(r"\\\1", part) for part in CODE.split(text)
    )
