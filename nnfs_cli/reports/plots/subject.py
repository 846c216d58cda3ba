"""What a network learnt as one image: regions, a curve, or weights, whichever its data allows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.training.network import Network

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Seen = TypeVar("Seen")
Size = tuple[float, float]


class Subject(ABC, Generic[Seen]):
    """What is drawn of a network: it looks at one, and draws what it saw, then or later."""

    name: str
    """Of its file."""
    size: Size
    """Of its figure, in inches."""

    @abstractmethod
    def look(self, network: Network) -> Seen:
        """All that is drawn of a network; training it further does not change it."""

    @abstractmethod
    def title(self, seen: Seen) -> str:
        """What is to be seen."""

    @abstractmethod
    def draw(self, axes: Any, theme: Theme, seen: Seen) -> None:
        """Draw it."""

    def score(self, seen: Seen) -> str:
        """How good the network is, in a word or two, where that can be said."""
        return ""

    def about(self) -> str:
        """How to read it."""
        return ""

    def figure(self, theme: Theme, seen: Seen, title: str, about: str) -> Figure:
        """The figure of what was seen."""
        from nnfs_cli.reports.plots.canvas import new_figure

        told = "; ".join(filter(None, [self.about(), about]))
        figure, axes = new_figure(theme, title, told, size=self.size)
        self.draw(axes, theme, seen)
        return figure
