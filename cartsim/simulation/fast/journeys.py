"""How a journey begins in the state of a replication, and what is written when that is over."""

from __future__ import annotations

from cartsim.simulation import rules
from cartsim.simulation.fast import state as of
from cartsim.simulation.fast.options import inner
from cartsim.simulation.fast.state import Chance, Facts, State
from cartsim.simulation.timelines import IN_PROCESS, LOST_WAITING, NOT_CHOSEN
from cartsim.units import NEVER, Ints


@inner
def enter(route: Ints, attempt_first: Ints, doses: Ints, row: Ints, i: int, base: int) -> None:
    """A journey comes into being, before its first step."""
    row[i, of.ROUTE] = route[base + i]
    row[i, of.ATTEMPT] = attempt_first[base + i]
    row[i, of.STEP] = 0
    row[i, of.STATUS] = of.OVER
    row[i, of.LEAVES] = NEVER
    row[i, of.HELD] = 0
    row[i, of.PLANT] = NOT_CHOSEN
    row[i, of.RELEASED_AT] = rules.NOWHERE
    row[i, of.TRIES] = 0
    row[i, of.COLLECTED] = 0
    row[i, of.CLOCK_AT] = -1
    row[i, of.NEEDED] = doses[base + i]
    row[i, of.REMAINING] = 0


@inner
def finish(
    chance: Chance, facts: Facts, state: State, at: int, base: int, patients: int, horizon: int
) -> None:
    """Clocks that ran out unnoticed, and where everyone was last."""
    row, attempt_first = state.row, chance.attempt_first
    for i in range(patients):
        number = base + i
        if facts.state[number] == IN_PROCESS and row[i, of.LEAVES] < horizon:
            facts.state[number], facts.left[number] = LOST_WAITING, row[i, of.LEAVES]
        facts.step[number] = row[i, of.STEP]
        facts.attempt[number] = row[i, of.ATTEMPT] - attempt_first[number]
    for stock in range(len(state.banks)):
        for number in range(chance.lots_first[at, stock] + 1, state.banks[stock, of.NEXT_LOT]):
            facts.step[number] = row[number - base, of.STEP]
            facts.attempt[number] = row[number - base, of.ATTEMPT] - attempt_first[number]
