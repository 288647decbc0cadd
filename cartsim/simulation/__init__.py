"""What happens in time: the plan, the journeys, the rules, and the engines that live by them.

An engine is a function of a plan and the journeys of a block that returns the block's facts. Each
is registered here under its name and loads its third-party library when it is first called.
"""

from __future__ import annotations

from collections.abc import Callable

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import Timelines

Engine = Callable[[Plan, Journeys], Timelines]


def _fast(plan: Plan, journeys: Journeys) -> Timelines:
    from cartsim.simulation.fast.engine import simulate

    return simulate(plan, journeys)


def _reference(plan: Plan, journeys: Journeys) -> Timelines:
    from cartsim.simulation.reference.engine import simulate

    return simulate(plan, journeys)


ENGINES: dict[str, Engine] = {"fast": _fast, "reference": _reference}
"""The engines by name, the one that is used if none is named first."""
