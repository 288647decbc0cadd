"""What a stream of cash is worth, and how long the cash lasts."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from cartsim.economics.statement import Statement
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.units import Calendar, Floats

LOWEST, HIGHEST = -0.99, 10.0
"""Internal rates of return that are told, a year."""
SHORTFALL = 0.005
"""Cash counts as below zero from half a cent on, so that rounding makes no shortfall."""


def present_value(flows: Floats, rate: Floats, calendar: Calendar) -> Floats:
    """Value at the start of monthly flows, each taken as paid in the middle of its month.

    ``flows`` is float64[R, month] (nominal), ``rate`` the annual rate, float64[R]; returns
    float64[R] = sum of flow / (1 + rate) ** t, t in years from the start to the month's middle.
    """
    middle = np.cumsum(calendar.month_years) - calendar.month_years / 2.0
    each = rate[:1] if (rate == rate[:1]).all() else rate
    discount: Floats = (1.0 + each)[:, None] ** -middle
    value: Floats = (flows * discount).sum(axis=1)
    return value


def npv(scenario: Scenario, drawn: Drawn, statement: Statement) -> Floats:
    """Net present value at the start of the free cash flow of the run, float64[R], nominal at
    ``company.discount_rate``; without the opening cash, and without a value after the horizon.
    """
    rate = drawn.value(scenario.company.discount_rate)
    return present_value(statement.lines["free_cash_flow"], rate, drawn.calendar)


def irr(flows: Floats) -> Floats:
    """Internal rate of return a year of monthly flows, float64[R]; NaN where flows of one sign have
    none, where money comes in before any is spent, so that no rate is one of return, and where it
    lies outside the range of :func:`irr_roots`: what is spent for a month only, or is almost
    nothing, has a rate that says nothing. Where there are several it is the one nearest to nothing.
    """
    from pyxirr import irr as monthly_rate

    found = np.full(len(flows), np.nan)
    first = flows[np.arange(len(flows)), (flows != 0.0).argmax(axis=1)]
    for row in np.flatnonzero((first < 0.0) & (flows > 0.0).any(axis=1)):
        rate = monthly_rate(flows[row])
        if rate is not None and LOWEST <= (1.0 + rate) ** 12 - 1.0 <= HIGHEST:
            found[row] = (1.0 + rate) ** 12 - 1.0
    return found


def irr_roots(flows: Floats) -> Floats:
    """Number of rates between -99% and 1,000% a year at which the flows are worth nothing,
    float64[R]; more than one makes an internal rate of return ambiguous."""
    found = np.zeros(len(flows))
    both = (flows > 0).any(axis=1) & (flows < 0).any(axis=1)  # others have none
    if both.any():
        sign = np.sign(flows[both] @ _discounts(flows.shape[1]))
        found[both] = (np.diff(sign, axis=1) != 0).sum(axis=1)
    return found


@lru_cache(maxsize=8)
def _discounts(months: int) -> Floats:
    """Discount factors at a grid of rates between -99% and 1,000% a year, float64[month, rate]."""
    yearly = np.concatenate([np.linspace(0.01, 1.5, 300), np.geomspace(1.5, 11.0, 200)])
    monthly = (1.0 / yearly) ** (1.0 / 12.0)
    return np.ascontiguousarray((monthly[:, None] ** np.arange(months)).T)


def payback_months(flows: Floats) -> Floats:
    """Months until the flows added up are no more below zero, and stay so to the end, float64[R];
    NaN where they are below zero at the end."""
    cumulative = np.cumsum(flows, axis=1)
    below = cumulative < -SHORTFALL
    last = flows.shape[1] - below[:, ::-1].argmax(axis=1)
    months = np.where(below.any(axis=1), last, 0).astype(np.float64)
    return np.where(below[:, -1], np.nan, months)


def peak_funding(statement: Statement) -> Floats:
    """The greatest shortfall of closing cash below zero in any month, float64[R]; 0 if none."""
    peak: Floats = statement.lines["funding_gap"].max(axis=1)
    return peak


def first_shortfall(statement: Statement) -> npt.NDArray[np.int64]:
    """Index of the first month that closes with cash below zero, int64[R]; -1 if none does."""
    short = _short(statement)
    return np.where(short.any(axis=1), short.argmax(axis=1), -1)


def runway_months(statement: Statement) -> Floats:
    """Months that close before cash is first below zero, float64[R]; where it never is, the
    months of the run, which is then a lower bound (see :func:`runway_censored`).
    """
    first = first_shortfall(statement)
    return np.where(first < 0, _short(statement).shape[1], first).astype(np.float64)


def runway_censored(statement: Statement) -> npt.NDArray[np.bool_]:
    """Replications whose cash lasts to the end of the run, bool[R]."""
    return first_shortfall(statement) < 0


def _short(statement: Statement) -> npt.NDArray[np.bool_]:
    short: npt.NDArray[np.bool_] = statement.lines["closing_cash"] < -SHORTFALL
    return short
