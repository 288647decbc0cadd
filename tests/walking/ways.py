"""What happens to each who walks: ready, start, end, failure, leaving."""

from __future__ import annotations

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import NO_RETRY, RELEASED_UNDER_EXCEPTION, SUCCESS, Kind, Plan
from cartsim.simulation.rules import leaves_after_collection
from cartsim.simulation.timelines import (
    DISCARDED,
    DISRUPTED,
    IN_PROCESS,
    IN_STOCK,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    NOT_CHOSEN,
    Timelines,
)
from cartsim.units import NEVER
from walking.surroundings import Surroundings
from walking.walkers import Doses, Walker


class Ways(Surroundings):
    """Phase 1, but for what concerns many at once; ``changed`` says that something has happened."""

    def __init__(self, plan: Plan, journeys: Journeys, replication: int, facts: Timelines) -> None:
        super().__init__(plan, journeys, replication)
        self.facts = facts
        self.changed = False

    def settle(self) -> None:
        """Whatever ends or arrives, until nothing more does; those of high numbers first."""
        at_rest = False
        while not at_rest:
            at_rest = True
            for one in reversed(self.everyone):
                if self.something_happens_to(one):
                    at_rest, self.changed = False, True

    def something_happens_to(self, one: Walker) -> bool:
        now, ordered = self.now, int(self.journeys.order[one.row])
        if ordered == now and not one.here and not one.route.balks:
            self.order(one)
            return True
        if one.runs and one.ends == now:
            self.end(one, int(self.journeys.outcome[self.cell(one)]))
            return True
        if one.wants_dose_at <= now:
            one.wants_dose_at, one.released = NEVER, ()
            one.dose, one.tries = one.dose + 1, 0
            self.begin_again(one, one.route.next_dose)
            return True
        if one.here and self.facts.state[one.row] == IN_PROCESS and one.leaves <= now:
            self.leave(one)
            return True
        return False

    def order(self, one: Walker) -> None:
        one.here = True
        one.leaves = self.now + int(self.journeys.patience[one.row])
        self.be_ready(one, 0)

    def be_ready(self, one: Walker, step: int) -> None:
        one.step, one.ready, one.waits = step, self.now, True
        self.facts.ready[self.cell(one)] = self.now
        if one.leaves <= self.now:
            self.leave(one)  # (3, 7)
        elif not (one.candidates or one.plan.consumes or one.plan.dose):
            self.start(one)

    def leave(self, one: Walker) -> None:
        self.conclude_one(one, LOST_WAITING)
        one.waits = False
        if not one.runs:
            self.give_back(one, list(one.held))

    def conclude_one(self, one: Walker, state: int) -> None:
        self.facts.state[one.row], self.facts.left[one.row] = state, self.now

    def start(self, one: Walker) -> None:
        journeys, at, now = self.journeys, self.cell(one), self.now
        one.waits, one.runs, one.started = False, True, now
        one.ends = now + int(journeys.duration[at])
        one.place = one.place or one.held.get(one.group)
        self.facts.start[at] = now
        if one.step == one.route.collection and not one.collected:
            one.collected = True
            if one.route.kind != Kind.STOCK_LOT:
                hazards = (
                    float(rate[self.replication, one.index])
                    for rate in (
                        journeys.hazard_before,
                        journeys.hazard_after,
                        journeys.hazard_shape,
                    )
                )
                clock = float(journeys.clock[one.row])
                bridging = float(journeys.bridging[one.row])
                order = int(journeys.order[one.row])
                one.leaves = leaves_after_collection(order, now, clock, *hazards, bridging)
        if one.step == one.route.infusion and self.facts.state[one.row] == IN_PROCESS:
            self.conclude_one(one, INFUSED_OUT_OF_SPECIFICATION if one.released else INFUSED)
            one.leaves = NEVER
        elif one.leaves <= now:
            self.leave(one)  # (10)

    def end(self, one: Walker, outcome: int) -> None:
        at, now, facts = self.cell(one), self.now, self.facts
        one.runs, one.place = False, None
        gone = facts.state[one.row] == LOST_WAITING
        facts.end[at] = now
        facts.result[at] = DISCARDED if gone and facts.left[one.row] < now else outcome
        if one.step == one.route.infusion:
            self.give_back(one, list(one.held))
            if one.dose < self.journeys.doses[one.row]:
                interval = int(self.journeys.interval[self.replication, one.index])
                one.wants_dose_at = max(now, one.started + interval)
        elif gone:
            self.give_back(one, list(one.held))
        elif one.leaves <= now:
            self.leave(one)  # (6)
        elif outcome == DISRUPTED:
            self.fail(one, 0)
        elif outcome % 4 in (SUCCESS, RELEASED_UNDER_EXCEPTION):
            if outcome % 4 == RELEASED_UNDER_EXCEPTION:
                one.released += (one.step,)
            if one.plan.gives_back:
                self.give_back(one, [one.group])
            if one.step < len(one.route.steps) - 1:
                self.be_ready(one, one.step + 1)
            else:
                self.conclude_one(one, IN_STOCK)
                self.doses_come_in(one.row, one.route.stock, bool(one.released))
        else:
            self.fail(one, outcome // 4)

    def fail(self, one: Walker, cause: int) -> None:
        self.give_back(one, list(one.held))
        one.tries += 1
        if cause < len(one.plan.failures):
            failure = one.plan.failures[cause]
            if failure.retry_from != NO_RETRY and one.tries < failure.attempts:
                one.released = tuple(x for x in one.released if x < failure.retry_from)
                self.begin_again(one, failure.retry_from)
                return
        if self.facts.state[one.row] == IN_PROCESS:
            self.conclude_one(one, LOST_MANUFACTURING)

    def begin_again(self, one: Walker, step: int) -> None:
        one.attempt += 1
        if step <= one.route.chooses:
            one.plant = NOT_CHOSEN
        self.facts.chosen[self.cell(one)[0]] = one.plant
        self.be_ready(one, step)

    def give_back(self, one: Walker, groups: list[int]) -> None:
        for group in groups:
            place = one.held.pop(group, None)
            if place is not None:
                changeover = self.journeys.changeover[self.replication, place.resource]
                place.free_from = self.now + int(changeover)

    def doses_come_in(self, row: int, stock: int, released: bool) -> None:
        count = int(self.journeys.doses[row])
        expires = min(self.now + int(self.journeys.shelf_life[row]), NEVER)
        self.facts.made[row] = count
        self.doses.append(Doses(row, stock, expires, count, released))

    def cell(self, one: Walker) -> tuple[int, int]:
        return int(self.journeys.attempt_first[one.row]) + one.attempt, one.step
