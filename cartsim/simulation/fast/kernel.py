"""The compiled run of a block: replication by replication, minute by minute, phase by phase.

What happens often is put into it when it is compiled, because arrays that are handed from function
to function cost a compiled program more than the events that it works through; what happens seldom
stands in functions of its own. Numbers are those of ``simulation/rules.py``.
"""

from __future__ import annotations

from numba import uintp

from cartsim.simulation import rules
from cartsim.simulation.fast import calendar as due
from cartsim.simulation.fast import flat
from cartsim.simulation.fast import state as of
from cartsim.simulation.fast.calendar import next_minute, schedule, take
from cartsim.simulation.fast.flat import NONE, Flat
from cartsim.simulation.fast.journeys import enter, finish
from cartsim.simulation.fast.options import inner, whole
from cartsim.simulation.fast.queues import (
    give_back,
    give_back_all,
    gives_up,
    next_to_start,
    stand,
    startable,
    step_out,
    take_place,
)
from cartsim.simulation.fast.seldom import (
    campaigns_fall_due,
    capacities_change,
    decide,
    disrupt,
    next_change,
    openings_change,
    order_supplies,
    outage_ends,
    prepare,
    receive,
)
from cartsim.simulation.fast.state import Chance, Facts, State
from cartsim.simulation.fast.stocks import expire, release, review_stocks, take_dose
from cartsim.simulation.plan import SUCCESS, Kind
from cartsim.simulation.timelines import (
    DISCARDED,
    DISRUPTED,
    IN_PROCESS,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    NOT_CHOSEN,
    WENT_ELSEWHERE,
)
from cartsim.units import NEVER

STOCK_LOT = int(Kind.STOCK_LOT)
NOWHERE = rules.NOWHERE
ZERO, ONE, NOBODY = whole(0), whole(1), whole(-1)
kind, cause = inner(rules.kind), inner(rules.cause)
precedence, tries_again = inner(rules.precedence), inner(rules.tries_again)
released_at_after_retry = inner(rules.released_at_after_retry)
leaves_after_collection = inner(rules.leaves_after_collection)
wants_next_dose = inner(rules.wants_next_dose)


@inner
def run_block(plan: Flat, chance: Chance, facts: Facts, state: State) -> bool:
    """Write the facts of every replication; False where draws ran out."""
    horizon, routes, steps, resource = plan.horizon, plan.routes, plan.steps, plan.resource
    failures, queue_of, queues = plan.failures, plan.queue, plan.queues
    first, order_of, duration, units = chance.first, chance.order, chance.duration, plan.units
    outcome_of, doses_of = chance.outcome, chance.doses
    ready, start, end_of, result = facts.ready, facts.start, facts.end, facts.result
    chosen, fate, left = facts.chosen, facts.state, facts.left
    row, calendar, todo, count = state.row, state.calendar, state.todo, state.counts
    lines, waiting, places, banks = state.lines, state.waiting, state.places, state.banks
    supplies, width = state.supplies, steps.shape[1]

    for at in range(len(first) - 1):
        base = first[at]
        patients = chance.lots_first[at, 0] - base
        changeover = chance.changeover[at]
        hands_on = chance.hands_on[at]
        prepare(chance, facts, state, at, base, horizon, width)
        order, change, opening, campaign = ZERO, ONE, ZERO, ZERO
        disruption, last_disruption = chance.disruption_first[at], chance.disruption_first[at + 1]
        now = planned_change = ZERO
        while now < horizon:
            count[of.NOW] = now
            # Phase 1. Capacities, openings and campaigns are those of now.
            if now >= planned_change:
                change = capacities_change(chance, places, count, at, change)
                opening = openings_change(chance, places, count, opening)
                campaign = campaigns_fall_due(chance, banks, count, at, campaign)
            first_order, undecided = order, NOBODY
            while True:  # whatever else ends or arrives now, one after the other
                if count[of.TODO] > 0:
                    count[of.TODO] -= 1
                    item = todo[uintp(count[of.TODO])]
                    i, mode = item >> 2, item & 3
                elif next_minute(calendar) == now:
                    event = take(calendar)
                    i, what = (event >> due.KIND_BITS) & due.ID, event & due.KIND_OF
                    if what == due.END:
                        # one that was put off, or forestalled by a disruption, is not this one
                        if row[uintp(i), of.STATUS] != of.RUNNING or row[uintp(i), of.ENDS] != now:
                            continue
                        mode = of.ENDED
                    elif what == due.READY:
                        mode = of.READIED
                    else:
                        if what == due.FREE:
                            places[i, of.BUSY] -= 1
                            count[of.CHANGED] = 1
                        elif what == due.CLOCK:
                            if gives_up(row, fate, left, lines, waiting, count, i, base):  # 4
                                give_back_all(row, places, calendar, count, resource, changeover, i)
                                stock = queues[row[i, of.QUEUE], flat.QUEUE_STOCK]
                                if stock != NONE:
                                    banks[stock, of.WANTING] -= 1
                                    count[of.STOCKS_CHANGED] = 1
                        elif what == due.EXPIRY:
                            written_off = expire(
                                row, banks, i, routes[row[i, of.ROUTE], flat.STOCK]
                            )
                            if written_off > 0:
                                facts.expired[base + i] = written_off
                                count[of.STOCKS_CHANGED] = 1
                        elif what == due.SUPPLY:
                            room = chance.lead.shape[2]
                            facts.arrived[at, i // room, i % room] = now
                            receive(supplies, count, i // room, chance.quantity[at, i // room])
                        else:
                            outage_ends(plan, chance, places, count, at, i)
                        continue
                elif order < patients and order_of[uintp(base + order)] <= now:
                    i, order = order, order + 1
                    enter(chance.route, chance.attempt_first, doses_of, row, i, base)
                    me, number = row[uintp(i)], uintp(base + i)
                    me[of.LEAVES] = order_of[number] + chance.patience[number]
                    if routes[uintp(me[of.ROUTE]), flat.BALKS] == 1:
                        undecided = first_order
                        continue
                    mode = of.READIED
                elif disruption < last_disruption and chance.disruption_time[disruption] <= now:
                    disrupt(plan, chance, facts, state, at, base, disruption)  # 16
                    disruption += 1
                    continue
                elif undecided >= 0:
                    i, undecided = undecided, undecided + 1
                    if undecided == order:
                        undecided = -1
                    if routes[row[i, of.ROUTE], flat.BALKS] == 0:
                        continue
                    if not decide(plan, chance, state, at, base, i):  # 21
                        fate[base + i], left[base + i] = WENT_ELSEWHERE, now
                        continue
                    mode = of.READIED
                elif count[of.CHANGED] + count[of.STOCKS_CHANGED] + count[of.SUPPLIES_CHANGED] == 0:
                    break
                else:
                    if count[of.CHANGED] == 1:
                        # Phase 2.
                        count[of.CHANGED] = 0
                        while True:
                            i, best_which = next_to_start(plan, state, facts, base)
                            if i < 0:
                                break
                            me = row[uintp(i)]
                            queue, route = uintp(me[of.QUEUE]), uintp(me[of.ROUTE])
                            s = uintp(me[of.STEP])
                            step_out(row, lines, waiting, i)
                            if queues[queue, flat.ASKS] == 1:
                                take_place(plan, state, facts, i, best_which, hands_on, changeover)
                            if steps[route, s, flat.CONSUMES] == 1:
                                for consumable in range(len(supplies)):
                                    supplies[consumable, of.ON_HAND] -= units[route, s, consumable]
                                count[of.SUPPLIES_CHANGED] = 1
                            stock = queues[queue, flat.QUEUE_STOCK]
                            if stock != NONE:
                                lot = take_dose(row, banks, i, stock, me[of.STEP])
                                facts.source[row[i, of.ATTEMPT]] = base + lot
                            todo[uintp(count[of.TODO])] = (i << 2) | of.STARTED
                            count[of.TODO] += 1
                    # Phase 3.
                    if count[of.STOCKS_CHANGED] == 1:
                        count[of.STOCKS_CHANGED] = 0
                        if not review_stocks(
                            plan.policy,
                            chance.planned_yield[at],
                            chance.reorder_point[at],
                            chance.order_level[at],
                            chance.lots_first[at],
                            chance.stock_opens[at],
                            chance.route,
                            chance.attempt_first,
                            doses_of,
                            row,
                            banks,
                            fate,
                            todo,
                            count,
                            base,
                        ):
                            return False
                    if count[of.SUPPLIES_CHANGED] == 1:
                        count[of.SUPPLIES_CHANGED] = 0
                        order_supplies(plan, chance, facts, state, at)  # 20
                        if count[of.SHORT] == 1:
                            return False
                    continue

                # A journey goes on, from its step's being ready, its start or its end.
                me = row[uintp(i)]
                number, minute = uintp(base + i), now
                route = uintp(me[of.ROUTE])
                mine = routes[route]
                while True:
                    attempt, s = me[of.ATTEMPT], me[of.STEP]
                    cell, this = uintp(attempt * width + s), steps[route, uintp(s)]
                    if mode >= of.ENDED:
                        outcome = outcome_of[cell]
                        if fate[number] == IN_PROCESS and me[of.LEAVES] <= minute:
                            fate[number], left[number] = LOST_WAITING, me[of.LEAVES]
                        gone = fate[number] == LOST_WAITING
                        end_of[cell] = minute
                        result[cell] = outcome if mode == of.ENDED else DISRUPTED
                        if gone and left[number] < minute:
                            result[cell] = DISCARDED  # 5
                        me[of.STATUS] = of.OVER
                        # SUCCESS and RELEASED_UNDER_EXCEPTION are the even kinds
                        went_well = mode == of.ENDED and outcome & 1 == 0
                        if not gone and went_well and s + 1 < mine[flat.STEPS]:
                            if kind(outcome) != SUCCESS and me[of.RELEASED_AT] == NOWHERE:
                                me[of.RELEASED_AT] = s  # 9
                            place = this[flat.PLACE]
                            if this[flat.GIVES_BACK] == 1 and (me[of.HELD] >> place) & 1:
                                give_back(
                                    row,
                                    places,
                                    calendar,
                                    count,
                                    resource[route],
                                    changeover,
                                    i,
                                    place,
                                )
                            me[of.STEP] = s + 1
                            attempt, s = me[of.ATTEMPT], s + 1
                        else:
                            if me[of.HELD] != 0:
                                give_back_all(row, places, calendar, count, resource, changeover, i)
                            if gone:
                                break
                            again = -1
                            if s == mine[flat.INFUSION]:
                                if me[of.NEEDED] <= 1:
                                    break
                                interval = chance.interval[at, route]
                                wanted = wants_next_dose(start[cell], minute, interval)
                                if wanted >= horizon:
                                    break
                                me[of.NEEDED] -= 1
                                me[of.TRIES] = 0
                                me[of.RELEASED_AT] = NOWHERE
                                again = mine[flat.NEXT_DOSE]
                            elif went_well:
                                if mine[flat.KIND] == STOCK_LOT:  # 17
                                    released = mine[flat.STOCK]
                                    release(chance, facts, state, i, number, released, outcome)
                                break
                            else:
                                why = cause(outcome) if mode == of.ENDED else 0
                                again = failures[route, s, why, 0]
                                attempts = failures[route, s, why, 1]
                                if again < 0 or not tries_again(me[of.TRIES], attempts):
                                    if mine[flat.KIND] == STOCK_LOT:
                                        banks[mine[flat.STOCK], of.IN_PROGRESS] -= 1
                                        count[of.STOCKS_CHANGED] = 1
                                    if fate[number] == IN_PROCESS:
                                        fate[number], left[number] = LOST_MANUFACTURING, minute
                                    break
                                released_at = me[of.RELEASED_AT]
                                me[of.RELEASED_AT] = released_at_after_retry(released_at, again)
                                me[of.TRIES] += 1
                            # 8, 11: another attempt
                            attempt += 1
                            me[of.ATTEMPT], me[of.STEP] = attempt, again
                            if again <= mine[flat.CHOOSES]:
                                me[of.PLANT] = NOT_CHOSEN  # 14
                            chosen[attempt] = me[of.PLANT]
                            if s == mine[flat.INFUSION]:
                                me[of.STATUS] = of.AHEAD
                                schedule(calendar, wanted, i, due.READY)
                                break
                            s = again
                        cell, this = uintp(attempt * width + s), steps[route, uintp(s)]
                        mode = of.READIED
                    if mode == of.READIED:
                        ready[cell] = minute
                        if fate[number] == IN_PROCESS and me[of.LEAVES] <= minute:  # 3, 7
                            fate[number], left[number] = LOST_WAITING, me[of.LEAVES]
                            me[of.STATUS] = of.OVER
                            give_back_all(row, places, calendar, count, resource, changeover, i)
                            break
                        placed = ONE
                        if this[flat.PLACED] == 1:
                            placed = (me[of.HELD] >> this[flat.PLACE]) & 1
                        takes = this[flat.CONSUMES] + this[flat.DOSE]
                        if placed == 0 or takes > 0:
                            if minute > now:
                                me[of.STATUS] = of.AHEAD
                                schedule(calendar, minute, i, due.READY)
                                break
                            queue = uintp(
                                queue_of[route, uintp(s), uintp(placed), uintp(me[of.PLANT] + 1)]
                            )
                            # whoever is alone in a minute need not stand in line
                            if (
                                takes + count[of.CHANGED] + count[of.TODO] == 0
                                and count[of.STOCKS_CHANGED] + count[of.SUPPLIES_CHANGED] == 0
                                and undecided < 0
                                and next_minute(calendar) != now
                                and (order == patients or order_of[uintp(base + order)] > now)
                                and planned_change > now
                            ):
                                which = startable(plan, state, queue)
                                if which >= 0:
                                    me[of.QUEUE] = queue
                                    take_place(plan, state, facts, i, which, hands_on, changeover)
                                    mode = of.STARTED
                        if mode == of.READIED and (placed == 0 or takes > 0):
                            level = precedence(
                                0, mine[flat.PRIORITY], me[of.TRIES], chance.risk[number]
                            )
                            stand(row, lines, waiting, i, queue, level, now)
                            me[of.STATUS] = of.WAITING
                            count[of.CHANGED] = 1
                            if queues[queue, flat.QUEUE_STOCK] != NONE:
                                banks[queues[queue, flat.QUEUE_STOCK], of.WANTING] += 1
                                count[of.STOCKS_CHANGED] = 1
                            noticed = queues[queue, flat.EXACT] == 1 or me[of.HELD] != 0
                            if noticed and me[of.LEAVES] != me[of.CLOCK_AT]:
                                me[of.CLOCK_AT] = me[of.LEAVES]
                                schedule(calendar, me[of.LEAVES], i, due.CLOCK)
                            break
                    start[cell] = minute
                    if s == mine[flat.COLLECTION] and me[of.COLLECTED] == 0:
                        me[of.COLLECTED] = 1
                        if mine[flat.KIND] != STOCK_LOT and fate[number] == IN_PROCESS:
                            me[of.LEAVES] = leaves_after_collection(  # 10
                                order_of[number],
                                minute,
                                chance.clock[number],
                                chance.hazard_before[at, route],
                                chance.hazard_after[at, route],
                                chance.hazard_shape[at, route],
                                chance.bridging[number],
                            )
                            if me[of.LEAVES] <= minute:
                                fate[number], left[number] = LOST_WAITING, minute
                    if s == mine[flat.INFUSION] and fate[number] == IN_PROCESS:  # 11
                        within = me[of.RELEASED_AT] == NOWHERE
                        fate[number] = INFUSED if within else INFUSED_OUT_OF_SPECIFICATION
                        left[number] = minute
                        me[of.LEAVES] = NEVER
                    end = minute + duration[cell]
                    if mode == of.STARTED or me[of.HELD] != 0 or mine[flat.KIND] == STOCK_LOT:
                        me[of.STATUS], me[of.ENDS] = of.RUNNING, end
                        schedule(calendar, end, i, due.END)
                        break
                    if end >= horizon:
                        me[of.STATUS] = of.AHEAD
                        break
                    minute, mode = end, of.ENDED

            now = next_minute(calendar)
            if order < patients:
                now = min(now, order_of[uintp(base + order)])
            if count[of.NOW] >= planned_change:
                planned_change = next_change(
                    chance,
                    at,
                    count[of.NOW],
                    change,
                    opening,
                    campaign,
                    disruption,
                    last_disruption,
                    horizon,
                )
            now = min(now, planned_change)

        finish(chance, facts, state, at, base, order, horizon)
    return True
