"""Cash, month after month: what it earns, what its currencies do to it, what tax takes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.economics.prices import exchange_rate
from cartsim.economics.tax import assess, opening_losses
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
    # Months first: each step of the loop then reads and writes contiguous rows.
    interest_factor = (drawn.monthly(company.interest_rate_on_cash) * calendar.month_years).T
    exchange_factor = exchange_gain(scenario, drawn).T
    tax_rate = drawn.monthly(company.tax.rate).T
    usable_share = drawn.value(company.tax.usable_share_of_profit)
    result, flow = operating_result.T, cash_before.T
    losses = opening_losses(
        drawn.value(company.tax.opening_loss), company.tax.loss_carry_forward_years
    )
    opening, interest, exchange, tax, closing = (np.zeros(flow.shape) for _ in range(5))
    balance = drawn.value(company.opening_cash)
    last_month = {int(year): month for month, year in enumerate(calendar.year_of_month)}
    year_result = np.zeros_like(balance)
    for month, year in enumerate(calendar.year_of_month):
        earning = np.maximum(balance, 0.0)
        opening[month] = balance
        interest[month] = earning * interest_factor[month]
        exchange[month] = earning * exchange_factor[month]
        year_result = year_result + result[month] + interest[month] + exchange[month]
        if last_month[int(year)] == month:
            tax[month], losses = assess(losses, year_result, tax_rate[month], usable_share)
            year_result = np.zeros_like(balance)
        balance = balance + flow[month] + interest[month] + exchange[month] - tax[month]
        closing[month] = balance
    return CashFlows(
        *(np.ascontiguousarray(line.T) for line in (opening, interest, exchange, tax, closing))
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
