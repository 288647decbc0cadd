"""What the compiled run does once a replication, or seldom: its preparation, patients who may go
elsewhere, disruptions and orders of supplies. Numbers are those of ``simulation/rules.py``.
"""

from __future__ import annotations

from cartsim.simulation import rules
from cartsim.simulation.fast import state as of
from cartsim.simulation.fast.calendar import END, EXPIRY, OUTAGE_ENDS, SUPPLY, clear, schedule
from cartsim.simulation.fast.flat import KIND, PLACE, STOCK, Flat
from cartsim.simulation.fast.journeys import enter
from cartsim.simulation.fast.options import inner
from cartsim.simulation.fast.state import Chance, Facts, State
from cartsim.simulation.fast.stocks import put_into_stock
from cartsim.simulation.plan import ALL_PLACES, UNLIMITED, Kind
from cartsim.simulation.timelines import (
    IN_PROCESS,
    IN_STOCK,
    NO_DOSE,
    NOT_CHOSEN,
    NOT_DONE,
    NOT_NEEDED,
)
from cartsim.units import NEVER, Ints

FROM_STOCK = int(Kind.FROM_STOCK)
EVERY_PLACE = 2**40
"""Taken out of service where a disruption hits a whole resource."""
quoted_wait, quoted_wait_for_dose = (
    inner(rules.quoted_wait),
    inner(rules.quoted_wait_for_dose),
)
supply_arrives, expires = inner(rules.supply_arrives), inner(rules.expires)


@inner
def prepare(
    chance: Chance, facts: Facts, state: State, at: int, base: int, horizon: int, width: int
) -> None:
    """The state at the start of a replication, and facts of which none has happened."""
    last = chance.first[at + 1]
    begin, finish = chance.attempt_first[base], chance.attempt_first[last]
    facts.chosen[begin:finish] = NOT_CHOSEN
    facts.source[begin:finish] = NO_DOSE
    begin, finish = begin * width, finish * width
    facts.ready[begin:finish] = -1
    facts.start[begin:finish] = -1
    facts.end[begin:finish] = -1
    facts.result[begin:finish] = NOT_DONE
    facts.step[base:last] = 0
    facts.attempt[base:last] = 0
    facts.left[base:last] = -1
    facts.made[base:last] = 0
    facts.expired[base:last] = 0
    facts.state[base:last] = IN_PROCESS
    facts.state[chance.lots_first[at, 0] : last] = NOT_NEEDED
    state.counts[:] = 0
    clear(state.calendar, horizon)
    state.counts[of.CHANGED] = 1
    state.counts[of.STOCKS_CHANGED] = 1
    state.counts[of.SUPPLIES_CHANGED] = 1
    state.lines[:] = -1
    state.waiting[:] = 0
    state.row[:, of.STATUS] = of.OVER
    for resource in range(len(state.places)):
        state.places[resource, of.CAPACITY] = chance.capacity[at, 0, resource]
        state.places[resource, of.BUSY] = 0
        state.places[resource, of.OUT] = 0
        state.places[resource, of.ALLOWED] = UNLIMITED
    for consumable in range(len(state.supplies)):
        state.supplies[consumable, of.ON_HAND] = chance.supply[at, consumable]
        state.supplies[consumable, of.ON_ORDER] = 0
        state.supplies[consumable, of.ORDERS] = 0
    for stock in range(len(state.banks)):
        number = chance.lots_first[at, stock]
        doses = chance.doses[number]
        i = number - base
        enter(chance.route, chance.attempt_first, chance.doses, state.row, i, base)
        facts.state[number], facts.left[number], facts.made[number] = IN_STOCK, 0, doses
        state.banks[stock] = 0
        state.banks[stock, of.SOONEST] = -1
        state.banks[stock, of.LATEST] = -1
        state.banks[stock, of.NEXT_LOT] = number + 1
        if doses > 0:
            state.row[i, of.REMAINING] = doses
            state.row[i, of.EXPIRES] = expires(0, chance.shelf_life[number])
            put_into_stock(state.row, state.banks, i, stock)
            schedule(state.calendar, state.row[i, of.EXPIRES], i, EXPIRY)


@inner
def decide(flat: Flat, chance: Chance, state: State, at: int, base: int, i: int) -> bool:
    """Whether a patient accepts the wait that is quoted at the order (21)."""
    route = state.row[i, of.ROUTE]
    service = chance.service[at, route]
    if flat.routes[route, KIND] == FROM_STOCK:
        stock = flat.routes[route, STOCK]
        bank = state.banks[stock]
        planned = chance.planned_yield[at, stock]
        quoted = quoted_wait_for_dose(bank[of.WANTING], bank[of.IN_STOCK], service, planned)
    else:
        ahead, places = 0, 0
        for queue in range(len(state.waiting)):
            if flat.ahead[route, queue] == 1:
                ahead += state.waiting[queue]
        for which in range(flat.production.shape[1]):
            if flat.production[route, which] >= 0:
                places += state.places[flat.production[route, which], of.CAPACITY]
        quoted = quoted_wait(ahead, service, places)
    accepted: bool = quoted <= chance.acceptable[base + i]
    return accepted


@inner
def disrupt(
    flat: Flat, chance: Chance, facts: Facts, state: State, at: int, base: int, number: int
) -> None:
    """Places go out of service, and the lots on them are lost or delayed (16)."""
    now, row = state.counts[of.NOW], state.row
    kind, length = chance.disruption_kind[number], chance.disruption_length[number]
    resource, places = flat.disruptions[kind, 0], flat.disruptions[kind, 1]
    state.places[resource, of.OUT] += EVERY_PLACE if places == ALL_PLACES else places
    outage = number - chance.disruption_first[at]
    schedule(state.calendar, now + length, outage, OUTAGE_ENDS)
    rows = chance.first[at + 1] - base
    hit, last_start, last = 0, -1, -1
    while places == ALL_PLACES or hit < places:
        best, best_start = rows, NEVER
        for i in range(rows):
            if not _works_on(flat, chance, facts, state, at, i, resource):
                continue
            start = facts.start[row[i, of.ATTEMPT] * flat.steps.shape[1] + row[i, of.STEP]]
            if (start, i) > (last_start, last) and (start, i) < (best_start, best):
                best, best_start = i, start
        if best == rows:
            return
        hit, last_start, last = hit + 1, best_start, best
        if flat.disruptions[kind, 2] == 1:
            row[best, of.STATUS] = of.OVER
            state.todo[state.counts[of.TODO]] = (best << 2) | of.LOST
            state.counts[of.TODO] += 1
        else:
            row[best, of.ENDS] += length
            schedule(state.calendar, row[best, of.ENDS], best, END)


@inner
def _works_on(
    flat: Flat, chance: Chance, facts: Facts, state: State, at: int, i: int, resource: int
) -> bool:
    """Whether a journey's step is in progress on a resource, on a place that it still holds."""
    row = state.row[i]
    if row[of.STATUS] != of.RUNNING or row[of.ENDS] <= state.counts[of.NOW]:
        return False
    route, step = row[of.ROUTE], row[of.STEP]
    if flat.resource[route, step, max(row[of.PLANT], 0)] != resource:
        return False
    if (row[of.HELD] >> flat.steps[route, step, PLACE]) & 1 == 1:
        return True
    hands_on = chance.hands_on[at, route, step]
    started = facts.start[row[of.ATTEMPT] * flat.steps.shape[1] + step]
    hand_held: bool = hands_on >= 0 and started + hands_on > state.counts[of.NOW]
    return hand_held


@inner
def outage_ends(
    flat: Flat, chance: Chance, places: Ints, count: Ints, at: int, outage: int
) -> None:
    """Places are back in service."""
    kind = chance.disruption_kind[chance.disruption_first[at] + outage]
    resource, number = flat.disruptions[kind, 0], flat.disruptions[kind, 1]
    places[resource, of.OUT] -= EVERY_PLACE if number == ALL_PLACES else number
    count[of.CHANGED] = 1


@inner
def order_supplies(flat: Flat, chance: Chance, facts: Facts, state: State, at: int) -> None:
    """Supplies are ordered where too little is at hand and on order (20)."""
    now, room = state.counts[of.NOW], chance.lead.shape[2]
    for consumable in range(len(state.supplies)):
        supply = state.supplies[consumable]
        while supply[of.ON_HAND] + supply[of.ON_ORDER] <= chance.minimum[at, consumable]:
            order = supply[of.ORDERS]
            if order >= room:
                state.counts[of.SHORT] = 1
                return
            supply[of.ORDERS] += 1
            supply[of.ON_ORDER] += chance.quantity[at, consumable]
            facts.ordered[at, consumable, order] = now
            arrival = now + chance.lead[at, consumable, order]
            for window in range(flat.closed.shape[1]):
                closed = flat.closed[consumable, window]
                arrival = supply_arrives(arrival, 0, closed[0], closed[1])
            number = consumable * room + order
            schedule(state.calendar, arrival, number, SUPPLY)


@inner
def receive(supplies: Ints, count: Ints, consumable: int, quantity: int) -> None:
    """An order of a supply arrives."""
    supplies[consumable, of.ON_HAND] += quantity
    supplies[consumable, of.ON_ORDER] -= quantity
    count[of.CHANGED] = 1


@inner
def capacities_change(chance: Chance, places: Ints, count: Ints, at: int, change: int) -> int:
    """Capacities are those of now; the next change is returned."""
    time = chance.capacity_time
    while change < len(time) and time[change] <= count[of.NOW]:
        for resource in range(len(places)):
            places[resource, of.CAPACITY] = chance.capacity[at, change, resource]
        count[of.CHANGED] = 1
        change += 1
    return change


@inner
def openings_change(chance: Chance, places: Ints, count: Ints, opening: int) -> int:
    """As many starts are allowed as are set for now; the next setting is returned."""
    time = chance.opening_time
    while opening < len(time) and time[opening] <= count[of.NOW]:
        for resource in range(len(places)):
            if chance.opening[opening, resource] >= UNLIMITED:
                places[resource, of.ALLOWED] = chance.opening[opening, resource]
        count[of.CHANGED] = 1
        opening += 1
    return opening


@inner
def campaigns_fall_due(chance: Chance, banks: Ints, count: Ints, at: int, campaign: int) -> int:
    """Stocks that open now are looked at, and the lots of campaigns that begin now are due; the
    next campaign is returned."""
    for stock in range(len(banks)):
        if chance.stock_opens[at, stock] == count[of.NOW]:
            count[of.STOCKS_CHANGED] = 1
    time = chance.campaign_time
    while campaign < len(time) and time[campaign] <= count[of.NOW]:
        banks[chance.campaign_stock[campaign], of.DUE] += chance.campaign_lots[at, campaign]
        count[of.STOCKS_CHANGED] = 1
        campaign += 1
    return campaign


@inner
def next_change(
    chance: Chance,
    at: int,
    now: int,
    change: int,
    opening: int,
    campaign: int,
    disruption: int,
    last_disruption: int,
    horizon: int,
) -> int:
    """The minute of the next of what is planned, or drawn, without regard to the patients."""
    minute = horizon
    if change < len(chance.capacity_time):
        minute = min(minute, chance.capacity_time[change])
    if opening < len(chance.opening_time):
        minute = min(minute, chance.opening_time[opening])
    if campaign < len(chance.campaign_time):
        minute = min(minute, chance.campaign_time[campaign])
    for opens in chance.stock_opens[at]:
        if opens > now:
            minute = min(minute, opens)
    if disruption < last_disruption:
        minute = min(minute, chance.disruption_time[disruption])
    return minute
