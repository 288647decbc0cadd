"""One replication, minute by minute and phase by phase."""

from __future__ import annotations

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan, Policy, Priority
from cartsim.simulation.timelines import (
    DISRUPTED,
    IN_PROCESS,
    IN_STOCK,
    NOT_NEEDED,
    WENT_ELSEWHERE,
    Timelines,
    TooFewDraws,
)
from walking.walkers import Place, Walker
from walking.ways import Ways


class Walk(Ways):
    """One replication; ``go`` writes its facts."""

    def __init__(self, plan: Plan, journeys: Journeys, replication: int, facts: Timelines) -> None:
        super().__init__(plan, journeys, replication, facts)
        self.campaigns_done = 0
        for stock, (initial, *_) in enumerate(self.lots):
            initial.here = True
            facts.left[initial.row], facts.state[initial.row] = 0, IN_STOCK
            self.doses_come_in(initial.row, stock, released=False)

    def go(self) -> None:
        for minute in range(self.plan.horizon):
            self.now = minute
            self.settle()
            self.disruptions()
            self.orders_that_may_balk()
            self.changed = True
            while self.changed:
                self.changed = False
                self.settle()
                self.grant()
                self.review_stocks()
                self.review_supplies()
        self.conclude()

    def disruptions(self) -> None:
        journeys = self.journeys
        for event in range(*journeys.disruption_first[self.replication :][:2]):
            if journeys.disruption_time[event] != self.now:
                continue
            disruption = self.plan.disruptions[journeys.disruption_kind[event]]
            length = int(journeys.disruption_length[event])
            self.outages.append((disruption, self.now + length))
            hit = [
                one
                for one in self.everyone
                if one.runs
                and one.place is not None
                and one.place.resource == disruption.resource
                and one.place.worked_on_until > self.now
            ]
            hit.sort(key=lambda one: one.started)
            for one in hit if disruption.places == 0 else hit[: disruption.places]:
                if disruption.lost:
                    self.end(one, DISRUPTED)
                else:
                    one.ends += length
            self.settle()

    def orders_that_may_balk(self) -> None:
        for one in self.patients:
            if one.route.balks and self.journeys.order[one.row] == self.now:
                if self.quote(one) <= self.journeys.acceptable[one.row]:
                    self.order(one)
                else:
                    self.conclude_one(one, WENT_ELSEWHERE)
                self.settle()

    # Phase 2.

    def grant(self) -> None:
        for one in sorted((one for one in self.everyone if one.waits), key=self.turn):
            if self.takes_all(one):
                self.changed = True
                self.start(one)
        self.just_taken = []

    def turn(self, one: Walker) -> tuple[int, int, int, int]:
        first_time, risk = int(one.tries == 0), int(self.journeys.risk[one.row])
        within = {
            Priority.NONE: 0,
            Priority.RETRY: first_time,
            Priority.RISK: risk,
            Priority.RETRY_THEN_RISK: 8 * first_time + risk,
            Priority.RISK_THEN_RETRY: 2 * risk + first_time,
        }
        return one.route.rank, within[one.route.priority], one.ready, one.number

    def takes_all(self, one: Walker) -> bool:
        candidates = one.candidates
        free = [plant for plant, resource in enumerate(candidates) if self.has_place(resource)]
        doses = self.in_stock(one.route.stock)
        if candidates and not free:
            return False
        if any(self.at_hand(consumable) < units for consumable, units in one.plan.consumes):
            return False
        if one.plan.dose and not doses:
            return False
        if candidates:
            self.take_place(one, candidates[free[0]])
            if one.step == one.route.chooses:
                one.plant = free[0]
                self.facts.chosen[self.cell(one)[0]] = one.plant
        for consumable, units in one.plan.consumes:
            self.used[consumable] += units
        if one.plan.dose:
            taken = min(doses, key=lambda doses: (doses.expires, doses.row))
            taken.left -= 1
            self.facts.source[self.cell(one)[0]] = taken.row
            one.released += (one.step,) if taken.released else ()
        return True

    def take_place(self, one: Walker, resource: int) -> None:
        one.place = place = Place(resource)
        hands_on = int(self.journeys.hands_on[self.replication, one.index, one.step])
        if hands_on >= 0:
            place.worked_on_until = self.now + hands_on
            changeover = int(self.journeys.changeover[self.replication, resource])
            place.free_from = place.worked_on_until + changeover
        else:
            one.held[one.group] = place
        self.places.append(place)
        self.just_taken.append(place)
        self.grants.append((resource, self.now))

    # Phase 3.

    def review_stocks(self) -> None:
        journeys = self.journeys
        due = [0] * len(self.plan.stocks)
        while (
            self.campaigns_done < journeys.campaign_time.size
            and journeys.campaign_time[self.campaigns_done] <= self.now
        ):
            stock = journeys.campaign_stock[self.campaigns_done]
            due[stock] += int(journeys.campaign_lots[self.replication, self.campaigns_done])
            self.campaigns_done += 1
        for stock, plan in enumerate(self.plan.stocks):
            planned, level, reorder_point = (
                int(of[self.replication, stock])
                for of in (journeys.planned_yield, journeys.order_level, journeys.reorder_point)
            )
            making = sum(
                lot.here and self.facts.state[lot.row] == IN_PROCESS for lot in self.lots[stock]
            )
            position = making * planned - self.waiting_for(stock)
            position += sum(doses.left for doses in self.in_stock(stock))
            lots = due[stock]
            if journeys.stock_opens[self.replication, stock] > self.now:
                continue
            if plan.policy == Policy.ORDER_UP_TO and position <= reorder_point:
                while position + lots * planned < level:
                    lots += 1
            if plan.policy == Policy.FIXED_QUANTITY:
                at_a_time = max(-(-level // planned), 1)
                while position + lots * planned <= reorder_point:
                    lots += at_a_time
            for _ in range(lots):
                self.begin_lot(stock)

    def begin_lot(self, stock: int) -> None:
        lot = next((lot for lot in self.lots[stock] if not lot.here), None)
        if lot is None:
            raise TooFewDraws
        lot.here = self.changed = True
        self.be_ready(lot, 0)

    def review_supplies(self) -> None:
        for number, consumable in enumerate(self.plan.consumables):
            minimum, quantity = (
                int(of[self.replication, number])
                for of in (self.journeys.minimum, self.journeys.quantity)
            )
            arrivals = self.arrivals[number]
            supply = int(self.journeys.supply[self.replication, number]) - self.used[number]
            while supply + len(arrivals) * quantity <= minimum:
                order = len(arrivals)
                if order == self.journeys.lead.shape[2]:
                    raise TooFewDraws
                arrival = self.now + int(self.journeys.lead[self.replication, number, order])
                while inside := [w for w in consumable.closed if w[0] <= arrival < w[1]]:
                    arrival = inside[0][1]
                arrivals.append(arrival)
                self.changed = True
                at = (self.replication, number, order)
                self.facts.ordered[at] = self.now
                self.facts.arrived[at] = arrival if arrival < self.plan.horizon else -1

    def conclude(self) -> None:
        for one in self.everyone:
            self.facts.step[one.row], self.facts.attempt[one.row] = one.step, one.attempt
        for lots in self.lots:
            for lot in lots:
                if not lot.here:
                    self.facts.state[lot.row] = NOT_NEEDED
        for doses in self.doses:
            if doses.expires < self.plan.horizon:
                self.facts.expired[doses.row] = doses.left
