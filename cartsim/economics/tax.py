"""Corporate income tax with losses carried forward, and the cash that it is paid from."""

from __future__ import annotations

import numpy as np

from cartsim.compiled import compiled, fixed
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Company
from cartsim.units import Floats, Ints


def opening_losses(opening_loss: Floats, years: int) -> Floats:
    """Losses brought in, as if made in the year before the run, float64[R, years].

    The columns are the years whose losses may still be used, oldest first; ``years`` = 0 means
    that losses cannot be carried forward.
    """
    losses = np.zeros((opening_loss.size, years))
    if years > 0:
        losses[:, -1] = opening_loss
    return losses


def taxes(
    losses: Floats, result: Floats, edges: Ints, rate: Floats, usable_share: Floats
) -> tuple[Floats, Floats]:
    """Tax, float64[R, month], in the last month of each year, and the losses left after the last.

    ``losses`` is float64[R, years] as in :func:`opening_losses`; ``result`` (before tax) is
    float64[R, month]; years begin at ``edges``, int64[Y + 1], the last of which ends them; ``rate``
    is float64[R, Y] and ``usable_share`` float64[R]. Losses reduce at most the usable share of a
    profit, the oldest are used first, and after the year the oldest column has expired and the
    year's own loss is the newest. A loss pays no tax and gets none back.
    """
    tax, left, none = np.zeros(result.shape), losses.copy(), np.zeros((0, 0))
    year_by_year(
        tax, left, none, none, none, *fixed(edges, result, rate, usable_share, none, none, none)
    )
    return tax, left


@compiled
def year_by_year(
    tax: Floats,
    losses: Floats,
    closing: Floats,
    interest: Floats,
    exchange: Floats,
    edges: Ints,
    result: Floats,
    rate: Floats,
    usable: Floats,
    flow: Floats,
    interest_factor: Floats,
    exchange_factor: Floats,
) -> None:
    """Fill ``tax`` and work on ``losses`` as :func:`taxes` says.

    Where ``closing``, float64[R, month + 1], is not empty, carry the balance in its first column
    through the months: it earns ``interest``, and ``exchange`` differences where that is not empty,
    which are part of the result that is taxed; ``flow`` is all other cash. All others are
    float64[R, month].
    """
    carries, abroad, years = len(closing) > 0, len(exchange) > 0, losses.shape[1]
    for row in range(len(tax)):
        cash = closing[row, 0] if carries else 0.0
        for year in range(len(edges) - 1):
            of_year, earned = 0.0, 0.0
            for month in range(edges[year], edges[year + 1]):
                if carries:
                    balance = max(cash, 0.0)
                    earned = balance * interest_factor[row, month]
                    interest[row, month] = earned
                    if abroad:
                        gained = balance * exchange_factor[row, month]
                        exchange[row, month] = gained
                        earned += gained
                    cash = cash + flow[row, month] + earned
                    closing[row, month + 1] = cash
                of_year += result[row, month] + earned
            profit, available = max(of_year, 0.0), 0.0
            for before in range(years):
                available += losses[row, before]
            used = min(available, usable[row] * profit)
            older = 0.0
            for before in range(years):
                loss = losses[row, before]
                if before > 0:
                    losses[row, before - 1] = loss - min(max(used - older, 0.0), loss)
                older += loss
            if years > 0:
                losses[row, years - 1] = max(-of_year, 0.0)
            due = rate[row, year] * (profit - used)
            tax[row, edges[year + 1] - 1] = due
            if carries:
                cash -= due
                closing[row, edges[year + 1]] = cash


def tax_without_financing(company: Company, drawn: Drawn, operating_result: Floats) -> Floats:
    """Tax that would be paid if the company had neither interest nor exchange differences,
    float64[R, month], in the last month of each year: that of the business alone."""
    losses = opening_losses(
        drawn.value(company.tax.opening_loss), company.tax.loss_carry_forward_years
    )
    edges, usable = drawn.calendar.year_edges, drawn.value(company.tax.usable_share_of_profit)
    return taxes(losses, operating_result, edges, rate_of_years(company, drawn), usable)[0]


def rate_of_years(company: Company, drawn: Drawn) -> Floats:
    """The tax rate of each calendar year, that of its last month, float64[R, Y]."""
    return drawn.monthly(company.tax.rate)[:, drawn.calendar.year_edges[1:] - 1]
