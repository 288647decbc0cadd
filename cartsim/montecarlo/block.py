"""One block of replications, from the scenario to its outcomes: the only place that knows the order
of the stages."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cartsim.demand.arrivals import Arrivals, arrivals
from cartsim.demand.orders import Demand, demand
from cartsim.economics.statement import statement
from cartsim.measures import PERIOD_KINDS, Facts, Outcomes, merge, outcomes
from cartsim.montecarlo.memory import keep_freed_memory
from cartsim.sampling.drawn import Drawn, draw
from cartsim.sampling.given import NOTHING, Given
from cartsim.scenario.model import Scenario
from cartsim.simulation.compile import compile_plan
from cartsim.simulation.simulate import simulate

BLOCK, LARGE_BLOCK = 128, 1024
"""Replications in a block, and in one of a company without products. Constants, not settings:
blocks are what is computed, stored and merged, so that results have the same bits however many
workers there are. Large enough for array work to pay, small enough to stay in cache and to take
seconds on the reference engine; where nothing is simulated, most of a small block would be calls.
"""
MOST_PATIENTS = 2**18
"""Orders that are worked on at a time, which bounds the memory of a block: one with more is worked
on in halves, down to a single replication, with the same bits."""


def block_size(scenario: Scenario) -> int:
    """Replications in a block of a scenario."""
    return BLOCK if scenario.products else LARGE_BLOCK


def blocks(replications: int, size: int = BLOCK) -> tuple[range, ...]:
    """The replications 0, 1, .. cut into blocks; the last one may be shorter."""
    return tuple(
        range(start, min(start + size, replications)) for start in range(0, replications, size)
    )


def compute_facts(
    scenario: Scenario,
    seed: int,
    replications: range,
    engine: str,
    chance: int | None = None,
    given: Given = NOTHING,
) -> Facts:
    """Everything that happens in a range of replications.

    Raises ``UsageError`` for an engine that is not registered, ``RunError`` if the statement breaks
    one of its identities.
    """
    orders = _orders(scenario, seed, replications, chance, given)
    facts = _facts(scenario, *orders, engine)
    facts.statement.check()
    return facts


def compute_block(
    scenario: Scenario,
    seed: int,
    replications: range,
    engine: str,
    kinds: Sequence[str] = PERIOD_KINDS,
    chance: int | None = None,
    given: Given = NOTHING,
    names: Collection[str] | None = None,
) -> Outcomes:
    """The outcomes of a range of replications, by the kinds of periods that are wanted, of all
    measures or those of these names; a function of its arguments alone."""
    keep_freed_memory()
    drawn, demands, coming = _orders(scenario, seed, replications, chance, given)
    if coming.order.size > MOST_PATIENTS and len(replications) > 1:
        del drawn, demands, coming
        middle = replications.start + len(replications) // 2
        return merge(
            [
                compute_block(scenario, seed, half, engine, kinds, chance, given, names)
                for half in (
                    range(replications.start, middle),
                    range(middle, replications.stop),
                )
            ]
        )
    facts = _facts(scenario, drawn, demands, coming, engine)
    found = outcomes(facts, kinds, names)
    facts.statement.check(asked_only=names is not None)
    return found


def _orders(
    scenario: Scenario, seed: int, replications: range, chance: int | None, given: Given
) -> tuple[Drawn, tuple[Demand, ...], Arrivals]:
    drawn = draw(scenario, seed, replications, chance, given)
    demands = demand(scenario, drawn)
    return drawn, demands, arrivals(scenario, drawn, demands)


def _facts(
    scenario: Scenario, drawn: Drawn, demands: tuple[Demand, ...], coming: Arrivals, engine: str
) -> Facts:
    plan = compile_plan(scenario)
    journeys, timelines = simulate(scenario, plan, drawn, coming, engine)
    money = statement(scenario, drawn, demands, plan, journeys, timelines)
    return Facts(scenario, drawn, demands, money)
