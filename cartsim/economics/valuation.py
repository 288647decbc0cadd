"""What a stream of cash is worth, and how long the cash lasts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cartsim.economics.statement import Statement
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.units import Calendar, Floats

SHORTFALL = 0.005
"""Cash counts as below zero from half a cent on, so that rounding makes no shortfall."""


def present_value(flows: Floats, rate: Floats, calendar: Calendar) -> Floats:
    """Value at the start of monthly flows, each taken as paid in the middle of its month.

    ``flows`` is float64[R, month] (nominal), ``rate`` the annual rate, float64[R]; returns
    float64[R] = sum of flow / (1 + rate) ** t, t in years from the start to the month's middle.
    """
    middle = np.cumsum(calendar.month_years) - calendar.month_years / 2.0
    discount: Floats = (1.0 + rate)[:, None] ** -middle
    value: Floats = (flows * discount).sum(axis=1)
    return value


def free_cash_flow(statement: Statement) -> Floats:
    """Cash flow of the business before financing, float64[R, month].

    Operations less the interest earned on cash, plus investing. Interest and exchange differences
    come from how the cash is kept, not from the business, so they are left out; tax is in as paid.
    """
    lines = statement.lines
    return lines["cash_from_operations"] - lines["interest"] + lines["cash_from_investing"]


def npv(scenario: Scenario, drawn: Drawn, statement: Statement) -> Floats:
    """Net present value at the start of the free cash flow of the run, float64[R], nominal at
    ``company.discount_rate``; without the opening cash, and without a value after the horizon.
    """
    rate = drawn.value(scenario.company.discount_rate)
    return present_value(free_cash_flow(statement), rate, drawn.calendar)


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
