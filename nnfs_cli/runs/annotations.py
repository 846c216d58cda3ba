"""Annotations: what people write on a run, tags and a note, in a file of its own.

They are no part of the training: neither its fingerprint nor its repetition knows them, and they
may be changed while it trains.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable

from pydantic import BaseModel

from nnfs_cli.atomic import write_text_atomically
from nnfs_cli.errors import DataError, NotWritableError, UsageError
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.run_files import own_bytes
from nnfs_cli.runs.strict_json import TRUSTED, parsed, printable

FILE = "annotations.json"
MAX_TAGS, MAX_TAG, MAX_NOTE = 50, 50, 2_000
"""Tags of a run, and characters of a tag and of a note."""
MAX_BYTES = 1 << 16


class Annotations(BaseModel):
    """The tags in the order in which they were given, and the note."""

    model_config = TRUSTED

    tags: list[str] = []
    note: str = ""


NONE = Annotations()


def read_annotations(run: Run) -> Annotations:
    """What is written on a run. Raises DataError where it cannot be read."""
    if not os.path.lexists(f"{run.path}{os.sep}{FILE}"):  # as most have none, of thousands
        return NONE
    content = own_bytes(run.path, FILE, MAX_BYTES)
    try:
        return NONE if content is None else parsed(Annotations, content, 1_000, 10)
    except ValueError as error:
        raise DataError(f"{run.path / FILE} has no tags and note: {error}", "remove it") from None


def annotate(
    run: Run, tags: Iterable[str] = (), note: str | None = None, without: Iterable[str] = ()
) -> Annotations:
    """Add tags, take some away, and replace the note if one is given, empty for none.

    Raises UsageError, DataError, MachineError.
    """
    before, away = read_annotations(run), {*without}
    new = require_annotations(tags, note)
    kept = [tag for tag in dict.fromkeys([*before.tags, *new.tags]) if tag not in away]
    found = Annotations(tags=kept, note=before.note if note is None else new.note)
    if len(kept) > MAX_TAGS:
        raise UsageError(f"run {run.id} would have {len(kept)} tags", f"at most {MAX_TAGS} fit")
    if found != before:
        text = json.dumps(found.model_dump(), ensure_ascii=False)
        try:
            write_text_atomically(run.file(FILE), text + "\n")
        except NotWritableError as error:
            raise NotWritableError(error.message, "it may be another user's run") from None
    return found


def require_annotations(tags: Iterable[str], note: str | None) -> Annotations:
    """The tags and the note as they are kept. Raises UsageError where they cannot be."""
    given = Annotations(tags=printable([*tags]), note=printable(note or ""))
    for tag in given.tags:
        if not 0 < len(tag) <= MAX_TAG or "," in tag or any(map(str.isspace, tag)):
            hint = f"write 1 to {MAX_TAG} characters without blanks and commas"
            raise UsageError(f"{tag[:MAX_TAG]!r} is no tag", hint)
    if len(given.note) > MAX_NOTE:
        raise UsageError(
            f"the note has {len(given.note):,} characters", f"at most {MAX_NOTE:,} are kept"
        )
    return given
