"""Affordability: the share of the patients whose household can pay what the payer does not."""

from __future__ import annotations

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.demand.months import window
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Market, Payer
from cartsim.units import Floats


def affordability(market: Market, drawn: Drawn) -> Floats:
    """Share of the patients who can pay, broadcastable to [R, M]; 1 in a market without payers.

    The sum over the payer segments of share * P(ability to pay >= price - what the payer pays),
    at the list price with tax, which is what is asked of the patient. Segments that together
    exceed 1 (uncertain shares may) are scaled down to 1.
    """
    if not market.payers:
        return np.ones((1, 1))
    assert market.ability_to_pay is not None  # the loader sees to it
    ability = market.ability_to_pay.lognormal
    median, sigma = by_replication(drawn, ability.median), by_replication(drawn, ability.sigma)
    price = by_month(drawn, market.price.list)
    alone = able_to_pay(price, median, sigma)
    affordable = covered = np.zeros((1, 1))
    for payer in market.payers.values():
        helped = able_to_pay(price - reimbursed(payer, price, drawn), median, sigma)
        if payer.begin is not None:
            in_force = window(drawn.calendar, payer.begin).share
            helped = in_force * helped + (1.0 - in_force) * alone
        share = by_month(drawn, payer.share)
        affordable = affordable + share * helped
        covered = covered + share
    return affordable / np.maximum(covered, 1.0)


def reimbursed(payer: Payer, price: Floats, drawn: Drawn) -> Floats:
    """What a payer in force pays of a price: its share, up to its cap."""
    paid: Floats = by_replication(drawn, payer.reimburses) * price
    return paid if payer.cap is None else np.minimum(paid, by_replication(drawn, payer.cap))


def able_to_pay(amount: Floats, median: Floats, sigma: Floats) -> Floats:
    """P(X >= amount) for X lognormal with this median and standard deviation of the logarithm.

    Money in one currency; the arguments broadcast. 1 where nothing is to be paid.
    """
    from scipy.special import ndtr

    free = amount <= 0
    amount, possible = np.where(free, 1.0, amount), median > 0
    score = (np.log(np.where(possible, median, 1.0)) - np.log(amount)) / sigma
    return np.where(free, 1.0, np.where(possible, ndtr(score), 0.0))
