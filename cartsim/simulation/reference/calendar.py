"""The calendar, which is SimPy's, and the order of what happens within a minute.

SimPy works through events by minute, then by priority (the lower number first), then in the order
in which they were written down. So the three phases of the tie rule are priorities: what ends or
arrives has SimPy's normal one, and granting comes last. An event that is written down for the very
minute that is being worked through goes before all of a higher number, which is what makes a round
follow on a round.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simpy import Environment
from simpy.events import NORMAL, Event, EventPriority

ENDS_OR_ARRIVES = NORMAL
DISRUPTS = EventPriority(NORMAL + 1)
MAY_GO_ELSEWHERE = EventPriority(NORMAL + 2)
IS_GRANTED = EventPriority(NORMAL + 3)
"""Phase 1 in its three parts, then phases 2 and 3, which are one event."""


class Calendar:
    """What will happen, by minute; ``grant`` is called at the end of every round."""

    def __init__(self, horizon: int, grant: Callable[[], None]) -> None:
        self.horizon = horizon
        self._grant = grant
        self._granting_is_due = False
        self._environment: Any = Environment()  # Any: SimPy's own minutes may be float

    @property
    def now(self) -> int:
        minute: int = self._environment.now
        return minute

    def at(
        self,
        minute: int,
        action: Callable[..., None],
        *subjects: Any,
        priority: EventPriority = ENDS_OR_ARRIVES,
    ) -> None:
        """Write something down, unless it lies beyond the horizon (rule 1)."""

        def happens(_: Event) -> None:
            self.round_ends_with_granting()
            action(*subjects)

        if minute < self.horizon:
            self._write(minute, happens, priority)

    def round_ends_with_granting(self) -> None:
        """Write down phases 2 and 3 of this round, once."""
        if not self._granting_is_due:
            self._granting_is_due = True
            self._write(self.now, self._grants, IS_GRANTED)

    def run(self) -> None:
        """Let everything before the horizon happen."""
        self._environment.run()

    def _grants(self, _: Event) -> None:
        self._granting_is_due = False
        self._grant()

    def _write(
        self, minute: int, happens: Callable[[Event], None], priority: EventPriority
    ) -> None:
        event = Event(self._environment)
        event._ok, event._value = True, None  # as SimPy's own timeouts do
        event.callbacks.append(happens)
        self._environment.schedule(event, priority, minute - self.now)
