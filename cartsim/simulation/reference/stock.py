"""Doses that are made before they are asked for: when lots begin, which dose goes, what expires."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

from cartsim.simulation import rules
from cartsim.simulation.plan import Policy, StockPlan
from cartsim.simulation.reference.calendar import Calendar
from cartsim.simulation.reference.journey import Journey
from cartsim.simulation.timelines import IN_STOCK, TooFewDraws


@dataclass(frozen=True, slots=True)
class InventoryRule:
    """What makes lots begin, in doses; as in ``Journeys``."""

    policy: Policy
    reorder_point: int
    level: int
    planned_yield: int


class Batch:
    """The doses of one lot: those left, and those that were made and have expired."""

    def __init__(self, lot: Journey, expires: int) -> None:
        self.lot = lot
        self.expires = expires
        self.made = self.left = lot.doses
        self.expired = 0

    def __lt__(self, other: Batch) -> bool:
        """First expiry first out, then the lower row (rule 18)."""
        return (self.expires, self.lot.row) < (other.expires, other.lot.row)


class Stock:
    """One stock: its doses by expiry, and its lots."""

    def __init__(
        self,
        calendar: Calendar,
        plan: StockPlan,
        rule: InventoryRule,
        initial: Journey,
        lots: list[Journey],
    ) -> None:
        self.calendar = calendar
        self.plan = plan
        self.rule = rule
        self.lots = lots
        self.begun = 0
        self.in_progress = 0
        self.fallen_due = 0
        self.open = False
        self.in_stock = 0
        self.batches: list[Batch] = []
        self.released: list[Batch] = []
        initial.state, initial.left = IN_STOCK, 0
        self.doses_come_in(initial)

    def lots_to_begin(self, waiting: int) -> int:
        """How many lots the review makes begin, when so many patients wait for a dose (rule 19)."""
        rule = self.rule
        if not self.open:
            self.fallen_due = 0
            return 0
        if rule.policy == Policy.CAMPAIGN:
            lots, self.fallen_due = self.fallen_due, 0
            return lots
        position = self.in_stock + self.in_progress * rule.planned_yield - waiting
        return rules.lots_to_begin(
            rule.policy, position, rule.reorder_point, rule.level, rule.planned_yield
        )

    def opens(self) -> None:
        """From now on lots begin."""
        self.open = True

    def campaign_falls_due(self, lots: int) -> None:
        self.fallen_due += lots

    def lot_begins(self) -> Journey:
        """The next lot, which is in progress from now on."""
        if self.begun == len(self.lots):
            raise TooFewDraws(f"more than {self.begun} lots of {self.plan.product}")
        lot = self.lots[self.begun]
        self.begun += 1
        self.in_progress += 1
        return lot

    def lot_fails(self) -> None:
        self.in_progress -= 1

    def lot_is_released(self, lot: Journey) -> None:
        self.in_progress -= 1
        self.doses_come_in(lot)

    def doses_come_in(self, lot: Journey) -> None:
        """A lot's doses, or those that are there at minute 0 (rule 17)."""
        batch = Batch(lot, rules.expires(self.calendar.now, lot.shelf_life))
        self.in_stock += batch.left
        self.released.append(batch)
        heappush(self.batches, batch)
        self.calendar.at(batch.expires, self.batch_expires, batch)

    def batch_expires(self, batch: Batch) -> None:
        self.in_stock -= batch.left
        batch.expired, batch.left = batch.left, 0

    def dose_is_taken(self) -> Journey:
        """The lot of the dose that is taken; there must be one."""
        while not self.batches[0].left:
            heappop(self.batches)
        batch = self.batches[0]
        batch.left -= 1
        self.in_stock -= 1
        return batch.lot
