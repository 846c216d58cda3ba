"""What a diagnosis says: a finding has a stable code, evidence in numbers, and a remedy."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or could be better.

    ``text`` says what was seen in a sentence, ``evidence`` holds its numbers by name. ``remedy``
    are overrides of the config that mend it, ready to paste; ``advice`` is what no override can
    do, or what to think of.
    """

    code: str
    text: str
    evidence: Mapping[str, float | int | str]
    remedy: tuple[str, ...] = field(default=())
    advice: str = ""

    @property
    def pasted(self) -> str:
        """The remedy as it is typed into a shell."""
        return shlex.join(self.remedy)

    def to_json(self) -> dict[str, object]:
        """The finding for programs."""
        return {
            "code": self.code,
            "text": self.text,
            "evidence": dict(self.evidence),
            "remedy": list(self.remedy),
            "advice": self.advice,
        }
