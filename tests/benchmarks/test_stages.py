"""What a block of the shipped scenario costs by stage, against drawing its uniforms alone."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from cartsim.demand.arrivals import arrivals
from cartsim.demand.orders import demand
from cartsim.economics.statement import statement
from cartsim.measures import Facts, outcomes
from cartsim.montecarlo.block import BLOCK
from cartsim.sampling.drawn import draw
from cartsim.sampling.streams import uniforms
from cartsim.scenario.load import load
from cartsim.scenario.model import Scenario
from cartsim.simulation import ENGINES
from cartsim.simulation.compile import compile_plan
from cartsim.simulation.drawing import draw_journeys, estimate
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan

SCENARIO = Path(__file__).parents[2] / "scenarios" / "carsgen_zevor_cel.yaml"
UNIFORMS = 14
"""Of a journey: a duration for each step, the outcomes of three, a clock, and the order."""

ROUNDS = 4
"""The quickest of so many counts: the first one compiles, and finds no memory yet."""

Value = TypeVar("Value")


@pytest.mark.benchmark
@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_stages(engine: str) -> None:
    scenario = load(SCENARIO).model
    block = range(BLOCK)
    seconds: dict[str, float] = {}

    def timed(stage: str, function: Callable[..., Value], *arguments: object) -> Value:
        begin = time.perf_counter()
        value = function(*arguments)
        taken = time.perf_counter() - begin
        seconds[stage] = min(seconds.get(stage, taken), taken)
        return value

    plan = compile_plan(scenario)
    ENGINES[engine](plan, _journeys_of_one(scenario, plan))
    for _ in range(ROUNDS if engine == "fast" else 1):
        drawn = timed("draw", draw, scenario, 1, block)
        demands = timed("demand", demand, scenario, drawn)
        coming = timed("arrivals", arrivals, scenario, drawn, demands)
        room = estimate(scenario, plan, drawn, coming)
        chance = timed("journeys", draw_journeys, scenario, plan, drawn, coming, room)
        timelines = timed(f"{engine} engine", ENGINES[engine], plan, chance)
        money = timed("statement", statement, scenario, drawn, demands, plan, chance, timelines)
        timed("measures", outcomes, Facts(scenario, drawn, demands, money))

    patients = len(chance.order)
    assert patients > BLOCK
    width = math.ceil(patients / BLOCK)
    begin = time.perf_counter()
    for number in range(UNIFORMS):
        uniforms(1, f"benchmark.{number}", block, width)
    alone = time.perf_counter() - begin

    total = sum(seconds.values())
    print(f"\n{BLOCK} replications, {patients} journeys, {engine} engine")
    print(f"{'':18} {'us a journey':>14} {'x uniforms':>11}")
    for stage, taken in [*seconds.items(), ("in all", total), ("uniforms alone", alone)]:
        print(f"{stage:18} {1e6 * taken / patients:14.2f} {taken / alone:11.1f}")


def _journeys_of_one(scenario: Scenario, plan: Plan) -> Journeys:
    """A first, small block, so that imports and compilation are not counted."""
    drawn = draw(scenario, 1, range(1))
    coming = arrivals(scenario, drawn, demand(scenario, drawn))
    room = estimate(scenario, plan, drawn, coming)
    return draw_journeys(scenario, plan, drawn, coming, room)
