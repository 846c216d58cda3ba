"""nnfs beside its peers: python benchmarks/run.py [--works ...] [--sides ...] [--output DIR]

The sides of a work take turns, each in a process of its own. Printed, and written to the output
folder, are the ratios of their times and of their memory: see benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from chart import draw
from contestants import Contestant, MissingError, contestant
from positive import positive
from results import Result
from sides import TITLES
from tables import report
from works import WORKS

PAUSE = 0.05
"""Seconds between turns: the threads of the last side stop looking for work."""
LONGEST = 20
"""Seconds for the rounds of a work: on a busy machine some sides take a hundred times as long."""
BUSY, AWAKE = 0.5, 0.05
"""A load average, and a fraction of a core that a waiting side takes, that are worth a warning."""


def main() -> None:
    options = arguments()
    warnings = [note for note in [busy()] if note]
    if "NNFS_DATA" in os.environ:
        os.environ["NNFS_DATA"] = str(Path(os.environ["NNFS_DATA"]).resolve())
    results = []
    for work in options.works:
        print(f"{WORKS[work].title} ...", file=sys.stderr, flush=True)
        result = compare(work, ["nnfs", *(s for s in options.sides if s != "nnfs")], options.rounds)
        if "nnfs" in result.times:
            results.append(result)
        warnings += result.notes
    text = report(results, options.rounds, dict.fromkeys(warnings))
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "ratios.md").write_text(text, encoding="utf-8")
    draw(results, options.output / "ratios.svg")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", nargs="+", choices=WORKS, default=list(WORKS), metavar="WORK")
    parser.add_argument("--sides", nargs="+", choices=TITLES, default=list(TITLES), metavar="SIDE")
    parser.add_argument("--rounds", type=positive, default=7)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/output"))
    return parser.parse_args()


def busy() -> str:
    """A warning, if others use this machine."""
    load = os.getloadavg()[0]
    if load < BUSY:
        return ""
    note = f"the load average was {load:.1f} before the start: others used this machine"
    print(f"warning: {note}", file=sys.stderr)
    return note


def compare(work: str, sides: list[str], rounds: int) -> Result:
    """Let the sides take turns at a work; each round begins with another side."""
    result = Result(WORKS[work])
    ready: dict[str, Contestant] = {}
    awake: dict[str, float] = {}
    try:
        for side in sides:
            try:
                ready[side] = contestant(side, work)
            except MissingError as missing:
                result.notes.append(f"no {TITLES[side]}: {missing}")
        began = time.perf_counter()
        for number in range(rounds if ready else 0):
            if time.perf_counter() - began > LONGEST:
                title = result.work.title
                result.notes.append(f"{title}: {LONGEST} seconds were over at round {number}")
                break
            first = number % len(ready)
            for side in [*list(ready)[first:], *list(ready)[:first]]:
                result.times.setdefault(side, []).append(take_turn(side, ready, awake))
        result.notes += restless(awake, time.perf_counter() - began, result.work.title)
        result.memory = {side: one.memory() for side, one in ready.items()}
    finally:
        for one in ready.values():
            one.close()
    return result


def take_turn(side: str, ready: dict[str, Contestant], awake: dict[str, float]) -> float:
    """Seconds of a step; ``awake`` gets the processor time that the others took meanwhile."""
    time.sleep(PAUSE)
    before = {other: one.cpu() for other, one in ready.items() if other != side}
    seconds = ready[side].turn()
    for other in before:
        awake[other] = awake.get(other, 0.0) + ready[other].cpu() - before[other]
    return seconds


def restless(awake: dict[str, float], elapsed: float, work: str) -> list[str]:
    """Notes on sides that did not sleep while they waited."""
    fractions = {side: seconds / elapsed for side, seconds in awake.items()}
    return [
        f"{work}: {TITLES[side]} took {fraction:.0%} of a core while it waited"
        for side, fraction in fractions.items()
        if fraction > AWAKE
    ]


if __name__ == "__main__":
    main()
