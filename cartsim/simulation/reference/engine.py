"""The reference engine: what happens to patients, lots and doses in time, told with SimPy.

A replication is told by these modules, each of one idea:

- :mod:`~cartsim.simulation.reference.travel`: what happens to one journey, from the order (or from
  the review that makes a lot begin) to its end;
- :mod:`~cartsim.simulation.reference.lines`: those who wait, and whose turn it is;
- :mod:`~cartsim.simulation.reference.places`, :mod:`~cartsim.simulation.reference.stock` and
  :mod:`~cartsim.simulation.reference.supplies`: what they wait for;
- :mod:`~cartsim.simulation.reference.calendar`: SimPy's calendar, and the order within a minute;
- here: what concerns many journeys at once, in the three phases of the tie rule.

Every rule is told in :mod:`cartsim.simulation.rules`, and the numbers in comments are those of that
text. No number is drawn here: all chance comes in as ``Journeys``.
"""

from __future__ import annotations

from itertools import pairwise

from cartsim.simulation import rules
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import NO_STEP, NO_STOCK, DisruptionPlan, Kind, Plan
from cartsim.simulation.reference.calendar import DISRUPTS, MAY_GO_ELSEWHERE, Calendar
from cartsim.simulation.reference.facts import Facts, joined
from cartsim.simulation.reference.journey import Ask, Journey
from cartsim.simulation.reference.places import Resource
from cartsim.simulation.reference.reading import read_cells, read_journeys
from cartsim.simulation.reference.stock import InventoryRule, Stock
from cartsim.simulation.reference.supplies import Supply
from cartsim.simulation.reference.travel import Travel
from cartsim.simulation.timelines import Timelines


def simulate(plan: Plan, journeys: Journeys) -> Timelines:
    """The facts of a block, replication by replication; shapes are those of :class:`Timelines`.

    Raises :class:`~cartsim.simulation.timelines.TooFewDraws` where a stock needs more lots, or a
    consumable more orders, than were drawn.
    """
    replications = range(journeys.replications)
    return joined([Replication(plan, journeys, number).run() for number in replications])


class Replication:
    """One replication: its journeys, and what they share."""

    def __init__(self, plan: Plan, journeys: Journeys, number: int) -> None:
        self.number = number
        self.calendar = Calendar(plan.horizon, self.round_ends)
        self.journeys = read_journeys(plan, journeys, number)
        self.resources = [
            Resource(self.calendar, changeover)
            for changeover in journeys.changeover[number].tolist()
        ]
        self.supplies = self.read_supplies(plan, journeys)
        self.stocks = self.read_stocks(plan, journeys)
        duration, outcome = read_cells(journeys, number)
        self.facts = Facts(len(duration), plan.steps, journeys.lead.shape[2])
        self.travel = Travel(self.calendar, self.stocks, duration, outcome, self.facts)
        self.lines = self.travel.lines
        self.write_what_comes_from_outside(plan, journeys)

    def run(self) -> Timelines:
        """Let everything happen, and say what has."""
        self.calendar.round_ends_with_granting()  # minute 0 is looked at, whatever happens (19)
        self.calendar.run()
        return self.facts.timelines(self.journeys, self.stocks, self.supplies)

    # What there is at the start.

    def read_supplies(self, plan: Plan, journeys: Journeys) -> list[Supply]:
        by_consumable = zip(
            plan.consumables,
            journeys.supply[self.number].tolist(),
            journeys.minimum[self.number].tolist(),
            journeys.quantity[self.number].tolist(),
            journeys.lead[self.number].tolist(),
            strict=True,
        )
        return [Supply(self.calendar, *values) for values in by_consumable]

    def read_stocks(self, plan: Plan, journeys: Journeys) -> list[Stock]:
        first = (journeys.lots_first[self.number] - journeys.first[self.number]).tolist()
        by_stock = zip(
            [self.journeys[begin:end] for begin, end in pairwise(first)],
            plan.stocks,
            journeys.reorder_point[self.number].tolist(),
            journeys.order_level[self.number].tolist(),
            journeys.planned_yield[self.number].tolist(),
            strict=True,
        )
        return [
            Stock(self.calendar, of_stock, InventoryRule(of_stock.policy, *levels), initial, lots)
            for (initial, *lots), of_stock, *levels in by_stock
        ]

    # What comes from outside: all of it is known beforehand, and is written into the calendar.

    def write_what_comes_from_outside(self, plan: Plan, journeys: Journeys) -> None:
        at, number = self.calendar.at, self.number
        for minute, places in zip(
            journeys.capacity_time.tolist(), journeys.capacity[number].tolist(), strict=True
        ):
            at(minute, self.capacities_change, places)
        for minute, starts in zip(
            journeys.opening_time.tolist(), journeys.opening.tolist(), strict=True
        ):
            at(minute, self.starts_are_counted_anew, starts)
        for stock, minute in zip(self.stocks, journeys.stock_opens[number].tolist(), strict=True):
            at(minute, stock.opens)
        for minute, stock, lots in zip(
            journeys.campaign_time.tolist(),
            journeys.campaign_stock.tolist(),
            journeys.campaign_lots[number].tolist(),
            strict=True,
        ):
            at(minute, self.stocks[stock].campaign_falls_due, lots)
        events = slice(*journeys.disruption_first[number : number + 2])
        for minute, kind, length in zip(
            journeys.disruption_time[events].tolist(),
            journeys.disruption_kind[events].tolist(),
            journeys.disruption_length[events].tolist(),
            strict=True,
        ):
            at(minute, self.disruption_strikes, plan.disruptions[kind], length, priority=DISRUPTS)
        for patient in self.journeys[: journeys.lots_first[number, 0] - journeys.first[number]]:
            if patient.route.balks:
                at(patient.order, self.order_is_quoted, patient, priority=MAY_GO_ELSEWHERE)
            else:
                at(patient.order, self.travel.order_arrives, patient)

    # Phase 1, as far as it concerns more than one journey.

    def capacities_change(self, places: list[int]) -> None:
        for resource, capacity in zip(self.resources, places, strict=True):
            resource.capacity_changes(capacity)

    def starts_are_counted_anew(self, starts: list[int]) -> None:
        for resource, allowed in zip(self.resources, starts, strict=True):
            resource.opens(allowed)

    def disruption_strikes(self, disruption: DisruptionPlan, length: int) -> None:
        """Places go out of service, and the steps in progress on them are hit (rule 16)."""
        resource = self.resources[disruption.resource]
        resource.goes_out_of_service(disruption.places, length)
        at_work = [journey for journey in self.journeys if journey.works_on is resource]
        at_work.sort(key=lambda journey: (journey.started, journey.number))
        for journey in at_work[: disruption.places or None]:
            if disruption.lost:
                self.travel.is_disrupted(journey)
            else:
                self.travel.is_delayed(journey, length)

    def order_is_quoted(self, patient: Journey) -> None:
        """A patient who may go elsewhere hears how long the wait is (rule 21)."""
        if self.quote(patient) > patient.acceptable:
            self.travel.goes_elsewhere(patient)
        else:
            self.travel.order_arrives(patient)

    def quote(self, patient: Journey) -> int:
        route, service = patient.route, patient.way.service
        if route.kind == Kind.FROM_STOCK:
            stock = self.stocks[route.stock]
            waiting = self.lines.waiting_for_a_dose(route.stock)
            return rules.quoted_wait_for_dose(
                waiting, stock.in_stock, service, stock.rule.planned_yield
            )
        lines = set(route.steps[route.production].resource if route.production != NO_STEP else ())
        ahead = self.lines.waiting_for_a_place(lines)
        places = sum(self.resources[resource].capacity for resource in lines)
        return rules.quoted_wait(ahead, service, places)

    # Phases 2 and 3.

    def round_ends(self) -> None:
        for journey, ask in self.lines.in_turn(self.is_there):
            self.takes(journey, ask)
            self.travel.starts(journey)
        for number, stock in enumerate(self.stocks):
            for _ in range(stock.lots_to_begin(self.lines.waiting_for_a_dose(number))):
                self.travel.becomes_ready(stock.lot_begins(), step=0)
                self.calendar.round_ends_with_granting()  # one more round (17)
        for supply in self.supplies:
            supply.is_reviewed()

    def is_there(self, ask: Ask) -> bool:
        """Whether all that is asked for is there."""
        return (
            all(self.supplies[number].at_hand >= units for number, units in ask.consumes)
            and (ask.stock == NO_STOCK or self.stocks[ask.stock].in_stock > 0)
            and (not ask.would_do or self.first_free(ask.would_do) is not None)
        )

    def first_free(self, would_do: tuple[int, ...]) -> int | None:
        """Which of the resources is the first that can be taken (rule 14)."""
        free = (
            number
            for number, resource in enumerate(would_do)
            if self.resources[resource].can_be_taken()
        )
        return next(free, None)

    def takes(self, journey: Journey, ask: Ask) -> None:
        plant = self.first_free(ask.would_do)
        if plant is not None:
            self.travel.takes_place(journey, self.resources[ask.would_do[plant]])
            if journey.step == journey.route.chooses:
                self.travel.chooses(journey, plant)
        for number, units in ask.consumes:
            self.supplies[number].at_hand -= units
        if ask.stock != NO_STOCK:
            self.travel.takes_dose(journey)
