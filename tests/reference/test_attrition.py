"""Patients who leave and lots that fail, against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from simulated import LONG, failing, journeys_of, patients_route, plan_of, step

from cartsim.simulation import Engine
from cartsim.simulation.plan import FAILED, SUCCESS
from cartsim.simulation.timelines import INFUSED, LOST_MANUFACTURING, LOST_WAITING, Timelines
from cartsim.units import Floats, minutes

DELAYS = (12.0, 25.0)
"""Days from the order to collection, and from collection to infusion."""


def wait_and_infuse(
    engine: Engine,
    before: float,
    after: float,
    patients: int,
    *,
    shape: float = 1.0,
    bridging: float = 1.0,
    seed: int = 5,
) -> Timelines:
    """A route of fixed delays without queues: a wait, a collection, the making, an infusion;
    hazards per day before and after the collection, of Weibull clocks where ``shape`` is not 1."""
    plan = plan_of(patients_route(*[step()] * 4, collection=1), horizon=LONG)
    clock = np.random.default_rng(seed).exponential(1.0, patients)
    with np.errstate(divide="ignore"):
        patience = minutes(clock ** (1 / shape) / before)
    days = [DELAYS[0], 1.0, DELAYS[1] - 1.0, 14.0]
    return engine(
        plan,
        journeys_of(
            plan,
            order=np.arange(patients) * 60,
            duration=minutes(days),
            patience=patience,
            clock=clock,
            bridging=bridging,
            hazard_before=before / 1440,
            hazard_after=after / 1440,
            hazard_shape=shape,
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
def test_infused_in_spite_of_a_hazard(engine: Engine, before: float, after: float) -> None:
    """The chance to be infused after a fixed delay is exp(-h d), with h of each part of it."""
    patients = 12_000
    facts = wait_and_infuse(engine, before, after, patients)
    collected = (facts.start[:, 1] >= 0).mean()
    infused = (facts.state == INFUSED).mean()
    assert ((facts.state == INFUSED) | (facts.state == LOST_WAITING)).all()
    for share, truth in [
        (collected, math.exp(-before * DELAYS[0])),
        (infused, math.exp(-before * DELAYS[0] - after * DELAYS[1])),
    ]:
        error = math.sqrt(truth * (1 - truth) / patients)
        assert abs(share - truth) <= 4 * error, (share, truth)


def test_the_minutes_of_leaving_are_exponential_in_each_part(engine: Engine) -> None:
    """Kolmogorov-Smirnov distance of the leaving times to the piecewise exponential law."""
    before, after, patients = 0.02, 0.05, 12_000
    facts = wait_and_infuse(engine, before, after, patients)
    order = np.arange(patients) * 60
    lost = facts.state == LOST_WAITING
    days = np.sort((facts.left - order)[lost] / 1440)

    def gone_by(day: Floats) -> Floats:
        hazard = before * np.minimum(day, DELAYS[0]) + after * np.maximum(day - DELAYS[0], 0.0)
        return 1 - np.exp(-hazard)

    empirical = np.arange(1, days.size + 1) / patients
    assert np.abs(empirical - gone_by(days)).max() < 1.95 / math.sqrt(patients)  # 0.1% level


@pytest.mark.parametrize("shape", [0.6, 2.5])
@pytest.mark.parametrize(("before", "after"), [(0.03, 0.02), (0.0, 0.025), (0.02, 0.03)])
def test_weibull_clocks_go_on_where_they_would_have_been(
    engine: Engine, shape: float, before: float, after: float
) -> None:
    """The cumulative hazard is (before d)^k to the collection; from there it grows as (after d)^k
    does from that day on, times what bridging leaves of it."""
    patients, bridging = 12_000, 0.6
    facts = wait_and_infuse(engine, before, after, patients, shape=shape, bridging=bridging)
    first, last = DELAYS[0], sum(DELAYS)
    waiting = (before * first) ** shape
    making = bridging * ((after * last) ** shape - (after * first) ** shape)
    for share, truth in [
        ((facts.start[:, 1] >= 0).mean(), math.exp(-waiting)),
        ((facts.state == INFUSED).mean(), math.exp(-waiting - making)),
    ]:
        error = math.sqrt(truth * (1 - truth) / patients)
        assert abs(share - truth) <= 4 * error, (share, truth)


@pytest.mark.parametrize(("success", "attempts"), [(0.9, 2), (0.6, 3), (0.3, 5)])
def test_retries_are_geometric_and_truncated(engine: Engine, success: float, attempts: int) -> None:
    """With k attempts at success p: lost (1-p)^k, attempts on average (1-(1-p)^k)/p."""
    patients = 12_000
    plan = plan_of(patients_route(step(failures=failing(0, attempts)), step()), horizon=LONG)
    failed = np.random.default_rng(11).random((patients * attempts, 2)) >= [success, 0.0]
    failed[:, 1] = False
    facts = engine(
        plan,
        journeys_of(
            plan,
            order=np.arange(patients),
            duration=7 * 1440,
            outcome=np.where(failed, FAILED, SUCCESS),
        ),
    )
    lost = (1 - success) ** attempts
    error = math.sqrt(lost * (1 - lost) / patients)
    assert abs((facts.state == LOST_MANUFACTURING).mean() - lost) < 4 * error
    used = (facts.start[:, 0].reshape(patients, attempts) >= 0).sum(axis=1)
    error = used.std(ddof=1) / math.sqrt(patients)
    assert abs(used.mean() - (1 - lost) / success) < 4 * error
    assert used.max() == attempts
