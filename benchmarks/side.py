"""A side at work, in a process of its own: python side.py SIDE WORK

Says "ready" (or why it cannot) after the first step. Then, for each number that it reads, it does
so many steps and answers the seconds.
"""

from __future__ import annotations

import importlib
import sys
import time

from works import WORKS


def main() -> None:
    side, work = sys.argv[1:]
    try:
        step = importlib.import_module(f"sides.{side}").build(WORKS[work])
    except (ImportError, NotImplementedError) as error:
        print(error)
        return
    step()
    print("ready", flush=True)
    for line in sys.stdin:
        count = int(line)
        for _ in range(1 + count // 10):
            step()
        began = time.perf_counter()
        for _ in range(count):
            step()
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
