"""What happens in time: the plan, the journeys, the rules, and the engines that live by them.

An engine is a function of a plan and the journeys of a block that returns the block's facts. Each
is registered here under its name and loads its third-party library when it is first called.
"""

from __future__ import annotations

from collections.abc import Callable

from cartsim.simulation.plan import Journeys, Plan
from cartsim.simulation.timelines import Timelines

Engine = Callable[[Plan, Journeys], Timelines]


def _reference(plan: Plan, journeys: Journeys) -> Timelines:
    from cartsim.simulation.reference.engine import simulate

    return simulate(plan, journeys)


ENGINES: dict[str, Engine] = {"reference": _reference}
