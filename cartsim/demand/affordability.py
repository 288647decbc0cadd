"""Affordability: the share of the patients whose household can pay what the payer does not."""

from __future__ import annotations

from collections.abc import Sequence
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
from cartsim.units import Floats, Ints


@dataclass(frozen=True)
class Segment:
    """Patients of one payer; all arrays broadcast to [R, K], K as in :class:`Payable`.

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
        return self.alone + self.in_force * (self.helped - self.alone)


@dataclass(frozen=True)
class Payable:
    """The segments of a place, for K kinds of month: ``month``, int64[M], tells which kind each
    month is. Months in which prices, shares and payers are the same are computed once."""

    segments: tuple[Segment, ...]
    month: Ints

    def by_month(self, values: Floats) -> Floats:
        """Values of the kinds of month, by month."""
        return values if values.shape[1] == 1 else values[:, self.month]

    @property
    def able(self) -> Floats:
        """Share of the patients who can pay while all budgets last, broadcastable to [R, M]; all
        where there are no payers."""
        if not self.segments:
            return np.ones((1, 1))
        able = sum((s.share * s.able for s in self.segments), np.zeros((1, 1)))
        return self.by_month(np.minimum(able, 1.0))


def payable(place: Market | Region, market: Market, drawn: Drawn) -> Payable:
    """Who can pay in a place (the market, or a region of it).

    In each segment P(ability to pay >= price - what the payer pays), at the list price with tax,
    which is what is asked of the patient. Segments that together exceed 1 (uncertain shares may)
    are scaled down to 1. With a national listing each segment stands twice: before it, and with
    the listed price and without those who have moved into the listed segment after it.
    """
    payers, listing = list((place.payers or market.payers).values()), market.national_listing
    if not payers:
        return Payable((), np.zeros(drawn.calendar.months, dtype=np.int64))
    shares = [by_month(drawn, payer.share) for payer in payers]
    covered = np.maximum(sum(shares, np.zeros((1, 1))), 1.0)
    listed = np.zeros((1, 1)) if listing is None else listed_share(listing, drawn)
    (price, listed, *rest), month = kinds_of_month(
        [
            by_month(drawn, market.price.list),
            listed,
            *(share / covered for share in shares),
            *(_in_force(payer, drawn) for payer in payers),
        ]
    )
    shares, in_force = rest[: len(payers)], rest[len(payers) :]
    means = Means.of(place, market, drawn)
    found = [
        _segment(payer, share * (1.0 - listed), force, price, means, drawn)
        for payer, share, force in zip(payers, shares, in_force, strict=True)
    ]
    if listing is not None:
        after, moved = by_replication(drawn, listing.price), by_replication(drawn, listing.share)
        found += [
            _segment(payer, share * listed * (1.0 - moved), force, after, means, drawn)
            for payer, share, force in zip(payers, shares, in_force, strict=True)
        ]
        always = np.ones((1, 1))
        found.append(_segment(listing, listed * moved, always, after, means, drawn))
    return Payable(tuple(found), month)


def kinds_of_month(arrays: Sequence[Floats]) -> tuple[list[Floats], Ints]:
    """Arrays [R, M] or of length 1 along an axis, with one month of each kind left; and which kind
    each month is. Where one of them differs by replication and month, every month is a kind."""
    months = max(array.shape[1] for array in arrays)
    if any(array.shape[0] > 1 and array.shape[1] > 1 for array in arrays):
        return list(arrays), np.arange(months)
    varying = [array[0] for array in arrays if array.shape[1] > 1]
    if not varying:
        return list(arrays), np.zeros(months, dtype=np.int64)
    _, first, kind = np.unique(np.stack(varying), axis=1, return_index=True, return_inverse=True)
    return [a[:, first] if a.shape[1] > 1 else a for a in arrays], kind.ravel().astype(np.int64)


def _in_force(payer: Payer, drawn: Drawn) -> Floats:
    if payer.begin is None and payer.until is None:
        return np.ones((1, 1))
    return window(drawn.calendar, payer.begin or drawn.calendar.start, payer.until).share[None, :]


def _segment(
    payer: Payer | NationalListing,
    share: Floats,
    in_force: Floats,
    price: Floats,
    means: Means,
    drawn: Drawn,
) -> Segment:
    paid, alone = reimbursed(payer, price, drawn), means.able(price)
    nothing = payer.reimburses.constant == 0.0
    return Segment(
        share=share,
        helped=alone if nothing else means.able(price - paid),
        alone=alone,
        in_force=in_force,
        paid=paid,
        budget=payer.budget_per_year,
        path=payer.path,
    )


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
