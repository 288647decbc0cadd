"""Money from owners and lenders, and money that is owed between sale or cost and payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from cartsim.demand.months import window
from cartsim.economics.dated import add_on
from cartsim.economics.tables import is_nothing, nothing
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.units import DAYS_PER_MONTH, Floats


@dataclass(frozen=True)
class Financing:
    """Rounds and loans by month, float64[R, month]: cash in (repayments negative), the part of it
    that owners pay for shares, interest paid, and the debt at the month's end; and the debt when
    the run opens, float64[R]."""

    cash: Floats
    raised: Floats
    interest: Floats
    debt: Floats
    debt_at_start: Floats


def financing(scenario: Scenario, drawn: Drawn) -> Financing:
    """The rounds and loans of the company. Interest is paid for the part of each month in which a
    loan is outstanding."""
    shape = (len(drawn.replications), drawn.calendar.months)
    if not scenario.company.rounds and not scenario.company.loans:
        none = nothing(shape)
        return Financing(none, none, none, none, np.zeros(shape[0]))
    cash, raised, interest, debt = (np.zeros(shape) for _ in range(4))
    debt_at_start = np.zeros(shape[0])
    for round_ in scenario.company.rounds.values():
        amount = drawn.value(round_.amount)
        if round_.probability.constant != 1.0:
            chance = drawn.uniform(f"{round_.path}.probability.comes")
            amount = amount * (chance < drawn.value(round_.probability))
        for total in (cash, raised):
            add_on(total, drawn.calendar, round_.date, amount)
    for loan in scenario.company.loans.values():
        amount = drawn.value(loan.amount)
        add_on(cash, drawn.calendar, loan.drawn, amount)
        if loan.repaid is not None:
            add_on(cash, drawn.calendar, loan.repaid, -amount)
        out = window(drawn.calendar, loan.drawn, loan.repaid).share
        rate = drawn.value(loan.interest_rate)[:, None] * drawn.calendar.month_years
        interest += amount[:, None] * rate * out
        debt += amount[:, None] * _outstanding(drawn, loan.drawn, loan.repaid)
        start = drawn.calendar.start
        if loan.drawn < start and (loan.repaid is None or loan.repaid >= start):
            debt_at_start += amount
    return Financing(cash, raised, interest, debt, debt_at_start)


def _outstanding(drawn: Drawn, begin: date, until: date | None) -> Floats:
    """1 at the ends of the months at which a loan is outstanding, float64[month]."""
    end = drawn.calendar.month_start[1:]
    out = end > drawn.calendar.minute(begin)
    if until is not None:
        out &= end <= drawn.calendar.minute(until)
    return out.astype(np.float64)


def owed(flow: Floats, days: Floats) -> Floats:
    """The part of a monthly flow that is not paid yet at each month's end, float64[R, month].

    Each month's flow is paid evenly over a month that begins ``days`` (float64[R]) after it began:
    of a flow k months old the part that is outstanding is days / month - k, between 0 and 1.
    Nothing is owed when the run begins.
    """
    length = days / DAYS_PER_MONTH
    oldest = int(np.ceil(length.max(initial=0.0)))
    if oldest == 0 or is_nothing(flow):
        return nothing(flow.shape)
    balance = np.zeros(flow.shape)
    for age in range(oldest):
        part = np.clip(length - age, 0.0, 1.0)[:, None]
        balance[:, age:] += part * flow[:, : flow.shape[1] - age]
    return balance


def change(balance: Floats) -> Floats:
    """How a balance grows in each month, from nothing at the start."""
    if is_nothing(balance):
        return balance
    grown = balance.copy()
    grown[:, 1:] -= balance[:, :-1]
    return grown
