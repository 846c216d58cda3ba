"""The git commit of the current folder, whose git configuration is not trusted.

A repository's own settings make git run programs: hooks, monitors, filters, helpers of remotes.
None of them runs for this, and git is cut off when it takes long or says much.
"""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

SECONDS, MAX_BYTES = 2.0, 4096
SETTINGS = ("core.fsmonitor=false", f"core.hooksPath={os.devnull}", "diff.ignoreSubmodules=all")
ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
OWN_FILTERS = re.compile(rb"^(local|worktree)\t", re.MULTILINE)


def git_commit() -> str | None:
    """The commit here, with ``+`` if it was changed, ``?`` if that cannot be told; or None.

    Whether files were changed is not asked where the repository brings filters, which git would
    run to find out.
    """
    if not _in_repository():
        return None
    deadline = time.monotonic() + SECONDS
    code, answer = _git(deadline, "rev-parse", "--verify", "--short=12", "HEAD")
    found = re.fullmatch(rb"([0-9a-f]{4,64})\n", answer)
    if code != 0 or found is None:
        return None
    filters = _git(deadline, "config", "--show-scope", "--name-only", "--get-regexp", r"^filter\.")
    code = -1
    if filters[0] in (0, 1) and not OWN_FILTERS.search(filters[1]):
        code, _ = _git(deadline, "diff", "--quiet", "--no-ext-diff", "--no-textconv", "HEAD")
    return found[1].decode() + {0: "", 1: "+"}.get(code, "?")


def _in_repository() -> bool:
    """Whether git would find a repository: to ask it takes as long as a hundred steps."""
    if "GIT_DIR" in os.environ:
        return True
    try:
        here = Path.cwd()
    except FileNotFoundError:  # it was removed
        return False
    return any(os.path.exists(folder / ".git") for folder in (here, *here.parents))


def _git(deadline: float, *arguments: str) -> tuple[int, bytes]:
    """The exit code and the answer; -1 if there is no git, or it took too long or said too much."""
    command = ["git", *(part for setting in SETTINGS for part in ("-c", setting)), *arguments]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | ENVIRONMENT,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return -1, b""
    with process:
        try:
            answer = _answer(process, deadline)
            return (-1, b"") if answer is None else (process.wait(SECONDS), answer)
        except subprocess.TimeoutExpired:
            return -1, b""
        finally:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)


def _answer(process: subprocess.Popen[bytes], deadline: float) -> bytes | None:
    """What the process says until it ends; None if that is too much or too late."""
    assert process.stdout is not None
    descriptor, said = process.stdout.fileno(), b""
    while len(said) <= MAX_BYTES:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return None
        more = os.read(descriptor, MAX_BYTES + 1)
        if not more:
            return said
        said += more
    return None
