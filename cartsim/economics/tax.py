"""Corporate income tax with losses carried forward, one calendar year at a time."""

from __future__ import annotations

import numpy as np

from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Company
from cartsim.units import Floats


def opening_losses(opening_loss: Floats, years: int) -> Floats:
    """Losses brought in, as if made in the year before the run, float64[R, years].

    The columns are the years whose losses may still be used, oldest first; ``years`` = 0 means
    that losses cannot be carried forward.
    """
    losses = np.zeros((opening_loss.size, years))
    if years > 0:
        losses[:, -1] = opening_loss
    return losses


def assess(
    losses: Floats, result: Floats, rate: Floats, usable_share: Floats
) -> tuple[Floats, Floats]:
    """Tax of one year and the losses left for the next.

    ``losses`` is float64[R, years] as in :func:`opening_losses`; ``result`` (before tax), ``rate``
    and ``usable_share`` are float64[R]. Losses reduce at most the usable share of a profit, the
    oldest are used first, and after the year the oldest column has expired and the year's own loss
    is the newest. A loss pays no tax and gets none back.
    """
    profit = np.maximum(result, 0.0)
    available = losses.sum(axis=1)
    used = np.minimum(available, usable_share * profit)
    older = np.cumsum(losses, axis=1) - losses
    used_by_year = np.clip(used[:, None] - older, 0.0, losses)
    left = losses - used_by_year
    own = np.maximum(-result, 0.0)[:, None]
    following = np.concatenate([left, own], axis=1)[:, 1:] if losses.shape[1] else losses
    return rate * (profit - used), following


def tax_without_financing(company: Company, drawn: Drawn, operating_result: Floats) -> Floats:
    """Tax that would be paid if the company had neither interest nor exchange differences,
    float64[R, month], in the last month of each year: that of the business alone."""
    calendar = drawn.calendar
    tax = np.zeros(operating_result.shape)
    rate, share = drawn.monthly(company.tax.rate), drawn.value(company.tax.usable_share_of_profit)
    losses = opening_losses(
        drawn.value(company.tax.opening_loss), company.tax.loss_carry_forward_years
    )
    for year in calendar.months_of_years:
        last = year.stop - 1
        result = operating_result[:, year].sum(axis=1)
        tax[:, last], losses = assess(losses, result, rate[:, last], share)
    return tax
