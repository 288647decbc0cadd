"""How volume and sales answer to the list price of one market, from the demand alone.

No lot is made: the same draws meet one price after the other, so what differs is the price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.demand.axes import by_month
from cartsim.demand.launch import list_price
from cartsim.demand.orders import demand
from cartsim.errors import UsageError
from cartsim.sampling.drawn import draw
from cartsim.scenario.fields import constant
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.model import Scenario
from cartsim.scenario.part import nearest
from cartsim.scenario.values import Quantity
from cartsim.units import Calendar, Floats

TOGETHER = 1_024
"""Replications that are drawn together; of no influence on the values."""


@dataclass(frozen=True)
class PriceCurve:
    """Orders and sales of a market in one period at several list prices, in its currency.

    ``prices`` is float64[P]; ``orders`` (expected orders) and ``sales`` (of those orders at list
    price less tax and deductions) are float64[R, P]; ``now`` is the mean list price of the period
    as the scenario has it.
    """

    market: str
    period: str
    currency: str
    prices: Floats
    orders: Floats
    sales: Floats
    now: float

    @property
    def best(self) -> int:
        """The price at which mean sales are largest."""
        return int(np.argmax(self.sales.mean(axis=0)))

    @property
    def best_by_replication(self) -> Floats:
        """The price at which sales are largest in each replication, float64[R]."""
        return np.asarray(self.prices[np.argmax(self.sales, axis=1)])

    def at(self, price: float, of: Floats) -> float:
        """Mean of orders or sales at a price between those computed."""
        return float(np.interp(price, self.prices, of.mean(axis=0)))

    def elasticity(self, price: float) -> float:
        """Percent of orders that one percent of price costs, about a price; negative."""
        step = 1.02
        below, above = (self.at(price * s, self.orders) for s in (1 / step, step))
        if below <= 0 or above <= 0:
            return float("nan")
        return float(np.log(above / below) / (2 * np.log(step)))


def standard_error(values: Floats) -> Floats:
    """Of the means over replications, float64[P]; NaN of one replication."""
    if len(values) < 2:
        return np.full(values.shape[1], np.nan)
    return np.asarray(values.std(axis=0, ddof=1) / np.sqrt(len(values)))


def price_grid(lowest: float, highest: float, points: int) -> list[float]:
    """Prices at equal ratios, both ends among them."""
    return [float(price) for price in np.geomspace(lowest, highest, points)]


def market_of(model: Scenario, name: str | None) -> str:
    """``product.market`` of a market whose demand is modelled; the only one if none is named."""
    modelled = [
        f"{product}.{market}"
        for product, of in model.products.items()
        for market, found in of.markets.items()
        if found.orders is None
    ]
    if name is None and len(modelled) == 1:
        return modelled[0]
    if name is None:
        raise UsageError(f"name one of the markets: {', '.join(modelled) or 'none is modelled'}")
    if name not in modelled:
        hint = nearest(name, modelled)
        raise UsageError(f"{name!r} is no market whose orders are modelled; {hint}")
    return name


def price_curve(
    loaded: Loaded,
    market: str,
    prices: Sequence[float],
    *,
    period: str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PriceCurve:
    """Orders and sales of a market in a calendar year (the run's last if not given) at prices.

    Each price holds for the whole run, also where the scenario's price changes with time or by a
    national listing. Raises ``UsageError`` for a period that the run does not have.
    """
    model = loaded.model
    calendar = Calendar(model.run.start, model.run.years)
    years = dict(calendar.periods("year"))
    period = period or list(years)[-1]
    if period not in years:
        raise UsageError(f"no year {period!r} in this run; {nearest(period, years)}")
    months = years[period]
    total = model.run.replications if replications is None else replications
    if total < 1:
        raise UsageError("at least one replication is needed")
    wanted = model.run.seed if seed is None else seed
    product, _, name = market.partition(".")
    orders, sales = np.empty((total, len(prices))), np.empty((total, len(prices)))
    now = []
    for first in range(0, total, TOGETHER):
        rows = range(first, min(first + TOGETHER, total))
        drawn = draw(model, wanted, rows)
        terms = model.products[product].markets[name]
        listed = np.broadcast_to(list_price(terms, drawn), (len(rows), calendar.months))
        now.append(listed[:, months].mean(axis=1))
        kept = (1.0 - by_month(drawn, terms.price.deductions)) / (
            1.0 + drawn.value(terms.price.value_added_tax)[:, None]
        )
        for index, price in enumerate(prices):
            priced = _at(model, product, name, price)
            found = demand(priced, draw(priced, wanted, rows))
            (here,) = (each for each in found if (each.product, each.market) == (product, name))
            orders[rows.start : rows.stop, index] = here.expected[:, months].sum(axis=1)
            net = (here.expected * price * kept)[:, months]
            sales[rows.start : rows.stop, index] = net.sum(axis=1)
            if progress is not None:
                progress(rows.start * len(prices) + (index + 1) * len(rows), total * len(prices))
    currency = model.products[product].markets[name].currency or model.currency
    mean = float(np.concatenate(now).mean())
    return PriceCurve(market, period, currency, np.asarray(prices), orders, sales, mean)


def _at(model: Scenario, product: str, market: str, price: float) -> Scenario:
    """The scenario with one list price of a market for the whole run."""
    terms = model.products[product].markets[market]
    flat = constant(terms.price.list.path, price, terms.price.list.unit)
    listing = terms.national_listing
    if listing is not None:
        # the price is what is asked about, so it is that of the listing too
        level = Quantity(listing.price.path, price, listing.price.unit)
        listing = listing.model_copy(update={"price": level})
    changed = terms.model_copy(
        update={
            "price": terms.price.model_copy(update={"list": flat}),
            "national_listing": listing,
        }
    )
    owner = model.products[product]
    markets = {**owner.markets, market: changed}
    products = {**model.products, product: owner.model_copy(update={"markets": markets})}
    return model.model_copy(update={"products": products})
