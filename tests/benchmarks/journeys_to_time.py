"""A plan and its chance for timing: eight steps, three queued resources, retries and attrition."""

from __future__ import annotations

import math

import numpy as np
from simulated import failing, journeys_of, patients_route, plan_of, step

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import FAILED, SUCCESS, Plan
from cartsim.units import MINUTES_PER_DAY, minutes

DAYS = (5.0, 1.0, 1.5, 9.0, 7.0, 1.0, 5.0, 14.0)
"""Mean length of scheduling, apheresis, shipment in, production, testing, shipment out,
conditioning, infusion."""
YEARS_OF_DAYS = 3653
LOAD = 0.85


def journeys_to_time(replications: int, patients: int = 3000) -> tuple[Plan, Journeys]:
    """About ten years of orders at random; lots that fail are tried a second time."""
    rng = np.random.default_rng(1)
    horizon = YEARS_OF_DAYS * MINUTES_PER_DAY
    plan = plan_of(
        patients_route(
            step(name="scheduling"),
            step(0, name="apheresis", role="collection"),
            step(name="shipment_in"),
            step(1, name="production", role="production", failures=failing(1, 2)),
            step(name="testing", failures=failing(3, 2)),
            step(name="shipment_out", role="delivery"),
            step(name="conditioning"),
            step(2, name="infusion", role="infusion"),
            collection=1,
            production=3,
            delivery=5,
        ),
        horizon=horizon,
    )
    number = replications * patients
    outcome = np.full((number, len(DAYS)), SUCCESS, dtype=np.int8)
    outcome[rng.random(number) > 0.95, 3] = FAILED
    outcome[rng.random(number) > 0.97, 4] = FAILED
    again = (outcome == FAILED).any(axis=1)
    attempt_first = np.concatenate([[0], np.cumsum(1 + again)])
    attempts = int(attempt_first[-1])
    outcomes = np.full((attempts, len(DAYS)), SUCCESS, dtype=np.int8)
    outcomes[attempt_first[:-1]] = outcome
    outcomes[attempt_first[:-1][again] + 1, 3] = np.where(
        rng.random(int(again.sum())) > 0.8, FAILED, SUCCESS
    )
    a_day = patients / YEARS_OF_DAYS
    clock = rng.exponential(1, number)
    before, after = (rate / 30.4 / MINUTES_PER_DAY for rate in (0.02, 0.05))
    return plan, journeys_of(
        plan,
        first=np.arange(replications + 1) * patients,
        order=np.sort(rng.integers(0, horizon, (replications, patients)), axis=1).ravel(),
        attempt_first=attempt_first,
        duration=minutes(rng.gamma(4, np.asarray(DAYS) / 4, (attempts, len(DAYS)))),
        outcome=outcomes,
        clock=clock,
        patience=(clock / before).astype(np.int64),
        hazard_before=before,
        hazard_after=after,
        capacity=[max(math.ceil(a_day * days / LOAD), 1) for days in (1.0, 9.9, 14.0)],
    )
