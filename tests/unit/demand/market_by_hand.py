"""One product in one market, written by hand, and what is drawn for it."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent

from cartsim.demand.arrivals import Arrivals, arrivals
from cartsim.demand.orders import Demand, demand
from cartsim.sampling.drawn import Drawn, draw
from cartsim.scenario.load import load_text
from cartsim.scenario.market import Market
from cartsim.scenario.model import Scenario

HEAD = """
cartsim: 1
title: a market by hand
run: {{start: {start}, years: {years}, seed: {seed}}}
currency: CNY
company: {{opening_cash: 0, tax: {{}}, discount_rate: 10%}}
plants: {{works: {{resources: {{}}}}}}
products:
"""
PRODUCT = """
  {product}:
    workflow: autologous
    launch: {launch}
    plant: works
    route:
      order: [apheresis, production, delivery, infusion]
      steps:
        apheresis: {{role: collection, duration: 1}}
        production: {{role: production, duration: 1}}
        delivery: {{role: delivery, duration: 1}}
        infusion: {{role: infusion, duration: 1}}
    attrition: {{}}
    markets:
"""


@dataclass(frozen=True)
class World:
    """A scenario with its draws, demands and arrivals."""

    scenario: Scenario
    drawn: Drawn

    @property
    def market(self) -> Market:
        (product,) = self.scenario.products.values()
        (market,) = product.markets.values()
        return market

    @property
    def demands(self) -> tuple[Demand, ...]:
        return demand(self.scenario, self.drawn)

    @property
    def demand(self) -> Demand:
        (only,) = self.demands
        return only

    @property
    def arrivals(self) -> Arrivals:
        return arrivals(self.scenario, self.drawn, self.demands)


def world(
    *markets: str | tuple[str, str, str],
    start: str = "2024-01-01",
    years: int = 2,
    launch: str = "2024-01-01",
    seed: int = 1,
    replications: range | int = 2,
) -> World:
    """A scenario of these markets: the YAML of one market (without its price where none is said),
    or ``(product, market, YAML)`` each."""
    named = [("alpha", "home", entry) if isinstance(entry, str) else entry for entry in markets]
    text = HEAD.format(start=start, years=years, seed=seed)
    for product in dict.fromkeys(product for product, _, _ in named):
        text += PRODUCT.format(product=product, launch=launch).removeprefix("\n")
        for owner, market, body in named:
            if owner == product:
                body = dedent(body).strip()
                body += "" if "price:" in body else "\nprice: {list: 1m}"
                text += f"      {market}:\n" + indent(body, " " * 8) + "\n"
    rows = range(replications) if isinstance(replications, int) else replications
    scenario = load_text(text).model
    return World(scenario, draw(scenario, seed, rows))
