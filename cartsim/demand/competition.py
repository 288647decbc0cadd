"""Competition: the product's share of the orders in its class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.compiled import compiled
from cartsim.demand.axes import by_month, by_replication
from cartsim.demand.launch import launched_at, list_price
from cartsim.demand.months import coming, share_after
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import Choice, Competitor, Market
from cartsim.scenario.model import Product, Scenario
from cartsim.units import Floats, Ints


@dataclass(frozen=True)
class Seller:
    """A product of the class: when it comes (int64[R, 1] or [1, 1] minutes) and goes, and what
    speaks for it; ``None`` is as with the product in question. Arrays broadcast to [R, M]."""

    begin: Ints
    until: Ints | None
    attraction: Floats
    price: Floats | None
    efficacy: Floats | None
    wait: Floats | None


def class_share(scenario: Scenario, product: Product, market: Market, drawn: Drawn) -> Floats:
    """Share of the class that chooses the product, broadcastable to [R, M].

    ``class_share`` where it is given; else attraction / (attraction + those of the competitors on
    the market), averaged over the days of a month in which one enters or goes. A product of
    attraction 0 has no share.
    """
    if market.class_share is not None:
        return by_month(drawn, market.class_share)
    if not market.competitors:
        return np.where(by_replication(drawn, market.attraction) > 0, 1.0, 0.0)
    own = seller_of(product, market, drawn)
    rivals = [_rival(scenario, each, drawn) for each in market.competitors.values()]
    own_weight, *weights = attractions([own, *rivals], market.choice, drawn)
    comings = [(rival.begin, weight) for rival, weight in zip(rivals, weights, strict=True)]
    goings = [
        (np.maximum(rival.until, rival.begin), -weight)
        for rival, weight in zip(rivals, weights, strict=True)
        if rival.until is not None
    ]
    return share_over_time(own_weight, [*comings, *goings], drawn)


def attractions(sellers: Sequence[Seller], choice: Choice | None, drawn: Drawn) -> list[Floats]:
    """The weight of each seller against the first, by what physicians look at.

    With the exponents of ``choice``: written attraction * n ** -order * (price / own price) **
    -price * exp(efficacy * (rate - own rate)) * exp(-wait * (days - own days)), which is a logit of
    the logarithms. n is the place in the order of entry, the same for those who enter together.
    """
    first = sellers[0]
    weights = [seller.attraction for seller in sellers]
    if choice is None:
        return weights
    if choice.order_of_entry.constant != 0.0:
        exponent = by_replication(drawn, choice.order_of_entry)
        for index, seller in enumerate(sellers):
            earlier = sum((other.begin < seller.begin).astype(np.int64) for other in sellers)
            weights[index] = weights[index] * (1.0 + earlier) ** -exponent
    if choice.price.constant != 0.0 and first.price is not None:
        elasticity = by_replication(drawn, choice.price)
        for index, seller in enumerate(sellers[1:], 1):
            if seller.price is not None:
                dear = np.log(np.maximum(seller.price, 1e-9) / np.maximum(first.price, 1e-9))
                weights[index] = weights[index] * np.exp(-elasticity * dear)
    for weight, of in ((choice.efficacy, "efficacy"), (choice.wait, "wait")):
        own = getattr(first, of)
        if weight.constant == 0.0 or own is None:
            continue
        sign = 1.0 if of == "efficacy" else -1.0
        for index, seller in enumerate(sellers[1:], 1):
            theirs = getattr(seller, of)
            if theirs is not None:
                scale = sign * by_replication(drawn, weight)
                weights[index] = weights[index] * np.exp(scale * (theirs - own))
    return weights


def share_over_time(own: Floats, changes: Sequence[tuple[Ints, Floats]], drawn: Drawn) -> Floats:
    """Own / (own + others) where others change by an amount at a minute, as means of months."""
    ordered = _in_time(changes, drawn)
    total, levels = own, [np.where(own > 0, 1.0, 0.0)]
    for _, change in ordered:
        total = np.maximum(total + change, own)
        levels.append(np.where(total > 0, own / np.where(total > 0, total, 1.0), 0.0))
    minutes = [minute for minute, _ in ordered]
    if max(level.shape[1] for level in levels) == 1 and any(m.size > 1 for m in minutes):
        rows = (len(drawn.replications), 1)
        share = np.empty((rows[0], drawn.calendar.months))
        columns = [
            np.concatenate([np.broadcast_to(a, rows) for a in arrays], axis=1)
            for arrays in (levels, minutes)
        ]
        _fill_shares(share, columns[0], columns[1], drawn.calendar.month_start)
        return share
    share = levels[0]
    for minute, before, after in zip(minutes, levels, levels[1:], strict=False):
        share = share - share_after(drawn.calendar, minute) * (before - after)
    return np.clip(share, 0.0, 1.0)


@compiled
def _fill_shares(share: Floats, levels: Floats, minutes: Ints, month_start: Ints) -> None:
    """Means of months of a level that changes to the next one at each minute, in order.

    ``share`` is float64[R, M], ``levels`` float64[R, E + 1], ``minutes`` int64[R, E].
    """
    for row in range(share.shape[0]):
        for month in range(share.shape[1]):
            opening, closing = month_start[month], month_start[month + 1]
            value = levels[row, 0]
            for event in range(minutes.shape[1]):
                minute = minutes[row, event]
                if minute >= closing:
                    break
                part = 1.0 if minute <= opening else (closing - minute) / (closing - opening)
                value -= part * (levels[row, event] - levels[row, event + 1])
            share[row, month] = min(max(value, 0.0), 1.0)


def _in_time(changes: Sequence[tuple[Ints, Floats]], drawn: Drawn) -> list[tuple[Ints, Floats]]:
    """The changes in the order in which they come, in each replication."""
    if all(minute.size == 1 for minute, _ in changes):
        return sorted(changes, key=lambda change: int(change[0][0, 0]))
    rows = len(drawn.replications)
    minutes = np.concatenate([np.broadcast_to(m, (rows, 1)) for m, _ in changes], axis=1)
    order = np.argsort(minutes, axis=1, kind="stable")
    longest = max(amount.shape[1] for _, amount in changes)
    amounts = np.stack([np.broadcast_to(amount, (rows, longest)) for _, amount in changes], axis=1)
    row = np.arange(rows)
    return [
        (minutes[row, order[:, place]][:, None], amounts[row, order[:, place]])
        for place in range(len(changes))
    ]


def seller_of(product: Product, market: Market, drawn: Drawn) -> Seller:
    """The product itself, as its class sees it."""
    efficacy, wait = market.efficacy, market.wait_days
    return Seller(
        begin=launched_at(product, market, drawn),
        until=None,
        attraction=by_replication(drawn, market.attraction),
        price=list_price(market, drawn),
        efficacy=None if efficacy is None else by_replication(drawn, efficacy),
        wait=None if wait is None else by_replication(drawn, wait),
    )


def _rival(scenario: Scenario, rival: Competitor, drawn: Drawn) -> Seller:
    if rival.product is not None:
        name, _, key = rival.product.partition(".")
        product = scenario.products[name]
        return seller_of(product, product.markets[key], drawn)
    assert rival.begin is not None  # the loader sees to it that one of two keys is there
    until = rival.until
    last = None if until is None else np.full((1, 1), drawn.calendar.minute(until), dtype=np.int64)
    efficacy, wait = rival.efficacy, rival.wait_days
    return Seller(
        begin=coming(drawn, rival.begin, rival.delay_months, rival.probability),
        until=last,
        attraction=by_replication(drawn, rival.attraction),
        price=None if rival.price is None else by_month(drawn, rival.price),
        efficacy=None if efficacy is None else by_replication(drawn, efficacy),
        wait=None if wait is None else by_replication(drawn, wait),
    )
