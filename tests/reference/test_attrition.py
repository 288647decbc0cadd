"""Patients who leave and lots that fail, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cartsim.simulation.plan import (
    FAILED,
    NO_RESOURCE,
    NO_RETRY,
    NO_STEP,
    SUCCESS,
    Journeys,
    Plan,
    RoutePlan,
    StepPlan,
)
from cartsim.simulation.reference.engine import simulate
from cartsim.simulation.timelines import (
    INFUSED,
    LOST_MANUFACTURING,
    LOST_WAITING,
    Timelines,
)
from cartsim.units import NEVER, Floats, minutes

DELAYS = (12.0, 25.0)
"""Days from the order to collection, and from collection to infusion."""


def wait_and_infuse(before: float, after: float, patients: int, seed: int = 5) -> Timelines:
    """A route of fixed delays without queues: a wait, a collection, the making, an infusion;
    hazards per day before and after the collection."""
    steps = tuple(
        StepPlan(name, None, NO_RESOURCE, NO_RETRY, 1)
        for name in ("scheduling", "collection", "production", "infusion")
    )
    plan = Plan(2**40, (), (RoutePlan("x", steps, 1, NO_STEP, 3),), ((0, "m"),))
    exponential = np.random.default_rng(seed).exponential(1.0, patients)
    with np.errstate(divide="ignore"):
        patience = minutes(exponential / before)
        clock_after = minutes(exponential / after)
    days = [DELAYS[0], 1.0, DELAYS[1] - 1.0, 14.0]
    shape = (patients, 1, 4)
    return simulate(
        plan,
        Journeys(
            first=np.asarray([0, patients]),
            product=np.zeros(patients, dtype=np.int64),
            market=np.zeros(patients, dtype=np.int64),
            order=np.arange(patients, dtype=np.int64) * 60,
            duration=np.broadcast_to(minutes(days), shape),
            outcome=np.full(shape, SUCCESS, dtype=np.int8),
            patience=patience,
            patience_after=np.full(patients, before / after if after else np.inf),
            clock_after=np.where(patience == NEVER, clock_after, -1),
            capacity_time=np.zeros(1, dtype=np.int64),
            capacity=np.zeros((1, 1, 0), dtype=np.int64),
        ),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (0.01, 0.01),
        (0.02, 0.005),
        (0.004, 0.03),
        (0.0, 0.02),
        (0.03, 0.0),
        (0.0, 0.0),
    ],
)
def test_infused_in_spite_of_a_hazard(before: float, after: float) -> None:
    """The chance to be infused after a fixed delay is exp(-h d), with h of each part of it."""
    patients = 12_000
    facts = wait_and_infuse(before, after, patients)
    collected = (facts.start[:, 0, 1] >= 0).mean()
    infused = (facts.state == INFUSED).mean()
    assert ((facts.state == INFUSED) | (facts.state == LOST_WAITING)).all()
    for share, truth in [
        (collected, math.exp(-before * DELAYS[0])),
        (infused, math.exp(-before * DELAYS[0] - after * DELAYS[1])),
    ]:
        error = math.sqrt(truth * (1 - truth) / patients)
        assert abs(share - truth) <= 4 * error, (share, truth)


def test_the_minutes_of_leaving_are_exponential_in_each_part() -> None:
    """Kolmogorov-Smirnov distance of the leaving times to the piecewise exponential law."""
    before, after, patients = 0.02, 0.05, 12_000
    facts = wait_and_infuse(before, after, patients)
    order = np.arange(patients) * 60
    lost = facts.state == LOST_WAITING
    days = np.sort((facts.left - order)[lost] / 1440)

    def gone_by(day: Floats) -> Floats:
        hazard = before * np.minimum(day, DELAYS[0]) + after * np.maximum(day - DELAYS[0], 0.0)
        return 1 - np.exp(-hazard)

    empirical = np.arange(1, days.size + 1) / patients
    assert np.abs(empirical - gone_by(days)).max() < 1.95 / math.sqrt(patients)  # 0.1% level


@pytest.mark.parametrize(("success", "attempts"), [(0.9, 2), (0.6, 3), (0.3, 5)])
def test_retries_are_geometric_and_truncated(success: float, attempts: int) -> None:
    """With k attempts at success p: lost (1-p)^k, attempts on average (1-(1-p)^k)/p."""
    patients = 12_000
    steps = (
        StepPlan("production", None, NO_RESOURCE, 0, attempts),
        StepPlan("infusion", None, NO_RESOURCE, NO_RETRY, 1),
    )
    plan = Plan(2**40, (), (RoutePlan("x", steps, NO_STEP, NO_STEP, 1),), ((0, "m"),))
    failed = np.random.default_rng(11).random((patients, attempts, 2)) >= [success, 0.0]
    failed[:, :, 1] = False
    never = np.full(patients, NEVER)
    facts = simulate(
        plan,
        Journeys(
            first=np.asarray([0, patients]),
            product=np.zeros(patients, dtype=np.int64),
            market=np.zeros(patients, dtype=np.int64),
            order=np.arange(patients, dtype=np.int64),
            duration=np.full((patients, attempts, 2), 7 * 1440),
            outcome=np.where(failed, FAILED, SUCCESS).astype(np.int8),
            patience=never,
            patience_after=np.ones(patients),
            clock_after=never,
            capacity_time=np.zeros(1, dtype=np.int64),
            capacity=np.zeros((1, 1, 0), dtype=np.int64),
        ),
    )
    lost = (1 - success) ** attempts
    error = math.sqrt(lost * (1 - lost) / patients)
    assert abs((facts.state == LOST_MANUFACTURING).mean() - lost) < 4 * error
    used = (facts.start[:, :, 0] >= 0).sum(axis=1)
    error = used.std(ddof=1) / math.sqrt(patients)
    assert abs(used.mean() - (1 - lost) / success) < 4 * error
    assert used.max() == attempts
