"""The places of a resource: how many there are, who may have one, and when one is free again."""

from __future__ import annotations

from cartsim.simulation.plan import ALL_PLACES, UNLIMITED
from cartsim.simulation.reference.calendar import Calendar


class Resource:
    """One resource of one plant.

    ``busy`` counts the places that are taken or being changed over, ``out_of_service`` those that
    disruptions have hit, ``closed`` the disruptions that have hit all of them.
    """

    def __init__(self, calendar: Calendar, changeover: int) -> None:
        self.calendar = calendar
        self.changeover = changeover
        self.capacity = 0
        self.starts_allowed = UNLIMITED
        self.busy = 0
        self.out_of_service = 0
        self.closed = 0

    def can_be_taken(self) -> bool:
        """Whether there is a free place (rule 12) on which a start is allowed (rule 15)."""
        if self.closed or self.starts_allowed == 0:
            return False
        return self.busy + self.out_of_service < self.capacity

    def is_taken(self) -> None:
        self.busy += 1
        if self.starts_allowed != UNLIMITED:
            self.starts_allowed -= 1

    def is_given_back(self) -> None:
        """The place is free now, or after the changeover (rule 13)."""
        if self.changeover:
            self.calendar.at(self.calendar.now + self.changeover, self.is_free)
        else:
            self.is_free()

    def is_free(self) -> None:
        self.busy -= 1

    def capacity_changes(self, capacity: int) -> None:
        self.capacity = capacity

    def opens(self, starts: int) -> None:
        """Starts are counted anew; below ``UNLIMITED``, nothing changes."""
        if starts >= UNLIMITED:
            self.starts_allowed = starts

    def goes_out_of_service(self, places: int, length: int) -> None:
        """So many places do, or all of them, for so many minutes (rule 16)."""
        if places == ALL_PLACES:
            self.closed += 1
        else:
            self.out_of_service += places
        self.calendar.at(self.calendar.now + length, self.is_back_in_service, places)

    def is_back_in_service(self, places: int) -> None:
        if places == ALL_PLACES:
            self.closed -= 1
        else:
            self.out_of_service -= places
