"""Eligible patients: new ones every month, and those who were waiting when the product came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.demand.months import coming, share_after
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import Market, PrevalentPool
from cartsim.scenario.values import Series
from cartsim.units import Floats


@dataclass(frozen=True)
class Incident:
    """Newly eligible patients a month, and those who join the prevalent pool in it; both broadcast
    to [R, M]."""

    new: Floats
    joining: Floats


def incident(market: Market, drawn: Drawn) -> Incident:
    """Incidence a year times the length of the month in years times the funnel's fractions, of the
    market and of each label from its date on."""
    assert market.incidence_per_year is not None  # the loader sees to it
    new = _through(market.incidence_per_year, market.funnel, drawn)
    joining = np.zeros((1, 1))
    for label in market.labels.values():
        granted = coming(drawn, label.begin, label.delay_months, label.probability)
        since = share_after(drawn.calendar, granted)
        new = new + since * _through(label.incidence_per_year, label.funnel, drawn)
        if label.pool_patients.constant != 0.0:
            horizon, first = drawn.calendar.horizon, drawn.calendar.month_start[:-1]
            month = (granted >= first) & (granted < drawn.calendar.month_start[1:])
            # a label from before the run has brought its patients by the first month
            month[:, 0] |= (granted[:, 0] < 0) & (granted[:, 0] < horizon)
            joining = joining + month * by_replication(drawn, label.pool_patients)
    return Incident(new, joining)


def _through(incidence: Series, funnel: Mapping[str, Series], drawn: Drawn) -> Floats:
    patients = by_month(drawn, incidence) * drawn.calendar.month_years
    for fraction in funnel.values():
        patients = patients * by_month(drawn, fraction)
    return patients


@dataclass(frozen=True)
class Pool:
    """How the patients who were waiting at the launch (or at the start, if later) become fewer.

    - ``waiting``: float64[R, M + 1], patients untreated and alive at the months' edges.
    - ``seeking``: float64[R, M], of those, the ones who come up for a decision in the month.
    - ``joined``: float64[R, M], patients whom a label has made eligible at the month's beginning.
    - ``ordered``: float64[R, M], orders that were pool patients' (a share of the month's orders, so
      not always whole).
    - ``exits``: float64[R, M], patients who died or left for a trial.

    In every replication initial pool + joined = orders + exits + those who still wait.
    """

    waiting: Floats
    seeking: Floats
    joined: Floats
    ordered: Floats
    exits: Floats

    @classmethod
    def empty(cls, shape: tuple[int, int]) -> Pool:
        months = (np.zeros(shape) for _ in range(4))
        return cls(np.zeros((shape[0], shape[1] + 1)), *months)


def rates(pool: PrevalentPool, drawn: Drawn, launched: Floats) -> tuple[Floats, Floats]:
    """Of those who wait, the shares who come up for a decision in a month and, of those not ordered
    for, who leave; [R, M] each.

    1 - exp(-seeking_per_year * month) and 1 - exp(-exit_per_year * month), the second from the
    launch on (``launched``: share of each month after it).
    """
    shape = (len(drawn.replications), drawn.calendar.months)
    month_years = drawn.calendar.month_years
    comes_up = -np.expm1(-by_replication(drawn, pool.seeking_per_year) * month_years)
    leaves = -np.expm1(-by_replication(drawn, pool.exit_per_year) * month_years * launched)
    return np.broadcast_to(comes_up, shape), np.broadcast_to(leaves, shape)
