"""The lots in stock, which stand in linked lists, and those that begin for it.

All functions are compiled and change the state that they are given.
"""

from __future__ import annotations

from cartsim.simulation import rules
from cartsim.simulation.fast.calendar import EXPIRY, schedule
from cartsim.simulation.fast.journeys import enter
from cartsim.simulation.fast.options import inlined, inner
from cartsim.simulation.fast.state import (
    BEFORE,
    CHANGED,
    DUE,
    EXPIRES,
    IN_PROGRESS,
    IN_STOCK,
    LATEST,
    NEXT,
    NEXT_LOT,
    NOW,
    READIED,
    RELEASED_AT,
    REMAINING,
    SOONEST,
    STEP,
    STOCKS_CHANGED,
    TODO,
    WANTING,
    Chance,
    Facts,
    State,
)
from cartsim.simulation.plan import SUCCESS, Codes, Policy
from cartsim.simulation.timelines import IN_PROCESS
from cartsim.simulation.timelines import IN_STOCK as RELEASED
from cartsim.units import Ints

CAMPAIGN = int(Policy.CAMPAIGN)
NOWHERE = rules.NOWHERE
lots_to_begin, expires, kind = (
    inner(rules.lots_to_begin),
    inner(rules.expires),
    inner(rules.kind),
)


@inner
def put_into_stock(row: Ints, banks: Ints, i: int, stock: int) -> None:
    """A lot is in stock, sorted by expiry, then row (rule 18)."""
    banks[stock, IN_STOCK] += row[i, REMAINING]
    before = banks[stock, LATEST]
    while before >= 0 and (
        row[before, EXPIRES] > row[i, EXPIRES]
        or (row[before, EXPIRES] == row[i, EXPIRES] and before > i)
    ):
        before = row[before, BEFORE]
    after = banks[stock, SOONEST] if before < 0 else row[before, NEXT]
    row[i, BEFORE], row[i, NEXT] = before, after
    if before < 0:
        banks[stock, SOONEST] = i
    else:
        row[before, NEXT] = i
    if after < 0:
        banks[stock, LATEST] = i
    else:
        row[after, BEFORE] = i


@inner
def release(
    chance: Chance, facts: Facts, state: State, i: int, number: int, stock: int, outcome: int
) -> None:
    """A lot has gone well and its doses are in stock from now on (rule 17)."""
    row, banks, count, doses = state.row, state.banks, state.counts, chance.doses[number]
    now = count[NOW]
    if kind(outcome) != SUCCESS and row[i, RELEASED_AT] == NOWHERE:
        row[i, RELEASED_AT] = row[i, STEP]
    banks[stock, IN_PROGRESS] -= 1
    facts.state[number], facts.left[number], facts.made[number] = RELEASED, now, doses
    count[CHANGED] = count[STOCKS_CHANGED] = 1
    if doses > 0:
        row[i, REMAINING] = doses
        row[i, EXPIRES] = expires(now, chance.shelf_life[number])
        put_into_stock(row, banks, i, stock)
        schedule(state.calendar, row[i, EXPIRES], i, EXPIRY)


@inner
def take_out_of_stock(row: Ints, banks: Ints, i: int, stock: int) -> None:
    """A lot has no doses left."""
    before, after = row[i, BEFORE], row[i, NEXT]
    if before < 0:
        banks[stock, SOONEST] = after
    else:
        row[before, NEXT] = after
    if after < 0:
        banks[stock, LATEST] = before
    else:
        row[after, BEFORE] = before


@inner
def expire(row: Ints, banks: Ints, i: int, stock: int) -> int:
    """What is left of a lot is written off: how many doses (rule 17)."""
    remaining: int = row[i, REMAINING]
    if remaining > 0:
        banks[stock, IN_STOCK] -= remaining
        row[i, REMAINING] = 0
        take_out_of_stock(row, banks, i, stock)
    return remaining


@inlined
def take_dose(row: Ints, banks: Ints, i: int, stock: int, step: int) -> int:
    """A patient takes a dose at a step: of the lot that is returned (rule 18)."""
    lot: int = banks[stock, SOONEST]
    row[lot, REMAINING] -= 1
    banks[stock, IN_STOCK] -= 1
    banks[stock, WANTING] -= 1
    if row[lot, RELEASED_AT] != NOWHERE and row[i, RELEASED_AT] == NOWHERE:
        row[i, RELEASED_AT] = step  # 9
    if row[lot, REMAINING] == 0:
        take_out_of_stock(row, banks, lot, stock)
    return lot


@inner
def review_stocks(
    policy: Ints,
    planned_yield: Ints,
    reorder_point: Ints,
    order_level: Ints,
    lots_first: Ints,
    opens: Ints,
    route: Ints,
    attempt_first: Ints,
    doses: Ints,
    row: Ints,
    banks: Ints,
    fate: Codes,
    todo: Ints,
    count: Ints,
    base: int,
) -> bool:
    """Lots begin where a stock asks for them (rule 19); False where draws ran out."""
    for stock in range(len(banks)):
        lots = banks[stock, DUE]
        banks[stock, DUE] = 0
        if opens[stock] > count[NOW]:
            continue
        if policy[stock] != CAMPAIGN:
            planned = planned_yield[stock]
            position = banks[stock, IN_STOCK] - banks[stock, WANTING]
            position += planned * banks[stock, IN_PROGRESS]
            lots = lots_to_begin(
                policy[stock], position, reorder_point[stock], order_level[stock], planned
            )
        number = banks[stock, NEXT_LOT]
        if lots > 0 and number + lots > lots_first[stock + 1]:
            return False
        banks[stock, NEXT_LOT] += lots
        banks[stock, IN_PROGRESS] += lots
        for lot in range(number, number + lots):
            fate[lot] = IN_PROCESS
            enter(route, attempt_first, doses, row, lot - base, base)
            todo[count[TODO]] = ((lot - base) << 2) | READIED
            count[TODO] += 1
    return True
