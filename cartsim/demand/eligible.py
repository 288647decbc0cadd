"""Eligible patients: new ones every month, and those who were waiting when the product came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.distributions.poisson_quantile import poisson_quantile
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Market, PrevalentPool
from cartsim.units import Floats, Ints


def incident(market: Market, drawn: Drawn) -> Floats:
    """Newly eligible patients a month, broadcastable to [R, M]: incidence a year times the length
    of the month in years times the funnel's fractions.
    """
    assert market.incidence_per_year is not None  # the loader sees to it
    patients = by_month(drawn, market.incidence_per_year) * drawn.calendar.month_years
    for fraction in market.funnel.values():
        patients = patients * by_month(drawn, fraction)
    return patients


@dataclass(frozen=True)
class Pool:
    """How the patients who were waiting at the launch (or at the start, if later) become fewer.

    - ``waiting``: float64[R, M + 1], patients untreated and alive at the months' edges.
    - ``seeking``: float64[R, M], of those, the ones who come up for a decision in the month.
    - ``ordered``: float64[R, M], orders that were pool patients' (a share of the month's orders, so
      not always whole).
    - ``exits``: float64[R, M], patients who died or left for a trial.

    In every replication initial pool = orders + exits + those who still wait.
    """

    waiting: Floats
    seeking: Floats
    ordered: Floats
    exits: Floats


def worked_off(
    pool: PrevalentPool, drawn: Drawn, new: Floats, reach: Floats, launched: Floats, u: Floats
) -> tuple[Pool, Floats, Ints]:
    """Work a pool off month by month; returns its course, expected orders and orders, [R, M].

    Of those who wait, 1 - exp(-seeking_per_year * month) come up for a decision in a month and join
    the ``new`` eligible patients; both are ordered for with probability ``reach`` (coverage *
    affordability * adoption * class share). Those ordered for leave the pool, and of the others
    1 - exp(-exit_per_year * month), from the launch on (``launched``: float64[M], share of each
    month). The month's orders are Poisson at the uniforms ``u`` [R, M]; where that would be more
    than the pool holds, the orders are what it holds. A loop over months, because orders of one
    month change the next.
    """
    shape = u.shape
    new, reach = np.broadcast_to(new, shape), np.broadcast_to(reach, shape)
    month_years = drawn.calendar.month_years
    comes_up = -np.expm1(-by_replication(drawn, pool.seeking_per_year) * month_years)
    leaves = -np.expm1(-by_replication(drawn, pool.exit_per_year) * month_years * launched)
    comes_up, leaves = np.broadcast_to(comes_up, shape), np.broadcast_to(leaves, shape)
    waiting = np.empty((shape[0], shape[1] + 1))
    seeking, ordered, exits, expected = (np.empty(shape) for _ in range(4))
    orders = np.empty(shape, dtype=np.int64)
    waiting[:, 0] = drawn.value(pool.patients)
    for month in range(shape[1]):
        held = waiting[:, month]
        seeking[:, month] = held * comes_up[:, month]
        eligible = new[:, month] + seeking[:, month]
        expected[:, month] = eligible * reach[:, month]
        count = poisson_quantile(u[:, month], expected[:, month])
        share = seeking[:, month] / np.where(eligible > 0, eligible, 1.0)
        count = np.minimum(count, np.floor(count * (1.0 - share) + held + 1e-9).astype(np.int64))
        orders[:, month] = count
        ordered[:, month] = np.minimum(count * share, held)
        left = held - ordered[:, month]
        exits[:, month] = left * leaves[:, month]
        waiting[:, month + 1] = left - exits[:, month]
    return Pool(waiting, seeking, ordered, exits), expected, orders
