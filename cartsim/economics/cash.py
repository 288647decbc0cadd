"""Cash, month after month: what it earns, what its currencies do to it, what tax takes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.compiled import compiled
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
    interest_factor = drawn.monthly(company.interest_rate_on_cash) * calendar.month_years
    tax_rate = drawn.monthly(company.tax.rate)
    usable_share = drawn.value(company.tax.usable_share_of_profit)
    losses = opening_losses(
        drawn.value(company.tax.opening_loss), company.tax.loss_carry_forward_years
    )
    lines = np.empty((5, *cash_before.shape))
    balance = np.array(drawn.value(company.opening_cash))
    exchange_factor = exchange_gain(scenario, drawn)
    for year in calendar.months_of_years:
        first, last = year.start, year.stop - 1
        result = np.zeros_like(balance)
        _one_year(
            lines,
            balance,
            result,
            np.ascontiguousarray(operating_result),
            np.ascontiguousarray(cash_before),
            interest_factor,
            np.ascontiguousarray(exchange_factor),
            first,
            last,
        )
        tax, losses = assess(losses, result, tax_rate[:, last], usable_share)
        lines[3, :, last] = tax
        balance -= tax
        lines[4, :, last] = balance
    return CashFlows(*lines)


@compiled
def _one_year(
    lines: Floats,
    balance: Floats,
    result: Floats,
    operating_result: Floats,
    flow: Floats,
    interest_factor: Floats,
    exchange_factor: Floats,
    first: int,
    last: int,
) -> None:
    """Carry ``balance``, float64[R], through the months of a year, before its tax, and add up its
    ``result``, float64[R]. ``lines``, float64[5, R, month], are those of :class:`CashFlows`."""
    for row in range(len(balance)):
        cash, sum_of_year = balance[row], 0.0
        for month in range(first, last + 1):
            earning = max(cash, 0.0)
            interest = earning * interest_factor[row, month]
            exchange = earning * exchange_factor[row, month]
            lines[0, row, month] = cash
            lines[1, row, month] = interest
            lines[2, row, month] = exchange
            lines[3, row, month] = 0.0
            sum_of_year = sum_of_year + operating_result[row, month] + interest + exchange
            cash = cash + flow[row, month] + interest + exchange
            lines[4, row, month] = cash
        balance[row], result[row] = cash, sum_of_year


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
