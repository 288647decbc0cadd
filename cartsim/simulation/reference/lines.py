"""Those who wait. Who asks for the same things stands in the same line, so that starts are granted
by looking at the first of each line only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from cartsim.simulation import rules
from cartsim.simulation.reference.journey import Ask, Journey

Key = tuple[int, int, int]


@dataclass(slots=True, eq=False)
class Line:
    """Those who ask for the same, ordered by the queue key; ``length`` leaves out those who have
    left and are still in ``entries``.
    """

    ask: Ask
    length: int = 0
    entries: list[tuple[Key, Journey]] = field(default_factory=list)

    def first(self) -> Key | None:
        """The key of who is first, if there is anybody."""
        while self.entries and self.entries[0][1].waits_in is not self:
            heappop(self.entries)
        return self.entries[0][0] if self.entries else None


class Lines:
    """All lines of a replication."""

    def __init__(self) -> None:
        self._lines: dict[Ask, Line] = {}

    def join(self, journey: Journey, ask: Ask, now: int) -> None:
        line = self._lines.setdefault(ask, Line(ask))
        line.length += 1
        journey.waits_in = line
        key = rules.queue_key(journey.precedence, now, journey.number)
        heappush(line.entries, (key, journey))

    def leave(self, journey: Journey) -> None:
        """Out of the line at once (rule 4), if it is in any."""
        if journey.waits_in is not None:
            journey.waits_in.length -= 1
            journey.waits_in = None

    def in_turn(self, is_there: Callable[[Ask], bool]) -> Iterator[tuple[Journey, Ask]]:
        """Those who find all that they ask for, in the order of the queue key.

        Each has left the line and must take it before the next is asked for. What is not there for
        the first of a line is not there for the others: in the meantime things are only taken.
        """
        heads: list[tuple[Key, Line]] = []
        for line in self._lines.values():
            _look_at(line, heads)
        while heads:
            _, line = heappop(heads)
            if is_there(line.ask):
                _, journey = heappop(line.entries)
                self.leave(journey)
                yield journey, line.ask
                _look_at(line, heads)

    def waiting_for_a_dose(self, stock: int) -> int:
        """How many wait for a dose of a stock."""
        return sum(line.length for line in self._lines.values() if line.ask.stock == stock)

    def waiting_for_a_place(self, resources: set[int]) -> int:
        """How many wait for a place that one of these resources could give (rule 21)."""
        return sum(
            line.length
            for line in self._lines.values()
            if not resources.isdisjoint(line.ask.would_do)
        )


def _look_at(line: Line, heads: list[tuple[Key, Line]]) -> None:
    key = line.first()
    if key is not None:
        heappush(heads, (key, line))
