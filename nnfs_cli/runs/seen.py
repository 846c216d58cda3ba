"""Seen: what a process knows of runs, so that a sweep does not read all of them for each one."""

from __future__ import annotations


class Seen:
    """The fingerprint and the number of runs, by their folders' names: neither ever changes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, int]] = {}

    def note(self, name: str, fingerprint: str, number: int) -> None:
        """Remember a run."""
        self._known[name] = fingerprint, number

    def is_another(self, name: str, fingerprint: str | None) -> bool:
        """Whether a run is known, and is one of another training than that with a fingerprint."""
        known = self._known.get(name)
        return known is not None and fingerprint is not None and known[0] != fingerprint

    def number(self, name: str) -> int:
        """The number of a run that is known; 0 of another."""
        return self._known.get(name, ("", 0))[1]
