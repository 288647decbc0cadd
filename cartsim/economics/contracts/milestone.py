"""A payment that is due once: on a date, or when a year's net sales pass a level."""

from __future__ import annotations

import numpy as np

from cartsim.economics.contracts.ledger import Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.events import Flags
from cartsim.scenario.model import Milestone
from cartsim.units import Calendar, Floats


def milestone(terms: Milestone, setting: Setting) -> tuple[Transfer, ...]:
    """Paid and earned in the month in which the trigger is met for the first time."""
    when = terms.when
    due = np.zeros(setting.shape, dtype=np.bool_)
    if when.date is not None:
        month = setting.month(when.date)
        if month is not None:
            due[:, month] = True
    if when.annual_net_sales_above is not None:
        level = setting.drawn.value(when.annual_net_sales_above)
        due |= first_passing(setting.calendar, setting.net_sales, level)
        due &= np.cumsum(due, axis=1) == 1  # once, even where a date and a level are both given
    paid = due * setting.drawn.value(terms.amount)[:, None]
    return (
        Transfer(
            contract=setting.contract,
            leg=terms.name or "milestone",
            kind="licence",
            payer=setting.party(terms.begin),
            payee=setting.party(terms.to),
            markets=setting.markets,
            cash=paid,
            income=paid,
            deferred_at_start=np.zeros(setting.shape[0]),
        ),
    )


def first_passing(calendar: Calendar, sales: Floats, level: Floats) -> Flags:
    """The month in which sales of a calendar year first exceed a level, bool[R, month].

    ``sales`` is float64[R, month], ``level`` float64[R]; each row holds at most one True. Sales of
    the first calendar year from before the run are not known and count as none.
    """
    cumulative = np.empty_like(sales)
    for year in calendar.years_covered:
        months = calendar.year_of_month == year
        cumulative[:, months] = np.cumsum(sales[:, months], axis=1)
    above = cumulative > level[:, None]
    first = above.argmax(axis=1)
    passing: Flags = above & (np.arange(sales.shape[1]) == first[:, None])
    return passing
