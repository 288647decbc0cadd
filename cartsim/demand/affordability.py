"""Affordability: the share of the patients whose household can pay what the payer does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.demand.launch import listed_share
from cartsim.demand.months import window
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import (
    Instalments,
    Market,
    NationalListing,
    OutcomeGuarantee,
    Payer,
    Region,
)
from cartsim.scenario.values import Series
from cartsim.units import Floats


@dataclass(frozen=True)
class Segment:
    """Patients of one payer; all arrays broadcast to [R, M].

    - ``share``: of the patients.
    - ``helped``, ``alone``: who of them can pay, with the payer's money and without it.
    - ``in_force``: share of the month in which the payer pays.
    - ``paid``: what it pays for a patient, in the market's currency.
    - ``budget``: what it spends in a year, or ``None`` where it has no limit; ``path`` names it.
    """

    share: Floats
    helped: Floats
    alone: Floats
    in_force: Floats
    paid: Floats
    budget: Series | None
    path: str

    @property
    def able(self) -> Floats:
        """Share of the patients who can pay, while the budget lasts."""
        return self.in_force * self.helped + (1.0 - self.in_force) * self.alone


def segments(place: Market | Region, market: Market, drawn: Drawn) -> tuple[Segment, ...]:
    """The payer segments of a place (the market, or a region of it); none where all can pay.

    In each segment P(ability to pay >= price - what the payer pays), at the list price with tax,
    which is what is asked of the patient. Segments that together exceed 1 (uncertain shares may)
    are scaled down to 1. With a national listing each segment stands twice: before it, and with
    the listed price and without those who have moved into the listed segment after it.
    """
    payers = place.payers or market.payers
    if not payers:
        return ()
    means = Means.of(place, market, drawn)
    price = by_month(drawn, market.price.list)
    shares = [by_month(drawn, payer.share) for payer in payers.values()]
    covered = np.maximum(sum(shares, np.zeros((1, 1))), 1.0)
    shares = [share / covered for share in shares]
    listing = market.national_listing
    paying = list(zip(payers.values(), shares, strict=True))
    if listing is None:
        return tuple(_segment(payer, share, price, means, drawn) for payer, share in paying)
    listed, moved = listed_share(listing, drawn), by_replication(drawn, listing.share)
    after = by_replication(drawn, listing.price)
    return (
        *(_segment(p, share * (1.0 - listed), price, means, drawn) for p, share in paying),
        *(_segment(p, share * listed * (1.0 - moved), after, means, drawn) for p, share in paying),
        _segment(listing, listed * moved, after, means, drawn),
    )


def _segment(
    payer: Payer | NationalListing, share: Floats, price: Floats, means: Means, drawn: Drawn
) -> Segment:
    in_force = np.ones((1, 1))
    if isinstance(payer, Payer) and (payer.begin is not None or payer.until is not None):
        in_force = window(drawn.calendar, payer.begin or drawn.calendar.start, payer.until).share
        in_force = in_force[None, :]
    return Segment(
        share=share,
        helped=on_changes(price, lambda p: means.able(p - reimbursed(payer, p, drawn))),
        alone=on_changes(price, means.able),
        in_force=in_force,
        paid=reimbursed(payer, price, drawn),
        budget=payer.budget_per_year,
        path=payer.path,
    )


def on_changes(price: Floats, function: Callable[[Floats], Floats]) -> Floats:
    """A function of the price, computed once for each price that there is in [1, M] months."""
    if price.shape[0] > 1 or price.shape[1] == 1:
        return function(price)
    different, month = np.unique(price[0], return_inverse=True)
    return function(different[None, :])[:, month]


def reimbursed(payer: Payer | NationalListing, price: Floats, drawn: Drawn) -> Floats:
    """What a payer in force pays of a price: its share, up to its cap."""
    paid: Floats = by_replication(drawn, payer.reimburses) * price
    return paid if payer.cap is None else np.minimum(paid, by_replication(drawn, payer.cap))


@dataclass(frozen=True)
class Means:
    """What households can raise, and what makes a price easier to bear."""

    median: Floats
    sigma: Floats
    drawn: Drawn
    instalments: Instalments | None = None
    guarantee: OutcomeGuarantee | None = None

    @classmethod
    def of(cls, place: Market | Region, market: Market, drawn: Drawn) -> Means:
        ability = place.ability_to_pay or market.ability_to_pay
        assert ability is not None  # the loader sees to it
        median = by_replication(drawn, ability.lognormal.median)
        sigma = by_replication(drawn, ability.lognormal.sigma)
        return cls(median, sigma, drawn, market.instalments, market.outcome_guarantee)

    def able(self, amount: Floats) -> Floats:
        """Share of the households that can pay an amount, at once or by instalments."""
        if self.guarantee is not None:
            amount = amount - expected_refund(self.guarantee, amount, self.drawn)
        at_once = able_to_pay(amount, self.median, self.sigma)
        if self.instalments is None:
            return at_once
        least = np.minimum(amount, needed_for_instalments(self.instalments, amount, self.drawn))
        offered = by_replication(self.drawn, self.instalments.offered_to)
        by_plan = able_to_pay(least, self.median, self.sigma)
        return np.asarray(at_once + offered * (by_plan - at_once))


def expected_refund(guarantee: OutcomeGuarantee, amount: Floats, drawn: Drawn) -> Floats:
    """What households count as given back of an amount that they pay."""
    refund = np.maximum(amount, 0.0) * by_replication(drawn, guarantee.refunds)
    if guarantee.cap is not None:
        refund = np.minimum(refund, by_replication(drawn, guarantee.cap))
    chance = by_replication(drawn, guarantee.no_response)
    return np.asarray(by_replication(drawn, guarantee.counted) * chance * refund)


def needed_for_instalments(plan: Instalments, amount: Floats, drawn: Drawn) -> Floats:
    """What a household must be able to raise once in order to pay an amount by instalments.

    Equal payments, the first at once, worth the amount at the financing rate (an annuity due). The
    household must raise one now, and one a year out of ``ability_of_later_years`` of what it can
    raise now.
    """
    discount = 1.0 / (1.0 + by_replication(drawn, plan.financing_rate))
    payments = np.sum([discount**year for year in range(plan.number)], axis=0)
    later = by_replication(drawn, plan.ability_of_later_years)
    weakest = np.minimum(later, 1.0)
    possible = weakest > 0
    return np.where(possible, amount / payments / np.where(possible, weakest, 1.0), np.inf)


def able_to_pay(amount: Floats, median: Floats, sigma: Floats) -> Floats:
    """P(X >= amount) for X lognormal with this median and standard deviation of the logarithm.

    Money in one currency; the arguments broadcast. 1 where nothing is to be paid.
    """
    from scipy.special import ndtr

    free = amount <= 0
    amount, possible = np.where(free, 1.0, amount), median > 0
    score = (np.log(np.where(possible, median, 1.0)) - np.log(amount)) / sigma
    return np.where(free, 1.0, np.where(possible, ndtr(score), 0.0))
