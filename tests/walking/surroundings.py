"""What there is at a minute, found by looking at everything that has happened."""

from __future__ import annotations

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import DisruptionPlan, Kind, Plan
from cartsim.units import NEVER
from walking.walkers import Doses, Place, Walker


class Surroundings:
    """All that the journeys of one replication share.

    ``just_taken`` are the places taken in this phase, ``grants`` the resource and minute of every
    start, ``outages`` the disruptions and the minutes until which they last, ``used`` the units and
    ``arrivals`` the minutes of deliveries of each consumable.
    """

    def __init__(self, plan: Plan, journeys: Journeys, replication: int) -> None:
        self.plan, self.journeys, self.replication = plan, journeys, replication
        self.now = 0
        first, following = journeys.first[replication : replication + 2]
        bounds = journeys.lots_first[replication] - first
        self.everyone: list[Walker] = []
        for row in range(first, following):
            index = int(journeys.route[row])
            self.everyone.append(Walker(row, row - int(first), plan.routes[index], index))
        self.patients = self.everyone[: bounds[0]]
        self.lots = [self.everyone[bounds[i] : bounds[i + 1]] for i in range(len(plan.stocks))]
        self.places: list[Place] = []
        self.just_taken: list[Place] = []
        self.grants: list[tuple[int, int]] = []
        self.outages: list[tuple[DisruptionPlan, int]] = []
        self.doses: list[Doses] = []
        self.used = [0] * len(plan.consumables)
        self.arrivals: list[list[int]] = [[] for _ in plan.consumables]

    def has_place(self, resource: int) -> bool:
        busy = sum(
            place.resource == resource
            and (place.free_from > self.now or any(place is taken for taken in self.just_taken))
            for place in self.places
        )
        out = [
            disruption.places
            for disruption, until in self.outages
            if disruption.resource == resource and until > self.now
        ]
        if 0 in out or busy + sum(out) >= self.capacity(resource):
            return False
        opened, allowed = 0, -1
        for minute, starts in zip(
            self.journeys.opening_time, self.journeys.opening[:, resource], strict=True
        ):
            if minute <= self.now and starts >= -1:
                opened, allowed = minute, starts
        return allowed < 0 or self.starts_since(opened, resource) < allowed

    def starts_since(self, opened: int, resource: int) -> int:
        return sum(of == resource and minute >= opened for of, minute in self.grants)

    def capacity(self, resource: int) -> int:
        changes = self.journeys.capacity_time <= self.now
        return int(self.journeys.capacity[self.replication, changes, resource][-1])

    def in_stock(self, stock: int) -> list[Doses]:
        return [d for d in self.doses if d.stock == stock and d.left and d.expires > self.now]

    def waiting_for(self, stock: int) -> int:
        return sum(
            one.waits and one.plan.dose and one.route.stock == stock for one in self.everyone
        )

    def at_hand(self, consumable: int) -> int:
        came = sum(minute <= self.now for minute in self.arrivals[consumable])
        quantity = int(self.journeys.quantity[self.replication, consumable])
        supply = int(self.journeys.supply[self.replication, consumable])
        return supply + came * quantity - self.used[consumable]

    def quote(self, one: Walker) -> int:
        service = int(self.journeys.service[self.replication, one.index])
        if one.route.kind == Kind.FROM_STOCK:
            stock = one.route.stock
            short = self.waiting_for(stock) - sum(doses.left for doses in self.in_stock(stock))
            if short < 0:
                return 0
            planned = int(self.journeys.planned_yield[self.replication, stock])
            return (1 + short // planned) * service
        wanted = set(one.route.steps[one.route.production].resource)
        ahead = sum(bool(wanted & set(other.candidates)) for other in self.everyone if other.waits)
        places = sum(self.capacity(resource) for resource in wanted)
        if ahead == 0:
            return 0
        return NEVER if places == 0 else ahead * service // places
