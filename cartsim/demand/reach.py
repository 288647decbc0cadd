"""Reach: the share of the eligible patients who are ordered for, by region and payer.

Without regions and budgets it is coverage * affordability * adoption * class share. Regions have
each their own, and a payer whose budget is used up pays no more until the year is over, which
depends on how many come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cartsim.demand.adoption import adoption, adoption_by_centre
from cartsim.demand.affordability import Payable, payable
from cartsim.demand.axes import by_month as monthly
from cartsim.demand.coverage import coverage
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import Market, Region
from cartsim.scenario.values import Series
from cartsim.units import Floats, Ints


@dataclass(frozen=True)
class Place:
    """A region, or the whole market: which share of the eligible live there, and of these who is in
    reach of a centre, and for whom physicians order; all broadcast to [R, M]."""

    share: Floats
    coverage: Floats
    adoption: Floats
    payable: Payable

    @cached_property
    def able(self) -> Floats:
        """Share who can pay, while all budgets last."""
        return self.payable.able

    @property
    def budgets(self) -> bool:
        return any(segment.budget is not None for segment in self.payable.segments)


def places(market: Market, launched: Ints, drawn: Drawn) -> tuple[Place, ...]:
    """The regions of a market, or the market as one."""
    if not market.regions:
        return (_place(market, market, np.ones((1, 1)), launched, drawn),)
    return tuple(
        _place(region, market, monthly(drawn, region.share), launched, drawn)
        for region in market.regions.values()
    )


def _place(
    place: Market | Region, market: Market, share: Floats, launched: Ints, drawn: Drawn
) -> Place:
    curve = place.adoption or market.adoption
    reached = coverage(place, market, drawn)
    if curve is not None and curve.per_centre == "yes":
        adopted = adoption_by_centre(curve, reached, launched, drawn)
    else:
        adopted = adoption(curve, launched, drawn)
    return Place(share, reached, adopted, payable(place, market, drawn))


def factors(found: tuple[Place, ...]) -> dict[str, Floats]:
    """Coverage, affordability and adoption of the market as one, while all budgets last.

    Means over the regions: coverage over the eligible, adoption over those in reach, affordability
    over those for whom a physician would order.
    """
    if len(found) == 1 and found[0].share.shape == (1, 1) and found[0].share[0, 0] == 1.0:
        (one,) = found
        return {"coverage": one.coverage, "affordability": one.able, "adoption": one.adoption}
    nobody = np.zeros((1, 1))
    in_reach = [p.share * p.coverage for p in found]
    for_whom = [w * p.adoption for w, p in zip(in_reach, found, strict=True)]
    reached, ordered = sum(in_reach, nobody), sum(for_whom, nobody)
    paid = sum((w * p.able for w, p in zip(for_whom, found, strict=True)), nobody)
    # where nobody orders yet, what those in reach could pay
    could = sum((w * p.able for w, p in zip(in_reach, found, strict=True)), nobody)
    able = np.where(ordered > 0, share_of(paid, ordered), share_of(could, reached))
    return {
        "coverage": reached,
        "affordability": able,
        "adoption": share_of(ordered, reached),
    }


def share_of(part: Floats, whole: Floats) -> Floats:
    """Part / whole, and 0 where there is nothing."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)


class Budgets:
    """What payers have left in the running year, month by month; changes as the months are told.

    A payer whose segment stands in several regions has one budget. Money is spent as orders come:
    in a month, what is left pays for a part of the segment's patients, and the rest pay alone.
    """

    def __init__(self, found: tuple[Place, ...], class_share: Floats, drawn: Drawn) -> None:
        shape = (len(drawn.replications), drawn.calendar.months)
        self._year = drawn.calendar.year_of_month
        self._free = np.zeros(shape)
        self._limited: list[tuple[str, Mapping[str, Floats]]] = []
        limits: dict[str, Series] = {}
        for place in found:
            would = place.share * place.coverage * place.adoption * class_share
            by_month = place.payable.by_month
            if not place.payable.segments:
                self._free = self._free + would
            for segment in place.payable.segments:
                if segment.budget is None:
                    self._free = self._free + would * by_month(segment.share * segment.able)
                    continue
                self._free = self._free + would * by_month(segment.share * segment.alone)
                helped = segment.share * segment.in_force * segment.helped
                unhelped = segment.share * segment.in_force * segment.alone
                more = would * by_month(helped - unhelped)
                spends = would * by_month(helped * segment.paid)
                arrays = {"more": more, "spends": spends}
                shown = {name: np.broadcast_to(a, shape) for name, a in arrays.items()}
                self._limited.append((segment.path, shown))
                limits[segment.path] = segment.budget
        self._free = np.broadcast_to(self._free, shape)
        yearly = drawn.calendar.month_years
        self._granted = {
            path: np.broadcast_to(monthly(drawn, series) * yearly, shape)
            for path, series in limits.items()
        }
        self._left: dict[str, Floats] = {}
        self._spent: dict[str, Floats] = {}

    def reach(self, month: int, eligible: Floats) -> Floats:
        """Share of the eligible patients [R] of a month who are ordered for, [R]."""
        if month == 0 or self._year[month] != self._year[month - 1]:
            year = self._year == self._year[month]
            self._left = {path: g[:, year].sum(axis=1) for path, g in self._granted.items()}
        asked = {path: np.zeros(len(eligible)) for path in self._left}
        for path, arrays in self._limited:
            asked[path] = asked[path] + eligible * arrays["spends"][:, month]
        part = {
            path: np.minimum(share_of(self._left[path], want), 1.0) for path, want in asked.items()
        }
        reached = self._free[:, month]
        for path, arrays in self._limited:
            reached = reached + part[path] * arrays["more"][:, month]
        self._spent = {path: part[path] * want for path, want in asked.items()}
        return np.maximum(reached, 0.0)

    def spend(self, expected: Floats, orders: Ints) -> None:
        """Take what the orders [R] of the month cost from what is left; ``expected`` [R] is what
        the money asked for was reckoned with."""
        scale = share_of(orders.astype(np.float64), expected)
        for path, spent in self._spent.items():
            self._left[path] = np.maximum(self._left[path] - spent * scale, 0.0)
