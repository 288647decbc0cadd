"""Doses made to stock against the closed forms of inventory theory.

Lots meet no queue, so that the lead times of a stock are independent, and orders are Poisson.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats
from simulated import LONG, journeys_of, lots_route, patients_route, plan_of, step

from cartsim.simulation import Engine
from cartsim.simulation.plan import NO_MARKET, Kind, Policy
from cartsim.simulation.timelines import IN_STOCK
from cartsim.units import NEVER, Floats, Ints, minutes

LEAD = 10.0
"""Mean days from the order of a lot to its release."""


@dataclass(frozen=True)
class Demand:
    """Waits of the patients of each replication in days, [replication, patient], those of the
    beginning left out."""

    wait: Floats

    @property
    def served_at_once(self) -> Floats:
        return (self.wait == 0).mean(axis=1)

    @property
    def mean_wait(self) -> Floats:
        return self.wait.mean(axis=1)


def demand(
    engine: Engine,
    policy: Policy,
    per_day: float,
    *,
    reorder_point: int,
    level: int,
    doses_per_lot: int = 1,
    lead: str = "fixed",
    replications: int = 30,
    patients: int = 1500,
    warm_up: int = 300,
) -> Demand:
    """Patients who take a dose at the order, or wait for one."""
    patients_way = patients_route(step(dose=True), step(), kind=Kind.FROM_STOCK, stock=0)
    plan = plan_of(patients_way, lots_route(step()), policies=[policy], horizon=LONG)
    rng = np.random.default_rng(3)
    lots = patients // doses_per_lot + level + 50
    each = patients + 1 + lots
    row = np.arange(replications * each) % each
    is_lot, is_initial = row > patients, row == patients
    order = np.full(row.size, -1)
    gaps = rng.exponential(1 / per_day, (replications, patients))
    order[row < patients] = minutes(np.cumsum(gaps, axis=1)).ravel()
    attempt_first = np.concatenate([[0], np.cumsum(~is_initial)])
    of_lot = is_lot[~is_initial]
    takes = rng.exponential(LEAD, of_lot.size) if lead == "exponential" else LEAD
    first = np.arange(replications + 1) * each
    facts = engine(
        plan,
        journeys_of(
            plan,
            first=first,
            lots_first=np.stack([first[:-1] + patients, first[1:]], axis=1),
            order=order,
            route=is_lot | is_initial,
            market=np.where(is_lot | is_initial, NO_MARKET, 0),
            doses=np.select([is_initial, is_lot], [0, doses_per_lot], 1),
            shelf_life=np.where(is_lot | is_initial, NEVER, 0),
            attempt_first=attempt_first,
            duration=np.where(of_lot, minutes(takes), 0)[:, None] * [1, 0],
            reorder_point=reorder_point,
            order_level=level,
            planned_yield=doses_per_lot,
        ),
    )
    wait = (facts.start - facts.ready)[~of_lot, 0].reshape(replications, patients)
    return Demand(wait[:, warm_up:] / 1440)


def assert_agrees(by_replication: Floats, truth: float, *, precision: float) -> None:
    """Within 4 standard errors of the truth, and the error within ``precision`` of it."""
    error = by_replication.std(ddof=1) / math.sqrt(by_replication.size)
    assert error < precision * truth, f"standard error {error} is too wide to test {truth}"
    assert abs(by_replication.mean() - truth) < 4 * error, (by_replication.mean(), truth, error)


def shortage(position: int, due: float) -> float:
    """Mean of what Poisson demand of mean ``due`` exceeds a position by."""
    demand = np.arange(200)
    return float((np.maximum(demand - position, 0) * stats.poisson.pmf(demand, due)).sum())


@pytest.mark.parametrize("lead", ["fixed", "exponential"])
@pytest.mark.parametrize(("per_day", "level"), [(0.5, 7), (0.8, 6)])
def test_base_stock(engine: Engine, lead: str, per_day: float, level: int) -> None:
    """Each dose taken is ordered again: what is under way is Poisson, whatever the law of the lead
    time (Palm 1938), and the wait is the mean shortage over the rate (Little)."""
    found = demand(
        engine, Policy.ORDER_UP_TO, per_day, reorder_point=level - 1, level=level, lead=lead
    )
    due = per_day * LEAD
    assert_agrees(found.served_at_once, stats.poisson.cdf(level - 1, due), precision=0.05)
    assert_agrees(found.mean_wait, shortage(level, due) / per_day, precision=0.1)


@pytest.mark.parametrize(("level", "published"), [(66, 0.76449), (75, 0.96593)])
def test_base_stock_of_many(engine: Engine, level: int, published: float) -> None:
    """Sixty doses are due over the lead time in the mean."""
    assert stats.poisson.cdf(level - 1, 60) == pytest.approx(published, abs=5e-6)
    found = demand(
        engine,
        Policy.ORDER_UP_TO,
        6.0,
        reorder_point=level - 1,
        level=level,
        patients=3000,
        warm_up=600,
    )
    assert_agrees(found.served_at_once, published, precision=0.03)


@pytest.mark.parametrize(("reorder_point", "quantity"), [(5, 4), (3, 8)])
def test_reorder_point_and_fixed_quantity(
    engine: Engine, reorder_point: int, quantity: int
) -> None:
    """The position is uniform above the reorder point (Hadley and Whitin 1963), so the shortage is
    the mean of those of as many base stocks."""
    per_day = 0.6
    found = demand(
        engine,
        Policy.FIXED_QUANTITY,
        per_day,
        reorder_point=reorder_point,
        level=quantity,
        doses_per_lot=quantity,
    )
    due = per_day * LEAD
    positions = range(reorder_point + 1, reorder_point + quantity + 1)
    at_once = np.mean([stats.poisson.cdf(position - 1, due) for position in positions])
    wait = np.mean([shortage(position, due) / per_day for position in positions])
    assert_agrees(found.served_at_once, float(at_once), precision=0.03)
    assert_agrees(found.mean_wait, float(wait), precision=0.1)


@pytest.mark.parametrize(("doses", "due"), [(5, 4.0), (9, 6.0), (3, 6.0)])
def test_what_is_left_of_one_stock_expires(engine: Engine, doses: int, due: float) -> None:
    """A stock that is not made again, the newsvendor's: of Poisson demand within the shelf life the
    mean number served is E min(D, Q), and E (Q - D)+ expire."""
    replications, shelf_life = 3000, minutes(30.0)
    plan = plan_of(
        patients_route(step(dose=True), kind=Kind.FROM_STOCK, stock=0),
        lots_route(step()),
        policies=[Policy.CAMPAIGN],
        horizon=int(2 * shelf_life),
    )
    rng = np.random.default_rng(17)
    coming = rng.poisson(2 * due, replications)
    size = coming + 1
    first = np.concatenate([[0], np.cumsum(size)])
    initial = np.zeros(first[-1], dtype=bool)
    initial[first[1:] - 1] = True
    journeys = journeys_of(
        plan,
        first=first,
        lots_first=np.stack([first[1:] - 1, first[1:]], axis=1),
        order=orders_in(rng, coming, 2 * int(shelf_life)),
        route=initial,
        market=np.where(initial, NO_MARKET, 0),
        doses=np.where(initial, doses, 1),
        shelf_life=np.where(initial, shelf_life, 0),
        attempt_first=np.concatenate([[0], np.cumsum(~initial)]),
        duration=np.zeros((int(coming.sum()), 1)),
    )
    facts = engine(plan, journeys)
    assert (facts.state[initial] == IN_STOCK).all()
    expired = facts.expired[initial]
    served = np.add.reduceat(facts.state == 1, first[:-1])
    np.testing.assert_array_equal(served + expired, doses)
    left = np.arange(doses + 1)
    truth = float(((doses - left) * stats.poisson.pmf(left, due)).sum())
    assert_agrees(expired.astype(np.float64), truth, precision=0.1)


def orders_in(rng: np.random.Generator, coming: Ints, until: int) -> Ints:
    """Minutes of orders, sorted in each replication, and -1 for the stock that follows them."""
    return np.concatenate(
        [[*np.sort(rng.integers(0, until, count)), -1] for count in coming]
    ).astype(np.int64)
