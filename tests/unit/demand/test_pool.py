from __future__ import annotations

import numpy as np
from unit.demand.market_by_hand import world

from cartsim.demand.eligible import Pool
from cartsim.demand.orders import Demand


def course(demand: Demand) -> Pool:
    assert demand.pool is not None
    return demand.pool


def test_a_pool_waits_untouched_until_the_launch() -> None:
    body = "incidence_per_year: 0\nprevalent_pool: {patients: 300, exit_per_year: 20%}"
    pool = course(world(body, launch="2024-05-01", replications=20).demand)
    np.testing.assert_array_equal(pool.waiting[:, :5], 300)
    assert (pool.waiting[:, 5] < 300).all()


def test_eligible_patients_are_the_new_ones_and_the_seekers() -> None:
    body = "incidence_per_year: 120\nprevalent_pool: {patients: 300, exit_per_year: 20%}"
    found = world(body, replications=20)
    eligible = found.demand.factors["eligible"]
    new = 120 * found.drawn.calendar.month_years
    np.testing.assert_allclose(eligible, new + course(found.demand).seeking)
    np.testing.assert_allclose(found.demand.expected, eligible)
    np.testing.assert_allclose(
        course(found.demand).seeking[:, 0], 300 * -np.expm1(-31 / 366), rtol=1e-12
    )


def test_without_demand_the_pool_shrinks_by_its_exits_alone() -> None:
    body = """
        incidence_per_year: 0
        coverage: 0%
        prevalent_pool: {patients: 300, exit_per_year: 50%}
    """
    pool = course(world(body).demand)
    np.testing.assert_allclose(pool.waiting[:, 12], 300 * np.exp(-0.5), rtol=1e-12)
    assert not pool.ordered.any()


def test_orders_never_exceed_those_who_still_wait() -> None:
    body = """
        incidence_per_year: 0
        prevalent_pool: {patients: {uniform: [0, 9]}, exit_per_year: 5%, seeking_per_year: 1000%}
    """
    found = world(body, replications=2000).demand
    waiting = course(found).waiting
    assert (found.orders <= waiting[:, :-1] + 1e-6).all()
    assert (found.orders.sum(axis=1) <= waiting[:, 0]).all()
    assert (waiting >= 0).all()
    # chance alone would have asked for more in many a replication
    assert (found.orders.sum(axis=1) > waiting[:, 0] - 1).mean() > 0.3


def test_a_block_has_the_same_pool_as_the_whole() -> None:
    body = """
        incidence_per_year: 60
        prevalent_pool: {patients: {uniform: [0, 90]}, exit_per_year: 5%}
    """
    whole = world(body, replications=10).demand
    part = world(body, replications=range(6, 9)).demand
    np.testing.assert_array_equal(whole.orders[6:9], part.orders)
    np.testing.assert_array_equal(course(whole).waiting[6:9], course(part).waiting)
