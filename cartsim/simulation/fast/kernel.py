"""The compiled run of a block: replication by replication, minute by minute, phase by phase.

It is one function, because arrays that are handed from function to function cost a compiled program
more than the events that it works through; what happens seldom stands in functions of its own.
Numbers are those of ``simulation/rules.py``.

A patient who holds no place and whose step asks for nothing meets nobody, so a chain of such steps
is worked out at once, however far ahead; the calendar holds only what concerns others. Likewise a
clock is looked at where the patient is looked at; it is an event of its own only where somebody
counts those who wait, or where the patient holds a place.
"""

from __future__ import annotations

from cartsim.simulation import rules
from cartsim.simulation.fast import flat
from cartsim.simulation.fast import state as of
from cartsim.simulation.fast.calendar import (
    CLOCK,
    END,
    EXPIRY,
    FREE,
    ID,
    KIND_BITS,
    KIND_OF,
    READY,
    SUPPLY,
    next_minute,
    schedule,
    take,
)
from cartsim.simulation.fast.flat import NONE, Flat
from cartsim.simulation.fast.options import inner
from cartsim.simulation.fast.queues import (
    NOT_NOW,
    give_back,
    give_back_all,
    put_into_stock,
    stand,
    startable,
    step_out,
    take_out_of_stock,
)
from cartsim.simulation.fast.seldom import (
    decide,
    disrupt,
    enter,
    order_supplies,
    outage_ends,
    prepare,
)
from cartsim.simulation.fast.state import Chance, Facts, State
from cartsim.simulation.plan import RELEASED_UNDER_EXCEPTION, SUCCESS, UNLIMITED, Kind, Policy
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
from cartsim.simulation.timelines import IN_STOCK as RELEASED
from cartsim.units import NEVER

STOCK_LOT, CAMPAIGN = int(Kind.STOCK_LOT), int(Policy.CAMPAIGN)
PER_RANK = 2 * rules.CLASSES
NOWHERE = rules.NOWHERE
kind, cause = inner(rules.kind), inner(rules.cause)
precedence, tries_again = inner(rules.precedence), inner(rules.tries_again)
released_at_after_retry = inner(rules.released_at_after_retry)
leaves_after_collection = inner(rules.leaves_after_collection)
wants_next_dose, expires = inner(rules.wants_next_dose), inner(rules.expires)
lots_to_begin = inner(rules.lots_to_begin)


@inner
def run_block(plan: Flat, chance: Chance, facts: Facts, state: State) -> bool:
    """Write the facts of every replication; False where draws ran out."""
    horizon, routes, steps, resource = plan.horizon, plan.routes, plan.steps, plan.resource
    failures, queue_of, queues, would_do = plan.failures, plan.queue, plan.queues, plan.would_do
    units = plan.units
    first, order_of, duration = chance.first, chance.order, chance.duration
    outcome_of, doses_of = chance.outcome, chance.doses
    ready, start, end_of, result = facts.ready, facts.start, facts.end, facts.result
    chosen, fate, left = facts.chosen, facts.state, facts.left
    row, calendar, todo, count = state.row, state.calendar, state.todo, state.counts
    lines, waiting, places, banks = state.lines, state.waiting, state.places, state.banks
    supplies = state.supplies
    most_queues = len(queues)
    no_resources = len(places)

    for at in range(len(first) - 1):
        base = first[at]
        patients = chance.lots_first[at, 0] - base
        changeover = chance.changeover[at]
        hands_on = chance.hands_on[at]
        prepare(chance, facts, state, at, base, horizon)
        order, change, opening, campaign = 0, 1, 0, 0
        disruption, last_disruption = chance.disruption_first[at], chance.disruption_first[at + 1]
        now = 0
        while now < horizon:
            count[of.NOW] = now
            # Phase 1. Capacities, openings and campaigns are those of now.
            while change < len(chance.capacity_time) and chance.capacity_time[change] <= now:
                for r in range(no_resources):
                    places[r, of.CAPACITY] = chance.capacity[at, change, r]
                count[of.CHANGED] = 1
                change += 1
            while opening < len(chance.opening_time) and chance.opening_time[opening] <= now:
                for r in range(no_resources):
                    if chance.opening[opening, r] >= UNLIMITED:
                        places[r, of.ALLOWED] = chance.opening[opening, r]
                count[of.CHANGED] = 1
                opening += 1
            while campaign < len(chance.campaign_time) and chance.campaign_time[campaign] <= now:
                banks[chance.campaign_stock[campaign], of.DUE] += chance.campaign_lots[at, campaign]
                count[of.STOCKS_CHANGED] = 1
                campaign += 1
            first_order, undecided = order, -1
            while True:  # whatever else ends or arrives now, one after the other
                if count[of.TODO] > 0:
                    count[of.TODO] -= 1
                    item = todo[count[of.TODO]]
                    i, mode = item >> 2, item & 3
                elif next_minute(calendar, horizon) == now:
                    event = take(calendar)
                    i, what = (event >> KIND_BITS) & ID, event & KIND_OF
                    if what == END:
                        # one that was put off, or forestalled by a disruption, is not this one
                        if row[i, of.STATUS] != of.RUNNING or row[i, of.ENDS] != now:
                            continue
                        mode = of.ENDED
                    elif what == READY:
                        mode = of.READIED
                    else:
                        if what == FREE:
                            places[i, of.BUSY] -= 1
                            count[of.CHANGED] = 1
                        elif what == CLOCK:
                            waits = row[i, of.STATUS] == of.WAITING and row[i, of.LEAVES] == now
                            if waits and fate[base + i] == IN_PROCESS:
                                fate[base + i], left[base + i] = LOST_WAITING, now  # 4
                                row[i, of.STATUS] = of.OVER
                                step_out(row, lines, waiting, i)
                                give_back_all(
                                    row, places, calendar, count, resource, changeover, horizon, i
                                )
                                if queues[row[i, of.QUEUE], flat.QUEUE_STOCK] != NONE:
                                    banks[
                                        queues[row[i, of.QUEUE], flat.QUEUE_STOCK], of.WANTING
                                    ] -= 1
                                    count[of.STOCKS_CHANGED] = 1
                        elif what == EXPIRY:
                            if row[i, of.REMAINING] > 0:
                                stock = routes[row[i, of.ROUTE], flat.STOCK]
                                facts.expired[base + i] = row[i, of.REMAINING]
                                banks[stock, of.IN_STOCK] -= row[i, of.REMAINING]
                                row[i, of.REMAINING] = 0
                                take_out_of_stock(row, banks, i, stock)
                                count[of.STOCKS_CHANGED] = 1
                        elif what == SUPPLY:
                            room = chance.lead.shape[2]
                            consumable = i // room
                            facts.arrived[at, consumable, i % room] = now
                            arrived = chance.quantity[at, consumable]
                            supplies[consumable, of.ON_HAND] += arrived
                            supplies[consumable, of.ON_ORDER] -= arrived
                            count[of.CHANGED] = 1
                        else:
                            outage_ends(plan, chance, places, count, at, i)
                        continue
                elif order < patients and order_of[base + order] <= now:
                    i, order = order, order + 1
                    enter(chance.route, chance.attempt_first, doses_of, row, i, base)
                    row[i, of.LEAVES] = order_of[base + i] + chance.patience[base + i]
                    if routes[row[i, of.ROUTE], flat.BALKS] == 1:
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
                            best, best_which, best_rank = -1, 0, 0
                            for queue in range(most_queues):
                                if waiting[queue] == 0:
                                    continue
                                which = startable(
                                    queues, would_do, steps, units, places, banks, supplies, queue
                                )
                                if which == NOT_NOW:
                                    continue
                                found = -1
                                for level in range(queues[queue, flat.LEVELS]):
                                    found = lines[queue, level, of.HEAD]
                                    while found >= 0 and (
                                        row[found, of.LEAVES] <= now
                                        and fate[base + found] == IN_PROCESS
                                    ):  # gone, and nobody has looked
                                        fate[base + found] = LOST_WAITING
                                        left[base + found] = row[found, of.LEAVES]
                                        row[found, of.STATUS] = of.OVER
                                        step_out(row, lines, waiting, found)
                                        found = lines[queue, level, of.HEAD]
                                    if found >= 0:
                                        break
                                if found < 0:
                                    continue
                                if queues[queue, flat.SHARED] == 0:
                                    best, best_which = found, which  # whom nobody competes with
                                    break
                                rank = routes[queues[queue, flat.QUEUE_ROUTE], flat.RANK] * PER_RANK
                                rank += row[found, of.LEVEL]
                                if best < 0 or (rank, row[found, of.SINCE], found) < (
                                    best_rank,
                                    row[best, of.SINCE],
                                    best,
                                ):
                                    best, best_which, best_rank = found, which, rank
                            if best < 0:
                                break
                            i = best
                            queue, route, s = row[i, of.QUEUE], row[i, of.ROUTE], row[i, of.STEP]
                            step_out(row, lines, waiting, i)
                            if queues[queue, flat.ASKS] == 1:
                                r = would_do[queue, best_which]
                                places[r, of.BUSY] += 1
                                if places[r, of.ALLOWED] > 0:
                                    places[r, of.ALLOWED] -= 1  # 15
                                if s == routes[route, flat.CHOOSES]:
                                    row[i, of.PLANT] = best_which  # 14
                                    chosen[row[i, of.ATTEMPT]] = best_which
                                if (
                                    hands_on[route, s] >= 0
                                    and steps[route, s, flat.SHARED_PLACE] == 0
                                ):
                                    freed = now + hands_on[route, s] + changeover[r]
                                    schedule(calendar, horizon, freed, r, FREE)  # 13
                                else:
                                    row[i, of.HELD] |= 1 << steps[route, s, flat.PLACE]
                            if steps[route, s, flat.CONSUMES] == 1:
                                for consumable in range(len(supplies)):
                                    supplies[consumable, of.ON_HAND] -= units[route, s, consumable]
                                count[of.SUPPLIES_CHANGED] = 1
                            stock = queues[queue, flat.QUEUE_STOCK]
                            if stock != NONE:
                                lot = banks[stock, of.SOONEST]  # 18
                                facts.source[row[i, of.ATTEMPT]] = base + lot
                                row[lot, of.REMAINING] -= 1
                                banks[stock, of.IN_STOCK] -= 1
                                banks[stock, of.WANTING] -= 1
                                if row[lot, of.RELEASED_AT] != NOWHERE and (
                                    row[i, of.RELEASED_AT] == NOWHERE
                                ):
                                    row[i, of.RELEASED_AT] = s  # 9
                                if row[lot, of.REMAINING] == 0:
                                    take_out_of_stock(row, banks, lot, stock)
                            todo[count[of.TODO]] = (i << 2) | of.STARTED
                            count[of.TODO] += 1
                    # Phase 3.
                    if count[of.STOCKS_CHANGED] == 1:
                        count[of.STOCKS_CHANGED] = 0
                        for stock in range(len(banks)):
                            lots = banks[stock, of.DUE]
                            banks[stock, of.DUE] = 0
                            if plan.policy[stock] != CAMPAIGN:  # 19
                                planned = chance.planned_yield[at, stock]
                                position = banks[stock, of.IN_STOCK] - banks[stock, of.WANTING]
                                position += planned * banks[stock, of.IN_PROGRESS]
                                lots = lots_to_begin(
                                    plan.policy[stock],
                                    position,
                                    chance.reorder_point[at, stock],
                                    chance.order_level[at, stock],
                                    planned,
                                )
                            number = banks[stock, of.NEXT_LOT]
                            if lots > 0 and number + lots > chance.lots_first[at, stock + 1]:
                                return False
                            banks[stock, of.NEXT_LOT] += lots
                            banks[stock, of.IN_PROGRESS] += lots
                            for lot in range(number, number + lots):
                                fate[lot] = IN_PROCESS
                                i = lot - base
                                enter(chance.route, chance.attempt_first, doses_of, row, i, base)
                                todo[count[of.TODO]] = (i << 2) | of.READIED
                                count[of.TODO] += 1
                    if count[of.SUPPLIES_CHANGED] == 1:
                        count[of.SUPPLIES_CHANGED] = 0
                        order_supplies(plan, chance, facts, state, at)  # 20
                        if count[of.SHORT] == 1:
                            return False
                    continue

                # A journey goes on, from its step's being ready, its start or its end.
                me = row[i]
                route, number, minute = me[of.ROUTE], base + i, now
                mine = routes[route]
                while True:
                    attempt, s = me[of.ATTEMPT], me[of.STEP]
                    if mode >= of.ENDED:
                        outcome = outcome_of[attempt, s]
                        if fate[number] == IN_PROCESS and me[of.LEAVES] <= minute:
                            fate[number], left[number] = LOST_WAITING, me[of.LEAVES]
                        gone = fate[number] == LOST_WAITING
                        end_of[attempt, s] = minute
                        result[attempt, s] = outcome if mode == of.ENDED else DISRUPTED
                        if gone and left[number] < minute:
                            result[attempt, s] = DISCARDED  # 5
                        me[of.STATUS] = of.OVER
                        went_well = mode == of.ENDED and (
                            kind(outcome) == SUCCESS or kind(outcome) == RELEASED_UNDER_EXCEPTION
                        )
                        if not gone and went_well and s + 1 < mine[flat.STEPS]:
                            if kind(outcome) != SUCCESS and me[of.RELEASED_AT] == NOWHERE:
                                me[of.RELEASED_AT] = s  # 9
                            place = steps[route, s, flat.PLACE]
                            if steps[route, s, flat.GIVES_BACK] == 1 and (me[of.HELD] >> place) & 1:
                                give_back(
                                    row,
                                    places,
                                    calendar,
                                    count,
                                    resource[route],
                                    changeover,
                                    horizon,
                                    i,
                                    place,
                                )
                            me[of.STEP] = s + 1
                            attempt, s = me[of.ATTEMPT], s + 1
                        else:
                            if me[of.HELD] != 0:
                                give_back_all(
                                    row, places, calendar, count, resource, changeover, horizon, i
                                )
                            if gone:
                                break
                            again = -1
                            if s == mine[flat.INFUSION]:
                                if me[of.NEEDED] <= 1:
                                    break
                                wanted = wants_next_dose(
                                    start[attempt, s], minute, chance.interval[at, route]
                                )
                                if wanted >= horizon:
                                    break
                                me[of.NEEDED] -= 1
                                me[of.TRIES] = 0
                                me[of.RELEASED_AT] = NOWHERE
                                again = mine[flat.NEXT_DOSE]
                            elif went_well:
                                if mine[flat.KIND] == STOCK_LOT:  # 17
                                    if kind(outcome) != SUCCESS and me[of.RELEASED_AT] == NOWHERE:
                                        me[of.RELEASED_AT] = s
                                    stock = mine[flat.STOCK]
                                    banks[stock, of.IN_PROGRESS] -= 1
                                    fate[number], left[number] = RELEASED, minute
                                    facts.made[number] = doses_of[number]
                                    count[of.CHANGED] = count[of.STOCKS_CHANGED] = 1
                                    if doses_of[number] > 0:
                                        banks[stock, of.IN_STOCK] += doses_of[number]
                                        me[of.REMAINING] = doses_of[number]
                                        me[of.EXPIRES] = expires(minute, chance.shelf_life[number])
                                        put_into_stock(row, banks, i, stock)
                                        schedule(calendar, horizon, me[of.EXPIRES], i, EXPIRY)
                                break
                            else:
                                why = cause(outcome) if mode == of.ENDED else 0
                                again = failures[route, s, why, 0]
                                if again < 0 or not tries_again(
                                    me[of.TRIES], failures[route, s, why, 1]
                                ):
                                    if mine[flat.KIND] == STOCK_LOT:
                                        banks[mine[flat.STOCK], of.IN_PROGRESS] -= 1
                                        count[of.STOCKS_CHANGED] = 1
                                    if fate[number] == IN_PROCESS:
                                        fate[number], left[number] = LOST_MANUFACTURING, minute
                                    break
                                me[of.RELEASED_AT] = released_at_after_retry(
                                    me[of.RELEASED_AT], again
                                )
                                me[of.TRIES] += 1
                            # 8, 11: another attempt
                            attempt += 1
                            me[of.ATTEMPT], me[of.STEP] = attempt, again
                            if again <= mine[flat.CHOOSES]:
                                me[of.PLANT] = NOT_CHOSEN  # 14
                            chosen[attempt] = me[of.PLANT]
                            if s == mine[flat.INFUSION]:
                                me[of.STATUS] = of.AHEAD
                                schedule(calendar, horizon, wanted, i, READY)
                                break
                            s = again
                        mode = of.READIED
                    if mode == of.READIED:
                        ready[attempt, s] = minute
                        if fate[number] == IN_PROCESS and me[of.LEAVES] <= minute:  # 3, 7
                            fate[number], left[number] = LOST_WAITING, me[of.LEAVES]
                            me[of.STATUS] = of.OVER
                            give_back_all(
                                row, places, calendar, count, resource, changeover, horizon, i
                            )
                            break
                        placed = 1
                        if steps[route, s, flat.PLACED] == 1:
                            placed = (me[of.HELD] >> steps[route, s, flat.PLACE]) & 1
                        if (
                            placed == 0
                            or steps[route, s, flat.CONSUMES] + steps[route, s, flat.DOSE] > 0
                        ):
                            if minute > now:
                                me[of.STATUS] = of.AHEAD
                                schedule(calendar, horizon, minute, i, READY)
                                break
                            queue = queue_of[route, s, placed, me[of.PLANT] + 1]
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
                                schedule(calendar, horizon, me[of.LEAVES], i, CLOCK)
                            break
                    start[attempt, s] = minute
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
                    end = minute + duration[attempt, s]
                    if mode == of.STARTED or me[of.HELD] != 0 or mine[flat.KIND] == STOCK_LOT:
                        me[of.STATUS], me[of.ENDS] = of.RUNNING, end
                        schedule(calendar, horizon, end, i, END)
                        break
                    if end >= horizon:
                        me[of.STATUS] = of.AHEAD
                        break
                    minute, mode = end, of.ENDED

            now = next_minute(calendar, horizon)
            if order < patients:
                now = min(now, order_of[base + order])
            if change < len(chance.capacity_time):
                now = min(now, chance.capacity_time[change])
            if opening < len(chance.opening_time):
                now = min(now, chance.opening_time[opening])
            if campaign < len(chance.campaign_time):
                now = min(now, chance.campaign_time[campaign])
            if disruption < last_disruption:
                now = min(now, chance.disruption_time[disruption])

        # Clocks that ran out unnoticed, and where everyone was last.
        for i in range(order):
            number = base + i
            if fate[number] == IN_PROCESS and row[i, of.LEAVES] < horizon:
                fate[number], left[number] = LOST_WAITING, row[i, of.LEAVES]
            facts.step[number] = row[i, of.STEP]
            facts.attempt[number] = row[i, of.ATTEMPT] - chance.attempt_first[number]
        for stock in range(len(banks)):
            for number in range(chance.lots_first[at, stock] + 1, banks[stock, of.NEXT_LOT]):
                facts.step[number] = row[number - base, of.STEP]
                facts.attempt[number] = (
                    row[number - base, of.ATTEMPT] - chance.attempt_first[number]
                )
    return True
