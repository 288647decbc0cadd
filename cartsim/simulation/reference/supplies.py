"""What steps use up: the units at hand, and the orders that bring more."""

from __future__ import annotations

from cartsim.simulation import rules
from cartsim.simulation.plan import ConsumablePlan
from cartsim.simulation.reference.calendar import Calendar
from cartsim.simulation.timelines import TooFewDraws

NEVER_HAPPENED = -1


class Supply:
    """One consumable. ``lead`` holds the minutes from each order to its delivery; ``ordered`` and
    ``arrived`` are the minutes at which it happened.
    """

    def __init__(
        self,
        calendar: Calendar,
        plan: ConsumablePlan,
        at_hand: int,
        minimum: int,
        quantity: int,
        lead: list[int],
    ) -> None:
        self.calendar = calendar
        self.plan = plan
        self.at_hand = at_hand
        self.on_order = 0
        self.minimum = minimum
        self.quantity = quantity
        self.lead = lead
        self.orders = 0
        self.ordered = [NEVER_HAPPENED] * len(lead)
        self.arrived = [NEVER_HAPPENED] * len(lead)

    def is_reviewed(self) -> None:
        """Order until there is enough (rule 20)."""
        while self.at_hand + self.on_order <= self.minimum:
            self.is_ordered()

    def is_ordered(self) -> None:
        if self.orders == len(self.lead):
            raise TooFewDraws(f"more than {self.orders} orders of {self.plan.name}")
        order, self.orders = self.orders, self.orders + 1
        arrives = self.calendar.now + self.lead[order]
        for closed_from, closed_until in self.plan.closed:
            arrives = rules.supply_arrives(arrives, 0, closed_from, closed_until)
        self.ordered[order] = self.calendar.now
        self.on_order += self.quantity
        self.calendar.at(arrives, self.order_arrives, order)

    def order_arrives(self, order: int) -> None:
        self.arrived[order] = self.calendar.now
        self.on_order -= self.quantity
        self.at_hand += self.quantity
