"""Describing: what a run's folder says of it from the start, and what can be said again later."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from nnfs_cli.atomic import write_bytes_atomically, write_text_atomically
from nnfs_cli.components.described import essence
from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import Document, to_yaml
from nnfs_cli.errors import NnfsError
from nnfs_cli.experiment.build import Built
from nnfs_cli.runs.change import Change
from nnfs_cli.runs.changes import no_config_describes, undone
from nnfs_cli.runs.earlier import origin_of
from nnfs_cli.runs.provenance import environment, fingerprint
from nnfs_cli.runs.record import INTERRUPTED, RUNNING, Record, record_of
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder

SCHEMA = 1


def training_facts(built: Built, plugins: Mapping[str, str], identity: str) -> dict[str, Any]:
    """What is the same for every training of this kind on this machine; checkpoints hold it."""
    return {
        "schema": SCHEMA,
        "seed": built.config.seed,
        "environment": environment(),
        "workers": built.training.team.size,
        "plugins": dict(plugins),
        "data": data_facts(built),
        "parameters": built.network.model.parameter_count,
        "fingerprint": identity,
    }


def new_facts(argv: Sequence[str], overrides: Sequence[str], commit: str | None) -> dict[str, Any]:
    """What is this run's alone: when, where and how it was started, and how far it is."""
    return {
        "status": RUNNING,
        "stopped": None,
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "folder": os.getcwd(),
        "argv": list(argv),
        "overrides": list(overrides),
        "git": commit,
        "epochs": 0,
        "seconds": 0.0,
        "best": None,
        "test": None,
    }


def describe(run: Run, original: bytes, built: Built, facts: Mapping[str, Any]) -> None:
    """Write the run's config, also as the user wrote it, and its record."""
    write_bytes_atomically(run.path / "config.orig.yaml", original)
    write_text_atomically(run.config, to_yaml(built.config.described()))
    run.write({"id": run.id, **facts})


def data_facts(built: Built) -> dict[str, Any]:
    """The data's name and hash, and how many samples each split has."""
    data = built.data
    facts = {"name": data.name, "hash": data.hash, "samples": data.sizes}
    return facts | ({"substituted_for": data.substituted_for} if data.substituted_for else {})


def facts_again(built: Built, record: Record, changes: Sequence[Change]) -> dict[str, Any]:
    """The :func:`training_facts` of a run that goes on; its machine is the one it was begun on."""
    facts = training_facts(built, record.plugins, record.fingerprint)
    own = {"environment": dict(record.environment)}
    return facts | own | facts_of_changes(record, changes)


def facts_of_changes(record: Record, changes: Sequence[Change]) -> dict[str, Any]:
    """What run.json says of changes; a run that no config describes has no fingerprint."""
    if not changes and not record.resumed_with:
        return {}
    return {
        "fingerprint": "" if no_config_describes(changes) else record.fingerprint,
        "resumed_with": [change.model_dump() for change in changes],
    }


def lost_record(run: Run, text: Mapping[str, Any], runs: RunsFolder) -> Record:
    """A record for a run whose run.json was deleted, from its last checkpoint's ``text``.

    When, where and by which command it was started is lost with it.
    """
    changes = [Change.model_validate(change) for change in text.get("resumed_with", [])]
    config = undone(validate(Document(text["config"])), changes)
    known: dict[str, Any] = {"environment": {}, "plugins": {}} | dict(text.get("run") or {})
    data: dict[str, Any] = {"samples": {}} | dict(text["data"])
    try:
        origin = origin_of(config, runs, run)
        identity = fingerprint(essence(config), data["hash"], known["plugins"], origin)
    except (NnfsError, OSError):  # the run that it started from is gone
        identity = ""
    written = datetime.fromtimestamp(run.config.stat().st_mtime).astimezone()
    found = record_of(
        known
        | {
            "id": run.id,
            "number": runs.next_number(),
            "status": INTERRUPTED,
            "created": written.isoformat(timespec="seconds"),
            "argv": [],
            "overrides": [],
            "git": None,
            "data": data,
            "parameters": 0,
            "fingerprint": identity,
            "epochs": text["progress"]["epoch"],
            "seconds": 0.0,
            "best": None,
            "test": None,
        }
    )
    return record_of(found.to_json() | facts_of_changes(found, changes))
