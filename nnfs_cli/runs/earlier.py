"""Finding an earlier run of the same training."""

from __future__ import annotations

from pathlib import Path

from nnfs_cli import __version__
from nnfs_cli.components.described import essence
from nnfs_cli.config.config import Config, validate
from nnfs_cli.config.yaml_reader import read_file
from nnfs_cli.errors import DataError, NnfsError
from nnfs_cli.runs.changes import no_config_describes, undone
from nnfs_cli.runs.provenance import fingerprint, minor_version
from nnfs_cli.runs.record import FINISHED, RUNNING, Record
from nnfs_cli.runs.run import Run
from nnfs_cli.runs.runs_folder import RunsFolder


def earlier_run(identity: str, runs: RunsFolder, run_dir: Path | None) -> Run | None:
    """The newest run with this fingerprint that can be used, a finished one before any other."""
    own = f'"nnfs": "{minor_version(__version__)}.'.encode()

    def may_be_it(text: bytes) -> bool:
        return identity.encode() in text or own not in text

    candidates = runs.scan(may_be_it, identity).runs
    if run_dir is not None and (run_dir / "run.json").is_file():
        candidates.append((Run(run_dir), Run(run_dir).read()))
    return _chosen([(run, rec) for run, rec in candidates if _identity(run, rec, runs) == identity])


def earlier_runs(runs: RunsFolder) -> dict[str, Run]:
    """What :func:`earlier_run` finds, for every fingerprint that a run in the folder has.

    From then on these runs are known.
    """
    known: dict[str, list[tuple[Run, Record]]] = {}
    for run, record in runs.scan().runs:
        identity = _identity(run, record, runs)
        runs.seen.note(run.id, identity or "", record.number)
        if identity:
            known.setdefault(identity, []).append((run, record))
    found = {identity: _chosen(pairs) for identity, pairs in known.items()}
    return {identity: run for identity, run in found.items() if run is not None}


def _chosen(candidates: list[tuple[Run, Record]]) -> Run | None:
    found = [
        (run, record)
        for run, record in reversed(candidates)
        if run.status(record) == RUNNING or run.has_checkpoint("last")
    ]
    finished = [pair for pair in found if pair[1].status == FINISHED]
    return next((run for run, _ in finished or found), None)


def origin_of(config: Config, runs: RunsFolder, recorded: Run | None = None) -> Path | None:
    """The checkpoint that ``init_from`` names; the config then names its run for good.

    The config of a ``recorded`` run names the other one by a path from its own folder, so that
    both may be moved together; version 0.1 wrote a whole path.
    """
    if config.init_from is None:
        return None
    name = config.init_from
    if recorded is not None:
        places = (recorded.path / name, recorded.path.parent / Path(name).name)
        name = next((str(place) for place in places if place.is_dir()), str(places[0]))
    try:
        run = runs.find(name)
    except DataError as error:
        where = "name its folder, or the folder of all runs: --runs-dir"
        raise DataError(f"init_from: {error.message}", where) from None
    config.init_from = str(run.path.resolve())
    return run.chosen_checkpoint(None)


def _identity(run: Run, record: Record, runs: RunsFolder) -> str | None:
    """The run's fingerprint; that of an older version's run is computed anew."""
    if minor_version(record.environment.get("nnfs", "")) == minor_version(__version__):
        return record.fingerprint
    try:
        return _computed(run, record, runs)
    except (NnfsError, OSError):
        return None


def _computed(run: Run, record: Record, runs: RunsFolder) -> str | None:
    """None for a run that no config describes, or whose schedule version 0.1 planned anew."""
    config = undone(validate(read_file(run.config)), record.resumed_with)
    replanned = record.planned_epochs and config.schedule.plans_ahead
    if replanned or no_config_describes(record.resumed_with):
        return None
    return fingerprint(
        essence(config), record.data.hash, record.plugins, origin_of(config, runs, run)
    )
