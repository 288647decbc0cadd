"""An engine of another kind: it walks through every minute and looks at everyone in it, round after
round. No calendar of events, no heap, and nothing is counted along the way: who waits, how many
places are busy, how much is at hand is found each time by looking at everything that has happened.

It is slow, and an oracle for engines that are not. The numbers in comments are those of the rules;
of the rules' functions only the clock is used, as its rounding is part of the rule.
"""

from __future__ import annotations

import numpy as np

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import (
    IN_PROCESS,
    NO_DOSE,
    NOT_CHOSEN,
    NOT_DONE,
    Timelines,
)
from walking.walk import Walk


def walk(plan: Plan, journeys: Journeys) -> Timelines:
    facts = empty_facts(plan, journeys)
    for replication in range(journeys.replications):
        Walk(plan, journeys, replication, facts).go()
    return facts


def empty_facts(plan: Plan, journeys: Journeys) -> Timelines:
    shape, rows = journeys.duration.shape, journeys.order.size
    minutes = [np.full(shape, -1, dtype=np.int64) for _ in range(3)]
    return Timelines(
        *minutes,
        result=np.full(shape, NOT_DONE, dtype=np.int8),
        chosen=np.full(shape[0], NOT_CHOSEN, dtype=np.int8),
        source=np.full(shape[0], NO_DOSE, dtype=np.int64),
        state=np.full(rows, IN_PROCESS, dtype=np.int8),
        step=np.zeros(rows, dtype=np.int64),
        attempt=np.zeros(rows, dtype=np.int64),
        left=np.full(rows, -1, dtype=np.int64),
        made=np.zeros(rows, dtype=np.int64),
        expired=np.zeros(rows, dtype=np.int64),
        ordered=np.full(journeys.lead.shape, -1, dtype=np.int64),
        arrived=np.full(journeys.lead.shape, -1, dtype=np.int64),
    )
