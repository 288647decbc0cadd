"""When a market is launched, and what its doses are listed at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.demand.development import approved_at
from cartsim.demand.months import coming, share_after
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import Market, NationalListing
from cartsim.scenario.model import Product, Scenario
from cartsim.units import Floats, Ints


def launch_of(product: Product, market: Market) -> date:
    """The planned launch in a market: its own, else that of the product, else the earliest end of
    its development's stages, as they are expected."""
    planned = market.launch or product.launch
    if planned is not None:
        return planned
    assert product.development is not None  # the loader sees to it
    return product.development.begin


def launched_at(product: Product, market: Market, drawn: Drawn) -> Ints:
    """The minute of the launch, int64[R, 1] or [1, 1]; the run's end where there is none."""
    development = product.development
    planned = launch_of(product, market)
    if development is not None:
        approved = approved_at(development, drawn)
        own = coming(drawn, planned, market.launch_delay_months, market.approval_probability)
        if market.launch is not None:
            return np.where(approved < drawn.calendar.horizon, np.maximum(own, approved), approved)
        slip = own - drawn.calendar.minute(planned)
        comes = own < drawn.calendar.horizon
        return np.where(
            comes, np.minimum(approved + slip, drawn.calendar.horizon), drawn.calendar.horizon
        )
    return coming(drawn, planned, market.launch_delay_months, market.approval_probability)


def first_launch(scenario: Scenario, markets: Iterable[str], drawn: Drawn) -> Ints:
    """The minute of the earliest launch among markets (``product.market``, at least one), int64[R,
    1] or [1, 1]."""
    launches = []
    for name in markets:
        product, _, market = name.partition(".")
        owner = scenario.products[product]
        launches.append(launched_at(owner, owner.markets[market], drawn))
    found: Ints = np.minimum.reduce(np.broadcast_arrays(*launches))
    return found


def listed_share(listing: NationalListing, drawn: Drawn) -> Floats:
    """Share of each month in which a national listing holds, [R, M] or [1, M]."""
    begin = coming(drawn, listing.begin, listing.delay_months, listing.probability)
    return share_after(drawn.calendar, begin)


def list_price(market: Market, drawn: Drawn) -> Floats:
    """List price of a dose with tax, in the market's currency, the mean of each month;
    broadcastable to [R, M]."""
    price = by_month(drawn, market.price.list)
    if market.national_listing is None:
        return price
    listed = listed_share(market.national_listing, drawn)
    after = by_replication(drawn, market.national_listing.price)
    return np.asarray(price + listed * (after - price))
