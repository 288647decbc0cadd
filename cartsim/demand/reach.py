"""Reach: the share of the eligible patients who are ordered for, by region and payer.

Without regions and budgets it is coverage * affordability * adoption * class share. Regions have
each their own, and a payer whose budget is used up pays no more until the year is over, which
depends on how many come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cartsim.demand.adoption import adoption, adoption_by_centre
from cartsim.demand.affordability import Segment, segments
from cartsim.demand.axes import by_month
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
    segments: tuple[Segment, ...]

    @property
    def able(self) -> Floats:
        """Share who can pay, while all budgets last."""
        if not self.segments:
            return np.ones((1, 1))
        able = sum((s.share * s.able for s in self.segments), np.zeros((1, 1)))
        return np.minimum(able, 1.0)

    @property
    def budgets(self) -> bool:
        return any(segment.budget is not None for segment in self.segments)


def places(market: Market, launched: Ints, drawn: Drawn) -> tuple[Place, ...]:
    """The regions of a market, or the market as one."""
    if not market.regions:
        return (_place(market, market, np.ones((1, 1)), launched, drawn),)
    return tuple(
        _place(region, market, by_month(drawn, region.share), launched, drawn)
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
    return Place(share, reached, adopted, segments(place, market, drawn))


def factors(found: tuple[Place, ...]) -> dict[str, Floats]:
    """Coverage, affordability and adoption of the market as one, while all budgets last.

    Means over the regions: coverage over the eligible, adoption over those in reach, affordability
    over those for whom a physician would order.
    """
    if len(found) == 1 and found[0].share.shape == (1, 1) and found[0].share[0, 0] == 1.0:
        (one,) = found
        return {"coverage": one.coverage, "affordability": one.able, "adoption": one.adoption}
    nobody = np.zeros((1, 1))
    reached = sum((p.share * p.coverage for p in found), nobody)
    ordered = sum((p.share * p.coverage * p.adoption for p in found), nobody)
    paid = sum((p.share * p.coverage * p.adoption * p.able for p in found), nobody)
    return {
        "coverage": reached,
        "affordability": share_of(paid, ordered),
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
            if not place.segments:
                self._free = self._free + would
            for segment in place.segments:
                weight = would * segment.share
                if segment.budget is None:
                    self._free = self._free + weight * segment.able
                    continue
                self._free = self._free + weight * segment.alone
                more = weight * segment.in_force * (segment.helped - segment.alone)
                spends = weight * segment.in_force * segment.helped * segment.paid
                arrays = {"more": more, "spends": spends}
                shown = {name: np.broadcast_to(a, shape) for name, a in arrays.items()}
                self._limited.append((segment.path, shown))
                limits[segment.path] = segment.budget
        self._free = np.broadcast_to(self._free, shape)
        yearly = drawn.calendar.month_years
        self._granted = {
            path: np.broadcast_to(by_month(drawn, series) * yearly, shape)
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
