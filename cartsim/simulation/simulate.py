"""From the orders of a block to its facts: what was drawn, and what an engine made of it."""

from __future__ import annotations

from cartsim.demand.arrivals import Arrivals
from cartsim.errors import UsageError
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.scenario.part import nearest
from cartsim.simulation import ENGINES
from cartsim.simulation.drawing import draw_journeys, estimate
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import Timelines, TooFewDraws


def simulate(
    scenario: Scenario, plan: Plan, drawn: Drawn, arrivals: Arrivals, engine: str
) -> tuple[Journeys, Timelines]:
    """What happens to the patients and lots of a block on an engine.

    How many stock lots and orders of supplies there will be is known only afterwards, so chance is
    drawn for an estimate, and for twice as many as long as that was too few. Raises ``UsageError``
    for an engine that is not registered, ``RunError`` where a scenario asks for lots without end.
    """
    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r} ({nearest(engine, ENGINES)})")
    room = estimate(scenario, plan, drawn, arrivals)
    while True:
        journeys = draw_journeys(scenario, plan, drawn, arrivals, room)
        try:
            return journeys, ENGINES[engine](plan, journeys)
        except TooFewDraws:
            room = room.doubled()
