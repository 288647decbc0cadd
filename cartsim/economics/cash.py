"""Cash, month after month: what it earns, what its currencies do to it, what tax takes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.compiled import fixed
from cartsim.economics.prices import exchange_rate
from cartsim.economics.tables import nothing
from cartsim.economics.tax import opening_losses, rate_of_years, year_by_year
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.units import Floats


@dataclass(frozen=True)
class CashFlows:
    """The lines that depend on the balance of cash; float64[R, month], reporting currency."""

    opening_cash: Floats
    interest: Floats
    foreign_exchange: Floats
    tax: Floats
    closing_cash: Floats


def roll_forward(
    scenario: Scenario, drawn: Drawn, operating_result: Floats, cash_before: Floats
) -> CashFlows:
    """Carry the balance through the months.

    ``operating_result`` and ``cash_before`` (all cash flows before interest, foreign exchange and
    tax) are float64[R, month]. A month's interest and exchange difference are those of its opening
    balance where that is positive. Tax is assessed on the result before tax of each calendar year
    at the rate of the year's last month, and paid in that month.
    """
    calendar, company = drawn.calendar, scenario.company
    shape = cash_before.shape
    abroad, none = bool(company.cash_held_abroad), np.zeros((0, 0))
    interest, tax = np.empty(shape), np.zeros(shape)
    exchange = np.empty(shape) if abroad else none
    closing = np.empty((shape[0], shape[1] + 1))  # with the opening balance before it
    closing[:, 0] = drawn.value(company.opening_cash)
    losses = opening_losses(
        drawn.value(company.tax.opening_loss), company.tax.loss_carry_forward_years
    )
    year_by_year(
        *(tax, losses, closing, interest, exchange),
        *fixed(
            calendar.year_edges,
            operating_result,
            rate_of_years(company, drawn),
            drawn.value(company.tax.usable_share_of_profit),
            cash_before,
            drawn.monthly(company.interest_rate_on_cash) * calendar.month_years,
            exchange_gain(scenario, drawn) if abroad else none,
        ),
    )
    return CashFlows(
        opening_cash=closing[:, :-1],
        interest=interest,
        foreign_exchange=exchange if abroad else nothing(shape),
        tax=tax,
        closing_cash=closing[:, 1:],
    )


def exchange_gain(scenario: Scenario, drawn: Drawn) -> Floats:
    """Gain on one unit of cash from the currencies in which a part of it is held, float64[R, M].

    Shares of the balance are held at the rate of the month before and revalued at that of the
    month; the first month has no month before and no gain.
    """
    gain = np.zeros((len(drawn.replications), drawn.calendar.months))
    for currency, share in scenario.company.cash_held_abroad.items():
        rate = exchange_rate(scenario, drawn, currency)
        change = np.diff(rate, axis=1) / rate[:, :-1]
        gain[:, 1:] += drawn.value(share)[:, None] * change
    return gain
